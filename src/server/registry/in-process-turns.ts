import { goingOn } from '../../base/going-on.ts'
import type { Outside } from '../../base/outside.ts'

/** Requests from within keep a turn of the event loop so long; then whoever waits at a socket is heard. */
const TURN_MS = 10
/** Awaits in which a request that was let in has done its work up to the store. */
const BEGINNING = 12

/**
 * While others ask from outside, lets requests made in the process begin their work, in order, for a few milliseconds of each
 * turn of the event loop. One commit answers up to two hundred of them: what all those go on with would be one turn otherwise.
 * When nobody asks, nobody waits, and more turns are only more messages to and from the store.
 */
export class InProcessTurns {
  readonly #outside: Outside
  readonly #waiting: (() => void)[] = []
  #scheduled = false
  #until = 0

  constructor(outside: Outside) {
    this.#outside = outside
  }

  /** Undefined: go on at once; a promise: wait for it. */
  take(): Promise<void> | undefined {
    if (this.#waiting.length === 0 && !this.#outside.expected) return undefined
    if (!this.#scheduled) {
      this.#schedule()
      return undefined
    }
    if (this.#waiting.length === 0 && this.#outside.elapsed() < this.#until) return undefined
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #schedule(): void {
    this.#scheduled = true
    this.#until = this.#outside.elapsed() + TURN_MS
    setImmediate(() => void this.#next())
  }

  async #next(): Promise<void> {
    this.#scheduled = false
    if (this.#waiting.length === 0) return
    this.#schedule()
    do {
      this.#waiting.shift()!()
      await goingOn(BEGINNING)
    } while (this.#waiting.length > 0 && this.#outside.elapsed() < this.#until)
  }
}
