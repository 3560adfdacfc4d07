import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { type Clock, sleep } from '../clock.ts'

const LOOK_MS = 2000
const LARGE_BYTES = 400e6

export interface Engine {
  readonly usedBytes: () => number
  readonly setFlag: (flag: string) => void
}

const v8: Engine = { usedBytes: () => getHeapStatistics().used_heap_size, setFlag: setFlagsFromString }

/**
 * Lets a large heap be collected less often. V8 goes through the whole heap whenever 64 MB of buffers have been made since the
 * last time, be the heap small or large; with the flag it does so when heap and buffers together have grown by their share.
 * A small heap is better off without: its buffers are given back sooner. Ends with the signal, or when that is done.
 */
export async function collectLargeHeapLess(clock: Clock, signal: AbortSignal, engine: Engine = v8): Promise<void> {
  while (engine.usedBytes() < LARGE_BYTES) {
    try {
      await sleep(clock, LOOK_MS, signal)
    } catch {
      return
    }
  }
  engine.setFlag('--external-memory-accounted-in-global-limit')
}
