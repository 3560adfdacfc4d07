import { internalError, isStatus, StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { CacheEvent } from '../cache/types.ts'
import type { WatchStream } from '../registry/request.ts'
import type { Closing } from './closing.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import type { Outlet } from './outlet.ts'
import { SLICE_BYTES } from './send.ts'
import type { Turns } from './turns.ts'
import { errorFrame, type WatchFrames } from './watch-frames.ts'

/** What all watches share. */
export interface WatchServing {
  readonly clock: Clock
  readonly turns: Turns
  /** Of the pieces of first states. */
  readonly slices: Turns
  readonly closing: Closing
  /** Told of each change that was handed to a connection: milliseconds since it was durable. */
  readonly onDelivered: (milliseconds: number) => void
  readonly onError: (resource: string, error: unknown) => void
}

export interface WatchToSend {
  readonly exchange: Exchange
  readonly events: WatchStream
  readonly frames: WatchFrames
  readonly identity: string
  readonly resource: string
  /** Called once, when it has ended. */
  readonly over: () => void
}

/** As many events are a change or some, not a first state. */
const FEW = 10

/**
 * A watch that begins too far back is told so by an event, as one that falls behind: clients that follow events look
 * there, and some take another code than 200 for the end of all.
 */
export async function opened(opening: Promise<WatchStream>): Promise<WatchStream> {
  try {
    return await opening
  } catch (error) {
    if (!isStatus(error, 'Expired')) throw error
    return failing(error)
  }
}

function failing(error: unknown): WatchStream {
  const watch: WatchStream = {
    next: () => Promise.reject(error),
    return: async () => ({ done: true, value: undefined }),
    whenReady: call => call(),
    [Symbol.asyncIterator]: () => watch,
  }
  return watch
}

/** Sends a watch until it ends or its client goes away. The headers go out at once; the events of one tick are one write. */
export function sendWatch(serving: WatchServing, watch: WatchToSend, headers: ResponseHeaders): void {
  new SentWatch(serving, watch, watch.exchange.openOutlet(200, headers)).begin()
}

/** Between changes a watch is this object and nothing that waits: agents have tens of thousands open, and suspended functions are kilobytes. */
class SentWatch {
  readonly #serving: WatchServing
  readonly #watch: WatchToSend
  readonly #out: Outlet
  /** Changes of before were not waited for. */
  readonly #since = performance.now()
  readonly #go = () => void this.#send()
  readonly #stop = () => void this.#watch.events.return()

  constructor(serving: WatchServing, watch: WatchToSend, out: Outlet) {
    this.#serving = serving
    this.#watch = watch
    this.#out = out
  }

  begin(): void {
    const { exchange, events } = this.#watch
    this.#serving.closing.add(this.#stop)
    exchange.whenGone(this.#stop)
    events.whenReady(this.#go)
  }

  async #send(): Promise<void> {
    const { events, resource } = this.#watch
    try {
      const { done, value } = await events.next()
      if (!done && (await this.#write(value))) return events.whenReady(this.#go)
    } catch (error) {
      if (!(error instanceof StatusError)) this.#serving.onError(resource, error)
      if (!this.#out.destroyed) this.#out.write(errorFrame(error instanceof StatusError ? error : internalError('the watch failed')))
    }
    this.#end()
  }

  /** False: there is nobody to write to. */
  async #write(batch: readonly CacheEvent[]): Promise<boolean> {
    const { exchange, frames, identity } = this.#watch
    const { clock, turns, slices } = this.#serving
    const many = batch.length > FEW
    if (!many && !turns.take(identity)) await turns.turn(identity)
    for (let next = 0; next < batch.length; ) {
      // A long first state is written in pieces, so that no other client waits for it.
      if (many || next > 0) await slices.turn(identity)
      if (exchange.aborted || this.#out.destroyed) return false
      const piece = frames.piece(batch, next, SLICE_BYTES)
      const from = next
      next = piece.next
      const more = this.#out.write(piece.written)
      this.#tell(batch, from, next)
      if (!more) await this.#out.drained(clock)
    }
    return true
  }

  #tell(batch: readonly CacheEvent[], from: number, to: number): void {
    const now = performance.now()
    for (let i = from; i < to; i++) {
      const event = batch[i]!
      if (event.type !== 'BOOKMARK' && event.decidedAt !== undefined && event.decidedAt >= this.#since) this.#serving.onDelivered(now - event.decidedAt)
    }
  }

  #end(): void {
    const { events, over } = this.#watch
    void events.return()
    this.#serving.closing.leave(this.#stop)
    if (!this.#out.destroyed) this.#out.end()
    over()
  }
}
