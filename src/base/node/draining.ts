import type { Writable } from 'node:stream'
import type { Clock } from '../clock.ts'

/** Whoever takes nothing for so long is cut off. */
export const STUCK_MS = 60_000

/** A wait for the next drain of a stream, or for its end; with a clock, whoever takes nothing for a minute is cut off. */
export function draining(stream: Writable, signal?: AbortSignal, clock?: Clock): () => Promise<void> {
  return () =>
    new Promise(resolve => {
      if (signal?.aborted || stream.destroyed || !stream.writableNeedDrain) return resolve()
      const cancel = clock?.after(STUCK_MS, () => stream.destroy())
      const done = () => {
        cancel?.()
        stream.off('drain', done)
        stream.off('close', done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      stream.once('drain', done)
      stream.once('close', done)
      signal?.addEventListener('abort', done, { once: true })
    })
}
