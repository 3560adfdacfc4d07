/** Keys by the value of one field, kept as objects change. */
export class FieldIndex<T> {
  readonly #read: (object: T) => string
  readonly #keys = new Map<string, Set<string>>()

  constructor(read: (object: T) => string) {
    this.#read = read
  }

  /** `before` and `after` are the object as it was and is; undefined where it is not. */
  change(key: string, before: T | undefined, after: T | undefined): void {
    const old = before === undefined ? undefined : this.#read(before)
    const now = after === undefined ? undefined : this.#read(after)
    if (old === now) return
    if (old !== undefined) {
      const keys = this.#keys.get(old)
      keys?.delete(key)
      if (keys?.size === 0) this.#keys.delete(old)
    }
    if (now === undefined) return
    const keys = this.#keys.get(now)
    if (keys) keys.add(key)
    else this.#keys.set(now, new Set([key]))
  }

  keys(value: string): Iterable<string> {
    return this.#keys.get(value) ?? []
  }
}
