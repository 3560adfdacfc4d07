import type { Clock } from '../../base/clock.ts'

/** Once the server is reached, its link is there within this time, or this server knows none. */
const LINK_MS = 2000

/** Those who wait for a link that is about to be there: what goes over it costs less than a request. */
export class ExpectedLink {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #expected: boolean

  constructor(clock: Clock, expected: boolean) {
    this.#clock = clock
    this.#expected = expected
  }

  /** Resolves when a link is there or none is expected (any more); rejects when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#expected) return
    await new Promise<void>(resolve => {
      const go = () => {
        cancel()
        this.#waiting.delete(go)
        signal.removeEventListener('abort', go)
        resolve()
      }
      const cancel = this.#clock.after(LINK_MS, () => {
        this.#expected = false
        go()
      })
      this.#waiting.add(go)
      signal.addEventListener('abort', go, { once: true })
    })
    signal.throwIfAborted()
  }

  lost(): void {
    this.#expected = true
  }

  /** It is there, as good as this server has it. */
  came(): void {
    this.#expected = false
    for (const go of this.#waiting) go()
  }
}
