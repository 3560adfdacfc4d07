import type { Ending } from './closing.ts'

/** What is the same of every exchange: its name, its code, and whether its client has gone. */
export abstract class BaseExchange {
  auditId: string
  /** Made when somebody wants to know; most requests are over before. */
  #controller: AbortController | undefined
  #gone = false
  #ending: Ending | undefined
  code = 0

  constructor(auditId: string) {
    this.auditId = auditId
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#gone) this.#controller.abort()
    return this.#controller.signal
  }
  get aborted(): boolean {
    return this.#gone
  }
  endWhenGone(one: Ending): void {
    if (this.#gone) one.end()
    else this.#ending = one
  }
  protected gone(): void {
    this.#gone = true
    this.#controller?.abort()
    this.#ending?.end()
  }
}
