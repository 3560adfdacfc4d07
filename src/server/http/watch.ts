import { internalError, isStatus, StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { CacheEvent, Reader } from '../cache/types.ts'
import type { WatchStream } from '../registry/request.ts'
import type { Closing, Ending } from './closing.ts'
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
  /** Called once for each, when it has ended. */
  readonly onOver: (watch: Sent) => void
}

/** Of which watch something is said. */
export interface Sent {
  readonly exchange: Exchange
  readonly identity: string
  readonly resource: string
}

export interface WatchToSend extends Sent {
  readonly events: WatchStream
  readonly frames: WatchFrames
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
    whenReady: reader => reader.ready(),
    [Symbol.asyncIterator]: () => watch,
  }
  return watch
}

/** Sends a watch until it ends or its client goes away. The headers go out at once; the events of one tick are one write. */
export function sendWatch(serving: WatchServing, watch: WatchToSend, headers: ResponseHeaders): void {
  new SentWatch(serving, watch, watch.exchange.openOutlet(200, headers)).begin()
}

/**
 * Between changes a watch is this object and nothing that waits: agents have tens of thousands open, suspended functions are kilobytes,
 * and each function of its own would be as large as half of this.
 */
class SentWatch implements Sent, Reader, Ending {
  readonly exchange: Exchange
  readonly identity: string
  readonly resource: string
  readonly #serving: WatchServing
  readonly #events: WatchStream
  readonly #frames: WatchFrames
  readonly #out: Outlet
  /** Changes of before were not waited for. */
  readonly #since = performance.now()

  constructor(serving: WatchServing, { exchange, events, frames, identity, resource }: WatchToSend, out: Outlet) {
    this.#serving = serving
    this.exchange = exchange
    this.#events = events
    this.#frames = frames
    this.identity = identity
    this.resource = resource
    this.#out = out
  }

  begin(): void {
    this.#serving.closing.add(this)
    this.exchange.endWhenGone(this)
    this.#events.whenReady(this)
  }

  end(): void {
    void this.#events.return()
  }

  ready(): void {
    void this.#send()
  }

  async #send(): Promise<void> {
    try {
      const { done, value } = await this.#events.next()
      if (!done && (await this.#write(value))) return this.#events.whenReady(this)
    } catch (error) {
      if (!(error instanceof StatusError)) this.#serving.onError(this.resource, error)
      if (!this.#out.destroyed) this.#out.write(errorFrame(error instanceof StatusError ? error : internalError('the watch failed')))
    }
    this.#leave()
  }

  /** False: there is nobody to write to. */
  async #write(batch: readonly CacheEvent[]): Promise<boolean> {
    const { exchange, identity } = this
    const { clock, turns, slices } = this.#serving
    const many = batch.length > FEW
    if (!many && !turns.take(identity)) await turns.turn(identity)
    for (let next = 0; next < batch.length; ) {
      // A long first state is written in pieces, so that no other client waits for it.
      if (many || next > 0) await slices.turn(identity)
      if (exchange.aborted || this.#out.destroyed) return false
      const piece = this.#frames.piece(batch, next, SLICE_BYTES)
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

  #leave(): void {
    void this.#events.return()
    this.#serving.closing.leave(this)
    if (!this.#out.destroyed) this.#out.end()
    this.#serving.onOver(this)
  }
}
