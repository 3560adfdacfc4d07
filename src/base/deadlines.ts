import type { Clock } from './clock.ts'

/** What ends sooner ends to the millisecond. */
const LONG_MS = 10_000
const TOGETHER_MS = 1000

interface Moment<T> {
  readonly ones: Set<T>
  readonly cancel: () => void
}

/** When each of very many is over: those that are at about the same moment, which is long from now, share a timer. */
export class Deadlines<T> {
  readonly #clock: Clock
  readonly #over: (one: T) => void
  readonly #moments = new Map<number, Moment<T>>()

  constructor(clock: Clock, over: (one: T) => void) {
    this.#clock = clock
    this.#over = over
  }

  /** In so many milliseconds, if they are many in up to a second more. What is returned takes it out again, with `leave`. */
  enter(one: T, ms: number): number {
    const exactly = this.#clock.now() + ms
    const at = ms < LONG_MS ? exactly : Math.ceil(exactly / TOGETHER_MS) * TOGETHER_MS
    let moment = this.#moments.get(at)
    if (!moment) {
      moment = { ones: new Set(), cancel: this.#clock.after(at - this.#clock.now(), () => this.#come(at)) }
      this.#moments.set(at, moment)
    }
    moment.ones.add(one)
    return at
  }

  leave(one: T, at: number): void {
    const moment = this.#moments.get(at)
    if (!moment?.ones.delete(one) || moment.ones.size > 0) return
    moment.cancel()
    this.#moments.delete(at)
  }

  #come(at: number): void {
    const moment = this.#moments.get(at)!
    for (const one of moment.ones) {
      moment.ones.delete(one)
      this.#over(one)
    }
    if (this.#moments.get(at) === moment) this.#moments.delete(at)
  }
}
