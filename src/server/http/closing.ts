/** What can be ended: an object, since a function for each of very many costs as much again. */
export interface Ending {
  end(): void
}

/**
 * Tells whoever serves for long that the server shuts down. Joining and leaving cost the same however many there are, which is
 * not so with the listeners of one AbortSignal.
 */
export class Closing {
  readonly #ends = new Set<Ending>()
  #begun = false

  /** It is ended when the server shuts down, at once if it already does. */
  add(one: Ending): void {
    if (this.#begun) one.end()
    else this.#ends.add(one)
  }

  leave(one: Ending): void {
    this.#ends.delete(one)
  }

  begin(): void {
    this.#begun = true
    for (const one of this.#ends) one.end()
    this.#ends.clear()
  }
}
