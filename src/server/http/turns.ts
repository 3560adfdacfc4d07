import { goingOn } from '../../base/going-on.ts'

export interface TurnsOptions {
  /** Callers that go on in one turn of the event loop. */
  readonly perTurn: number
  /** Of one identity. */
  readonly each: number
  /** What they go on with may keep a turn so long; one goes on in any case. */
  readonly milliseconds?: number
  /** Milliseconds from some moment on. */
  readonly elapsed?: () => number
}

/** Awaits in which a caller has done what it goes on with. */
const GOING_ON = 3

/**
 * Slices work that falls due for many at once: in one turn of the event loop a bounded number of callers goes on, few of one
 * identity, and not for long. The others follow in later turns: identities in rotation, the callers of one in order.
 */
export class Turns {
  readonly #perTurn: number
  readonly #each: number
  readonly #milliseconds: number
  readonly #elapsed: () => number
  readonly #waiting = new Map<string, (() => void)[]>()
  /** Who went on in this turn. */
  readonly #taken = new Map<string, number>()
  #running = 0
  #until = 0
  #scheduled = false

  constructor({ perTurn, each, milliseconds = Number.POSITIVE_INFINITY, elapsed = () => performance.now() }: TurnsOptions) {
    this.#perTurn = perTurn
    this.#each = each
    this.#milliseconds = milliseconds
    this.#elapsed = elapsed
  }

  /** True: go on at once. False: await `turn` first. */
  take(identity: string): boolean {
    this.#schedule()
    if (this.#waiting.has(identity) || !this.#hasRoom(identity)) return false
    this.#count(identity)
    return true
  }

  turn(identity: string): Promise<void> {
    this.#schedule()
    return new Promise(resolve => {
      const waiting = this.#waiting.get(identity)
      if (waiting) waiting.push(resolve)
      else this.#waiting.set(identity, [resolve])
    })
  }

  #hasRoom(identity: string): boolean {
    if (this.#running === 0) return true
    return this.#running < this.#perTurn && (this.#taken.get(identity) ?? 0) < this.#each && this.#elapsed() < this.#until
  }

  #count(identity: string): void {
    this.#running++
    this.#taken.set(identity, (this.#taken.get(identity) ?? 0) + 1)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#until = this.#elapsed() + this.#milliseconds
    setImmediate(() => void this.#next())
  }

  async #next(): Promise<void> {
    this.#scheduled = false
    this.#running = 0
    this.#taken.clear()
    if (this.#waiting.size > 0) this.#schedule()
    // First comes who has waited longest since its last turn: when there is no room for it, there is for nobody.
    for (const [identity, waiting] of this.#waiting) {
      if (!this.#hasRoom(identity)) return
      this.#count(identity)
      this.#waiting.delete(identity)
      const go = waiting.shift()!
      if (waiting.length > 0) this.#waiting.set(identity, waiting)
      go()
      await goingOn(GOING_ON)
    }
  }
}
