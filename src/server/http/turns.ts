export interface TurnsOptions {
  /** Callers that go on in one turn of the event loop. */
  readonly perTurn: number
  /** Of one identity. */
  readonly each: number
}

/**
 * Slices work that falls due for many at once: in one turn of the event loop a bounded number of callers goes on, few of one
 * identity. The others follow in later turns: identities in rotation, the callers of one in order.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #waiting = new Map<string, (() => void)[]>()
  /** Who went on in this turn. */
  readonly #taken = new Map<string, number>()
  #running = 0
  #scheduled = false

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** True: go on at once. False: await `turn` first. */
  take(identity: string): boolean {
    this.#schedule()
    const taken = this.#taken.get(identity) ?? 0
    if (this.#running >= this.#options.perTurn || taken >= this.#options.each || this.#waiting.has(identity)) return false
    this.#count(identity, taken + 1)
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

  #count(identity: string, taken: number): void {
    this.#running += taken - (this.#taken.get(identity) ?? 0)
    this.#taken.set(identity, taken)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#running = 0
      this.#taken.clear()
      const due = this.#due()
      if (due.length > 0) this.#schedule()
      for (const go of due) go()
    })
  }

  #due(): (() => void)[] {
    const { perTurn, each } = this.#options
    const due: (() => void)[] = []
    let identities = this.#waiting.size
    for (const [identity, waiting] of this.#waiting) {
      if (identities-- === 0 || due.length >= perTurn) break
      const next = waiting.splice(0, Math.min(each, perTurn - due.length))
      due.push(...next)
      this.#count(identity, next.length)
      // Its next turn comes after all others'.
      this.#waiting.delete(identity)
      if (waiting.length > 0) this.#waiting.set(identity, waiting)
    }
    return due
  }
}
