import { FakeClock } from '../../src/base/clock.ts'

/** Turns of the event loop without anything happening that count as rest. */
const QUIET_TURNS = 4
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Time that moves only when the simulation says so, and only when everything that was to happen at a moment has happened. */
export class VirtualTime {
  readonly clock: FakeClock
  /** Anything that happened: raised by whoever does something. */
  activity = 0
  /** What really takes time, such as a disk, and is not done yet: time stands still until then. */
  pending = 0
  readonly #stepMs: number

  /** What is due within the same `stepMs` happens together. */
  constructor(now: number, stepMs = 50) {
    this.clock = new FakeClock(now)
    this.#stepMs = stepMs
  }

  /** Resolves when nothing goes on any more at this moment. Throws when it never ends. */
  async settle(): Promise<void> {
    let quiet = 0
    let seen = this.activity
    for (let turns = 0; quiet < QUIET_TURNS; turns++) {
      if (turns > 20_000) throw new Error('it does not come to rest: something goes on for ever at one moment')
      await turn()
      if (this.pending > 0) turns--
      else if (this.activity === seen) quiet++
      else {
        quiet = 0
        seen = this.activity
      }
    }
  }

  /** Lets so much time pass, stopping wherever something is due. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    for (;;) {
      await this.settle()
      const next = this.clock.next()
      if (next === undefined || next > until) break
      this.clock.advance(Math.min(until, Math.ceil(next / this.#stepMs) * this.#stepMs) - this.clock.now())
    }
    this.clock.advance(until - this.clock.now())
    await this.settle()
  }
}
