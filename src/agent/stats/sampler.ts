import type { NodeStats } from '../../api/node-stats.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import { type Sample, statsBetween } from './usage.ts'

/** A rate over less says little, and asking costs more than it tells. */
const SHORTEST_MS = 1000
/** An older sample says nothing of now. */
const LONGEST_MS = 60_000

/** Takes samples only when somebody asks: an idle node pays nothing. Who asks again soon gets the rate since the last time. */
export class StatsSampler {
  readonly #take: () => Promise<Sample>
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #last: { readonly at: number; readonly sample: Sample } | undefined
  #answer: NodeStats | undefined
  #pending: Promise<NodeStats> | undefined

  constructor({ take, clock, signal }: { readonly take: () => Promise<Sample>; readonly clock: Clock; readonly signal: AbortSignal }) {
    this.#take = take
    this.#clock = clock
    this.#signal = signal
  }

  /** Takes a second when nobody has asked for a while. */
  stats(): Promise<NodeStats> {
    this.#pending ??= this.#measure().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #measure(): Promise<NodeStats> {
    const now = this.#clock.now()
    const age = this.#last ? now - this.#last.at : Number.POSITIVE_INFINITY
    if (this.#answer && age >= 0 && age < SHORTEST_MS) return this.#answer
    if (!this.#last || age < 0 || age > LONGEST_MS) this.#last = { at: now, sample: await this.#take() }
    const { at, sample } = this.#last
    const wait = at + SHORTEST_MS - this.#clock.now()
    if (wait > 0) await sleep(this.#clock, wait, this.#signal)
    const taken = { at: this.#clock.now(), sample: await this.#take() }
    this.#last = taken
    this.#answer = statsBetween(sample, taken.sample)
    return this.#answer
  }
}
