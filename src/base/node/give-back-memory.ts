import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, sleep } from '../clock.ts'

const FIRST_LOOK_MS = 2000
const LOOK_MS = 20_000
/** Less than this share of the time between two looks the event loop was busy. */
const IDLE = 0.05
/** A collection stops the process for about a millisecond per megabyte: not one of many. */
const MOST_BYTES = 80e6
/** Not worth a collection while the heap has grown by no more since the last one. */
const GROWN_BYTES = 8e6

/**
 * Gives back what a start, and later a burst of work, has left in the heap, when the process is idle: V8 keeps the space, and
 * an idle process never gets to the collection that would return it. Not in a process that holds much. Ends with the signal.
 */
export async function giveBackMemory(clock: Clock, signal: AbortSignal): Promise<void> {
  let least = 0
  let before = performance.eventLoopUtilization()
  for (;;) {
    try {
      await sleep(clock, least === 0 ? FIRST_LOOK_MS : LOOK_MS, signal)
    } catch {
      return
    }
    const now = performance.eventLoopUtilization()
    const idle = performance.eventLoopUtilization(now, before).utilization < IDLE
    before = now
    const { used_heap_size: used, total_heap_size: total } = getHeapStatistics()
    if (!idle || used > MOST_BYTES || total < least + GROWN_BYTES) continue
    collect()
    least = getHeapStatistics().total_heap_size
  }
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as NodeJS.GCFunction
  // The code cache is good for a process of the same flags.
  setFlagsFromString('--no-expose-gc')
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
