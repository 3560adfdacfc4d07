import type { Clock } from './clock.ts'

/** What ends sooner ends to the millisecond; what ends later does so with all that end in the same so many milliseconds. */
const TOGETHER: readonly (readonly [soonerMs: number, togetherMs: number])[] = [
  [10_000, 1],
  [100_000, 1000],
  [Number.POSITIVE_INFINITY, 5000],
]

interface Moment<T> {
  readonly ones: Set<T>
  readonly cancel: () => void
}

export interface Timed {
  /** Its time has come. */
  over(): void
}

/** When each of very many is over: those that are at about the same moment, which is long from now, share a timer. */
export class Deadlines<T extends Timed> {
  readonly #clock: Clock
  readonly #moments = new Map<number, Moment<T>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** In so many milliseconds; if they are many, in up to a tenth more. What is returned takes it out again, with `leave`. */
  enter(one: T, ms: number): number {
    const exactly = this.#clock.now() + ms
    const [, together] = TOGETHER.find(([sooner]) => ms < sooner)!
    const at = Math.ceil(exactly / together) * together
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
      one.over()
    }
    if (this.#moments.get(at) === moment) this.#moments.delete(at)
  }
}
