/**
 * Tells whoever serves for long that the server shuts down. Joining and leaving cost the same however many there are, which is
 * not so with the listeners of one AbortSignal.
 */
export class Closing {
  readonly #ends = new Set<() => void>()
  #begun = false

  /** `end` is called when the server shuts down, at once if it already does. */
  add(end: () => void): void {
    if (this.#begun) end()
    else this.#ends.add(end)
  }

  leave(end: () => void): void {
    this.#ends.delete(end)
  }

  begin(): void {
    this.#begun = true
    for (const end of this.#ends) end()
    this.#ends.clear()
  }
}
