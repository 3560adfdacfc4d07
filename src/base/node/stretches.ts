import { setImmediate as nextTurn } from 'node:timers/promises'

/** Long work lets others have the event loop after about so many milliseconds: well below the five that anybody would notice. */
const STRETCH_MS = 2
/** Steps so small that a look at the clock after each would cost more than they do. */
const FEW = 32

/**
 * Long work in stretches of the event loop. The work itself asks after each small step: `if (stretches.over()) await stretches.pause()`. Measured in
 * time, not in steps: code that has not been compiled yet, or a machine that is busy, takes many times as long.
 */
export class Stretches {
  readonly #elapsed: () => number
  #began: number
  #steps = 0

  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed
    this.#began = elapsed()
  }

  /** One more step is done; whether it is time to pause. */
  over(): boolean {
    return ++this.#steps % FEW === 0 && this.#elapsed() - this.#began >= STRETCH_MS
  }

  async pause(): Promise<void> {
    await nextTurn()
    this.#began = this.#elapsed()
  }
}
