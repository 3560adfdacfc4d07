import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { type Clock, sleep } from '../clock.ts'
import { busyShare } from './busy-share.ts'

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
  const busy = busyShare()
  return {
    read() {
      const { used_heap_size: heap, external_memory: outside } = getHeapStatistics()
      return { heap, outside, busy: busy() }
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
 * buffers have grown by 64 MB since the last time, be the heap small or large; with the flag set it does not. Here it is set while the
 * heap is large or many come at once, and when buffers have grown by a share of the heap a collection is asked for. Ends with the signal.
 */
export async function collectLargeHeapLess({ clock, signal, crowded = () => false, engine = ofThisProcess() }: HeapOptions): Promise<void> {
  let set = false
  /** The least that buffers held since the last collection that was asked for. */
  let base = 0
  let crowds = 0
  let calm = 0
  /** The least that was held in all since the last collection that came with calm. */
  let least = 0
  const want = (wanted: boolean) => {
    if (set !== wanted) engine.setFlag(wanted ? `--${FLAG}` : `--no-${FLAG}`)
    set = wanted
  }
  /** The flag is set again before the collection has ended: V8 then finds the next limit, which counts buffers only where it is set. */
  const collect = (outside: number) => {
    want(false)
    engine.collect()
    want(true)
    base = outside + PRESSING_BYTES
  }
  while (!signal.aborted) {
    const { heap, outside, busy } = engine.read()
    const large = heap >= LARGE_BYTES
    const crowd = crowds < CROWD && crowded()
    if (crowd) crowds++
    base = crowd || !set ? outside : Math.min(base, outside)
    least = Math.min(least, heap + outside)
    calm = busy < CALM ? calm + 1 : 0
    want(large || crowd)
    if (large && !crowd) {
      const rests = calm >= CALM_LOOKS && heap + outside > least * GROWN + GROWN_BYTES
      if (rests) least = heap + outside
      if (rests || outside - base > shareOf(heap)) collect(outside)
    }
    await sleep(clock, LOOK_MS, signal).catch(() => {})
  }
}

const shareOf = (heap: number): number => Math.max(SHARE * heap, Math.min(LARGER_SHARE * heap, LARGER_UP_TO))
