import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { type Clock, sleep } from '../clock.ts'

export interface Engine {
  /** Bytes of objects, and of buffers outside of the heap that objects hold. */
  read(): { readonly heap: number; readonly outside: number }
  setFlag(flag: string): void
}

const LOOK_MS = 1000
const LARGE_BYTES = 400e6
/** By so much of the heap the buffers may grow between two collections. */
const SHARE = 0.3
/** Looks until the collection that was asked for must have come. */
const PATIENCE = 10

const FLAG = 'external-memory-accounted-in-global-limit'
const v8: Engine = {
  read() {
    const { used_heap_size: heap, external_memory: outside } = getHeapStatistics()
    return { heap, outside }
  },
  setFlag: setFlagsFromString,
}

/**
 * Lets a large heap be collected less often. V8 goes through the whole heap whenever buffers have grown by 64 MB since the last
 * time, be the heap small or large; with the flag set it does not. Here it is set until buffers have grown by a share of the heap,
 * and taken back until they have been collected. Ends with the signal.
 */
export async function collectLargeHeapLess(clock: Clock, signal: AbortSignal, engine: Engine = v8): Promise<void> {
  /** What buffers held when the flag was set; undefined while it is not. */
  let base: number | undefined
  /** What they must fall to before it is set again, and how many looks that may take. */
  let goal = Number.POSITIVE_INFINITY
  let left = PATIENCE
  while (!signal.aborted) {
    const { heap, outside } = engine.read()
    const large = heap >= LARGE_BYTES
    const share = SHARE * heap
    if (base === undefined) {
      if (large && (outside <= goal || left-- === 0)) {
        base = outside
        engine.setFlag(`--${FLAG}`)
      }
    } else if (!large || outside - base > share) {
      base = undefined
      goal = outside - share / 2
      left = PATIENCE
      engine.setFlag(`--no-${FLAG}`)
    }
    await sleep(clock, LOOK_MS, signal).catch(() => {})
  }
}
