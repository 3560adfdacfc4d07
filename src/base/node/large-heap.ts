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

/** Looks in all at which a crowd may be there. */
const CROWD = 120

const FLAG = 'external-memory-accounted-in-global-limit'
const v8: Engine = {
  read() {
    const { used_heap_size: heap, external_memory: outside } = getHeapStatistics()
    return { heap, outside }
  },
  setFlag: setFlagsFromString,
}

export interface HeapOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether many come at once: what they bring is kept, and to look for what is not would be in vain. */
  readonly crowded?: () => boolean
  readonly engine?: Engine
}

/**
 * Lets a large heap be collected less often. V8 goes through the whole heap whenever buffers have grown by 64 MB since the last
 * time, be the heap small or large; with the flag set it does not. Here it is set until buffers have grown by a share of the heap,
 * and taken back until they have been collected; while many come at once, it is set in any case. Ends with the signal.
 */
export async function collectLargeHeapLess({ clock, signal, crowded = () => false, engine = v8 }: HeapOptions): Promise<void> {
  /** What buffers held when the flag was set; undefined while it is not. */
  let base: number | undefined
  /** What they must fall to before it is set again, and how many looks that may take. */
  let goal = Number.POSITIVE_INFINITY
  let left = PATIENCE
  let crowds = 0
  while (!signal.aborted) {
    const { heap, outside } = engine.read()
    const large = heap >= LARGE_BYTES
    const share = SHARE * heap
    if (crowds < CROWD && crowded()) {
      crowds++
      if (base === undefined) engine.setFlag(`--${FLAG}`)
      base = outside
    } else if (base === undefined) {
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
