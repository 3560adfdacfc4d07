/** Keys in order of their UTF-16 units. Insertion and removal cost a move within one chunk, not within all. */
export class SortedKeys {
  static readonly CHUNK = 512
  #chunks: string[][] = []
  #size = 0

  static from(keys: Iterable<string>): SortedKeys {
    const sorted = [...new Set(keys)].sort(compareKeys)
    const made = new SortedKeys()
    for (let i = 0; i < sorted.length; i += SortedKeys.CHUNK / 2) made.#chunks.push(sorted.slice(i, i + SortedKeys.CHUNK / 2))
    made.#size = sorted.length
    return made
  }

  get size(): number {
    return this.#size
  }

  /** Whether the key is new. */
  add(key: string): boolean {
    if (this.#chunks.length === 0) this.#chunks.push([])
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]!
    const index = lowerBound(chunk, key)
    if (chunk[index] === key) return false
    chunk.splice(index, 0, key)
    if (chunk.length > SortedKeys.CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(SortedKeys.CHUNK / 2))
    this.#size++
    return true
  }

  /** Whether the key was there. */
  delete(key: string): boolean {
    if (this.#chunks.length === 0) return false
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]!
    const index = lowerBound(chunk, key)
    if (chunk[index] !== key) return false
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    this.#size--
    return true
  }

  /** The keys that begin with `prefix` and come after `after`. The set must not change while iterating. */
  *range(prefix: string, after?: string): Generator<string, void, undefined> {
    if (this.#chunks.length === 0) return
    const from = after !== undefined && after >= prefix ? after : prefix
    for (let at = this.#chunkOf(from); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!
      for (let index = lowerBound(chunk, from); index < chunk.length; index++) {
        const key = chunk[index]!
        if (key === after) continue
        if (!key.startsWith(prefix)) return
        yield key
      }
    }
  }

  /** The first keys, at most `count`. */
  first(count: number): string[] {
    const found: string[] = []
    for (const chunk of this.#chunks) {
      if (found.length >= count) break
      for (const key of chunk) if (found.length < count) found.push(key)
    }
    return found
  }

  /** How many keys begin with `prefix` and come after `after`. */
  count(prefix: string, after?: string): number {
    let first = this.#rank(prefix, false)
    if (after !== undefined && after >= prefix) first = this.#rank(after, true)
    return Math.max(0, this.#rank(`${prefix}\uffff`, false) - first)
  }

  #rank(key: string, orEqual: boolean): number {
    let rank = 0
    for (const chunk of this.#chunks) {
      if (chunk[chunk.length - 1]! < key) rank += chunk.length
      else {
        const index = lowerBound(chunk, key)
        return rank + index + (orEqual && chunk[index] === key ? 1 : 0)
      }
    }
    return rank
  }

  /** The last chunk that begins at or before `key`. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#chunks[middle]![0]! <= key) low = middle
      else high = middle - 1
    }
    return low
  }
}

export const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Where a key is, or would be, among sorted ones. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
