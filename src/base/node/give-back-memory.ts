import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, sleep } from '../clock.ts'
import { busyShare } from './busy-share.ts'
import { trimMemory } from './c-memory.ts'

const FIRST_LOOK_MS = 2000
const LOOK_MS = 20_000
/** Less than this share of the time between two looks the event loop was busy. */
const IDLE = 0.05
const CALM = 0.5
/** A collection stops the process for about a millisecond per megabyte: not one of many. */
const MOST_BYTES = 80e6
const GROWN = 1.05
/** Not worth it while the heap, or all that is resident, has grown by no more since the last time. */
const GROWN_BYTES = 8e6
/** What came in a burst goes in the minute after it: connections that are used no more, events of objects that are gone. */
const TIMES = 4

/**
 * Gives back what a start, and later a burst of work, has left, when it is over. When the process is idle, the heap: V8 keeps the
 * space, and an idle process never gets to the collection that would return it; not in a process that holds much. When it is only
 * calm, what the C library holds free, which is a matter of milliseconds: once it has grown, and thrice more. Ends with the signal.
 */
export async function giveBackMemory(clock: Clock, signal: AbortSignal, trim: () => void = trimMemory): Promise<void> {
  let least = 0
  let resident = 0
  let times = 0
  const busy = busyShare()
  for (;;) {
    try {
      await sleep(clock, resident === 0 || (least === 0 && getHeapStatistics().used_heap_size <= MOST_BYTES) ? FIRST_LOOK_MS : LOOK_MS, signal)
    } catch {
      return
    }
    const utilization = busy()
    const { used_heap_size: used, total_heap_size: total } = getHeapStatistics()
    if (utilization < IDLE && used <= MOST_BYTES && total >= least + GROWN_BYTES) {
      collect()
      least = getHeapStatistics().total_heap_size
    }
    if (utilization >= CALM) continue
    if (process.memoryUsage.rss() >= resident * GROWN + GROWN_BYTES) times = TIMES
    if (times > 0) {
      times--
      trim()
      resident = process.memoryUsage.rss()
    }
  }
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NodeJS.GCFunction
  // The code cache is good for a process of the same flags.
  setFlagsFromString('--no-expose-gc')
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
