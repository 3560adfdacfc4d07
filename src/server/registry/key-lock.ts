/** Turns for keys: those who ask for one key go one after the other, in order of asking. */
export class KeyLock {
  readonly #last = new Map<string, Promise<void>>()

  /** Nobody holds or waits for any key. */
  get idle(): boolean {
    return this.#last.size === 0
  }

  /** Whether somebody holds or waits for the key. */
  busy(key: string): boolean {
    return this.#last.has(key)
  }

  /** Runs `work` when all who asked for the key before are done. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    let done = () => {}
    const turn = new Promise<void>(resolve => {
      done = resolve
    })
    this.#last.set(key, turn)
    try {
      if (before !== undefined) await before
      return await work()
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
      done()
    }
  }
}
