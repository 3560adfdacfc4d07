import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { WatchCaches } from './types.ts'

/** How long the past is kept at least, if its bounds allow: a watch that was cut off for less goes on where it was. */
export const COMPACTION = 5 * 60_000

/** Every five minutes forgets what is older than five minutes. Ends when the signal aborts. */
export async function runCompaction({ caches, clock, log, signal }: { caches: WatchCaches; clock: Clock; log: Log; signal: AbortSignal }): Promise<void> {
  let earlier = caches.revision
  for (;;) {
    try {
      await sleep(clock, COMPACTION, signal)
    } catch {
      return
    }
    const now = caches.revision
    try {
      await caches.compact(earlier)
    } catch (error) {
      log.warn('cannot compact the store', { error })
    }
    earlier = now
  }
}
