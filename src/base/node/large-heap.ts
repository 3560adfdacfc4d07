import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { type Clock, sleep } from '../clock.ts'
import { busyShare } from './busy-share.ts'

export interface Engine {
  /** Bytes of objects, the room that new ones have, and buffers outside of the heap that objects hold; which share of the time since the last look the event loop was busy. */
  read(): { readonly heap: number; readonly young: number; readonly outside: number; readonly busy: number }
  /** One or several, apart by spaces. */
  setFlags(flags: string): void
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
/** So many in a row at which it was: something is going on again. To collect twice takes a large part of two. */
const BUSY_LOOKS = 3
/** Not worth a collection while all that is held has grown by no more since the last that came with calm. */
const GROWN = 1.1
const GROWN_BYTES = 32e6
/** It is worth tidying when it has by so much: what is renewed at rest makes the heap grow by less until it is collected. */
const BURST = 1.25
const BURST_BYTES = 48e6
/** For so many looks the engine prefers to be small: after the collection that is asked for it makes two more by itself. */
const TIDY_LOOKS = 10
/** While it is calm, the room for new objects does not grow from here on: more than that would lie about half the time. */
const YOUNG_BYTES = 17e6

/** V8 begins to collect when buffers have grown by this since the last time. */
const PRESSING_BYTES = 64 << 20

const SELDOM = '--external-memory-accounted-in-global-limit'
const OFTEN = '--no-external-memory-accounted-in-global-limit'
/** Empties half empty pages, of which the living objects of so many megabytes are moved at one go, and waits a second between one collection and the next. */
const SMALL =
  '--optimize-for-size --memory-reducer-delay-ms=1000 --compaction-max-evacuated-bytes-mb-for-optimize-memory=24 --compaction-max-evacuated-bytes-mb-for-reduce-memory=24'
/** As V8 begins. */
const ANY_SIZE =
  '--no-optimize-for-size --memory-reducer-delay-ms=8000 --compaction-max-evacuated-bytes-mb-for-optimize-memory=6 --compaction-max-evacuated-bytes-mb-for-reduce-memory=12'
const NARROW = '--semi-space-growth-factor=1'
const WIDE = '--semi-space-growth-factor=2'
/** What is renewed over and over grows old before it dies: at rest V8 would collect whenever a tenth has come. */
const CALMLY = '--heap-growing-percent=20'
const ANYHOW = '--heap-growing-percent=0'

function ofThisProcess(): Engine {
  const busy = busyShare()
  return {
    read() {
      const { used_heap_size: heap, external_memory: outside } = getHeapStatistics()
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
      return { heap, young, outside, busy: busy() }
    },
    setFlags: setFlagsFromString,
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
 * Lets a large heap be collected less often, and tidied when a burst of work is over. V8 goes through the whole heap whenever
 * buffers have grown by 64 MB since the last time, be the heap small or large; with a flag set it does not. Here it is set while the
 * heap is large or many come at once, and when buffers have grown by a share of the heap a collection is asked for. After a burst V8 is
 * told for a while that it be small: it then empties its half empty pages and gives back the room for new objects, which does not grow
 * again as long as it is calm. Ends with the signal.
 */
export async function collectLargeHeapLess({ clock, signal, crowded = () => false, engine = ofThisProcess() }: HeapOptions): Promise<void> {
  const heap = new LargeHeap(engine)
  while (!signal.aborted) {
    heap.look(crowded())
    await sleep(clock, LOOK_MS, signal).catch(() => {})
  }
}

/** Flags of the engine that are set and taken back together: told only when they change. */
class Flag {
  readonly #engine: Engine
  readonly #on: string
  readonly #off: string
  #set = false

  constructor(engine: Engine, on: string, off: string) {
    this.#engine = engine
    this.#on = on
    this.#off = off
  }

  get isSet(): boolean {
    return this.#set
  }

  want(wanted: boolean): void {
    if (this.#set !== wanted) this.#engine.setFlags(wanted ? this.#on : this.#off)
    this.#set = wanted
  }
}

class LargeHeap {
  readonly #engine: Engine
  readonly #seldom: Flag
  readonly #small: Flag
  readonly #narrow: Flag
  readonly #calmly: Flag
  /** The least that buffers held since the last collection that was asked for. */
  #base = 0
  #crowds = 0
  #calm = 0
  #busy = 0
  /** From calm until something goes on again. */
  #rests = false
  /** Looks for which the engine still prefers to be small. */
  #tidy = 0
  /** The least that was held in all since the last collection that came with calm. */
  #least = 0

  constructor(engine: Engine) {
    this.#engine = engine
    this.#seldom = new Flag(engine, SELDOM, OFTEN)
    this.#small = new Flag(engine, SMALL, ANY_SIZE)
    this.#narrow = new Flag(engine, NARROW, WIDE)
    this.#calmly = new Flag(engine, CALMLY, ANYHOW)
  }

  look(crowded: boolean): void {
    const { heap, young, outside, busy } = this.#engine.read()
    const held = heap + outside
    const large = heap >= LARGE_BYTES
    const crowd = crowded && this.#crowds < CROWD
    if (crowd) this.#crowds++
    this.#base = crowd || !this.#seldom.isSet ? outside : Math.min(this.#base, outside)
    this.#least = Math.min(this.#least, held)
    this.#seldom.want(large || crowd)
    const calm = this.#isCalm(busy)
    this.#rests = calm && large && !crowd
    this.#tidy = this.#rests ? Math.max(0, this.#tidy - 1) : 0
    const settled = this.#rests && this.#calm >= CALM_LOOKS
    if (settled && held > this.#least * BURST + BURST_BYTES) this.#tidyUp(held, outside)
    else if (settled && held > this.#least * GROWN + GROWN_BYTES) this.#collectAtRest(held, outside)
    else if (large && !crowd && outside - this.#base > shareOf(heap)) this.#collect(outside)
    this.#small.want(this.#tidy > 0)
    this.#narrow.want(this.#rests && young >= YOUNG_BYTES)
    this.#calmly.want(this.#rests)
  }

  #isCalm(busy: number): boolean {
    this.#calm = busy < CALM ? this.#calm + 1 : 0
    this.#busy = busy < CALM ? 0 : this.#busy + 1
    return this.#rests ? this.#busy < BUSY_LOOKS : this.#calm >= CALM_LOOKS
  }

  #tidyUp(held: number, outside: number): void {
    this.#tidy = TIDY_LOOKS
    this.#small.want(true)
    this.#collectAtRest(held, outside)
  }

  #collectAtRest(held: number, outside: number): void {
    this.#least = held
    this.#collect(outside)
  }

  /** The flag is set again before the collection has ended: V8 then finds the next limit, which counts buffers only where it is set. */
  #collect(outside: number): void {
    this.#seldom.want(false)
    this.#engine.collect()
    this.#seldom.want(true)
    this.#base = outside + PRESSING_BYTES
  }
}

const shareOf = (heap: number): number => Math.max(SHARE * heap, Math.min(LARGER_SHARE * heap, LARGER_UP_TO))
