/** Those who wait for a link that is about to be there: what goes over it costs less than a request. */
export class ExpectedLink {
  readonly #waiting = new Set<() => void>()
  #expected = true

  /** Resolves when a link is there or the server refuses one, however long it is away; rejects when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    // One that is there may be lost again before who waited goes on.
    while (this.#expected) {
      await new Promise<void>(resolve => {
        const go = () => {
          this.#waiting.delete(go)
          signal.removeEventListener('abort', go)
          resolve()
        }
        this.#waiting.add(go)
        signal.addEventListener('abort', go, { once: true })
      })
      signal.throwIfAborted()
    }
  }

  lost(): void {
    this.#expected = true
  }

  /** It is there, as good as this server has it, or there will be none. */
  settled(): void {
    this.#expected = false
    for (const go of this.#waiting) go()
  }
}
