import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { type Clock, sleep } from '../clock.ts'

export interface Engine {
  /** Bytes of objects, and of buffers outside of the heap that objects hold; which share of the time since the last look the event loop was busy. */
  read(): { readonly heap: number; readonly outside: number; readonly busy: number }
  setFlag(flag: string): void
  /** Has all garbage collected bit by bit, as the engine does when it finds that it is time. */
  collect(): void
}

const LOOK_MS = 1000
const LARGE_BYTES = 110e6
/** By so much the buffers of a large heap may grow between two collections: a share of the heap, of smaller ones a larger share, up to so much. */
const SHARE = 0.3
const LARGER_SHARE = 0.6
const LARGER_UP_TO = 160e6
/** Looks until the collection that was asked for must have come. */
const PATIENCE = 5

/** Looks in all at which a crowd may be there. */
const CROWD = 120

/** So many looks in a row at which the loop was hardly busy: what was going on is over. */
const CALM_LOOKS = 10
const CALM = 0.4
/** Not worth a collection while all that is held has grown by no more since the last that came with calm. */
const GROWN = 1.1
const GROWN_BYTES = 32e6

/** V8 begins to collect when buffers have grown by this since the last time. */
const PRESSING_BYTES = 64 << 20

const FLAG = 'external-memory-accounted-in-global-limit'

function ofThisProcess(): Engine {
  let before = performance.eventLoopUtilization()
  return {
    read() {
      const { used_heap_size: heap, external_memory: outside } = getHeapStatistics()
      const now = performance.eventLoopUtilization()
      const { utilization: busy } = performance.eventLoopUtilization(now, before)
      before = now
      return { heap, outside, busy }
    },
    setFlag: setFlagsFromString,
    // Nobody writes into it, so that it never becomes memory.
    collect: () => void new ArrayBuffer(PRESSING_BYTES + (1 << 20)),
  }
}

export interface HeapOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether many come at once: what they bring is kept, and to look for what is not would be in vain. */
  readonly crowded?: () => boolean
  readonly engine?: Engine
}

/**
 * Lets a large heap be collected less often, and once more when a burst of work is over. V8 goes through the whole heap whenever
 * buffers have grown by 64 MB since the last time, be the heap small or large; with the flag set it does not. Here it is set until
 * buffers have grown by a share of the heap, and taken back until they have been collected; while many come at once, it is set in any
 * case. Ends with the signal.
 */
export async function collectLargeHeapLess({ clock, signal, crowded = () => false, engine = ofThisProcess() }: HeapOptions): Promise<void> {
  /** What buffers held when the flag was set; undefined while it is not. */
  let base: number | undefined
  /** What they must fall to before it is set again, where a collection was asked for, and how many looks that may take. */
  let goal = Number.POSITIVE_INFINITY
  let left = PATIENCE
  let crowds = 0
  let calm = 0
  /** The least that was held since the last collection that came with calm. */
  let least = 0
  const take = (outside: number) => {
    base = outside
    engine.setFlag(`--${FLAG}`)
  }
  const giveBack = (to: number) => {
    base = undefined
    goal = to
    left = PATIENCE
    engine.setFlag(`--no-${FLAG}`)
  }
  while (!signal.aborted) {
    const { heap, outside, busy } = engine.read()
    const share = shareOf(heap)
    const large = heap >= LARGE_BYTES
    least = Math.min(least, heap + outside)
    calm = busy < CALM ? calm + 1 : 0
    if (crowds < CROWD && crowded()) {
      crowds++
      if (base === undefined) engine.setFlag(`--${FLAG}`)
      base = outside
    } else if (large && calm >= CALM_LOOKS && heap + outside > least * GROWN + GROWN_BYTES) {
      giveBack(outside)
      engine.collect()
      least = heap + outside
    } else if (base === undefined) {
      if (large && (outside <= goal || left-- === 0)) take(outside)
    } else if (!large) giveBack(Number.POSITIVE_INFINITY)
    else if (outside - base > share) giveBack(outside - share / 2)
    await sleep(clock, LOOK_MS, signal).catch(() => {})
  }
}

const shareOf = (heap: number): number => Math.max(SHARE * heap, Math.min(LARGER_SHARE * heap, LARGER_UP_TO))
