import { internalError, isStatus, StatusError } from '../../api/meta/status.ts'
import { draining } from '../../base/node/draining.ts'
import type { WatchStream } from '../registry/request.ts'
import type { Closing } from './closing.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import { SLICE_BYTES, type Slicing } from './send.ts'
import type { Turns } from './turns.ts'
import { errorFrame, type WatchFrames } from './watch-frames.ts'

export interface WatchServing extends Slicing {
  readonly turns: Turns
  readonly closing: Closing
  readonly headers: ResponseHeaders
  readonly onError: (error: unknown) => void
}

/** As many events are a change or some, not a first state. */
const FEW = 10

/**
 * A watch that begins too far back is told so by an event, as one is that falls behind: clients that follow events look
 * there, and some take another code than 200 for the end of all.
 */
export async function opened(opening: Promise<WatchStream>): Promise<WatchStream> {
  try {
    return await opening
  } catch (error) {
    if (!isStatus(error, 'Expired')) throw error
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
  }
}

/** Sends a watch until it ends or its client goes away. The headers go out at once; the events of one tick are one write. */
export async function serveWatch(exchange: Exchange, stream: WatchStream, frames: WatchFrames, serving: WatchServing): Promise<void> {
  const { identity, turns, slices, clock, headers, closing } = serving
  const events = stream[Symbol.asyncIterator]()
  const out = exchange.open(200, headers)
  const drained = draining(out, exchange.signal, clock)
  const leave = closing.add(() => void events.return?.())
  try {
    for await (const batch of { [Symbol.asyncIterator]: () => events }) {
      const many = batch.length > FEW
      if (!many && !turns.take(identity)) await turns.turn(identity)
      for (let next = 0; next < batch.length; ) {
        // A long first state is written in pieces, so that no other client waits for it.
        if (many || next > 0) await slices.turn(identity)
        if (exchange.aborted || out.destroyed) return
        const piece = frames.piece(batch, next, SLICE_BYTES)
        next = piece.next
        if (!out.write(piece.written)) await drained()
      }
    }
  } catch (error) {
    if (!(error instanceof StatusError)) serving.onError(error)
    if (!out.destroyed) out.write(errorFrame(error instanceof StatusError ? error : internalError('the watch failed')))
  } finally {
    leave()
    if (!out.destroyed) out.end()
  }
}
