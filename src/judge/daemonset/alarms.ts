/** Names that want to be looked at again at some time; the earliest is found without looking at the others. */
export class Alarms {
  readonly #at = new Map<string, number>()
  /** A binary heap by time; entries that `#at` no longer confirms are skipped. */
  readonly #heap: { readonly at: number; readonly name: string }[] = []

  /** Replaces the name's time; undefined takes it off. */
  set(name: string, at: number | undefined): void {
    if (this.#at.get(name) === at) return
    if (at === undefined) {
      this.#at.delete(name)
      return
    }
    this.#at.set(name, at)
    this.#push({ at, name })
  }

  /** When the earliest is due. */
  get next(): number | undefined {
    return this.#top()?.at
  }

  /** Takes off and returns the earliest that is due at `now`. */
  due(now: number): string | undefined {
    const top = this.#top()
    if (!top || top.at > now) return undefined
    this.#at.delete(top.name)
    this.#pop()
    return top.name
  }

  #top(): { at: number; name: string } | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (!top || this.#at.get(top.name) === top.at) return top
      this.#pop()
    }
  }

  #push(entry: { at: number; name: string }): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (heap[parent]!.at <= entry.at) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
