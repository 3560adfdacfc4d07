/** Tells the elements of a list apart. */
export type ListKey = (item: unknown) => string

/** A scalar as a map key: `1` and `"1"` differ. */
export const keyOf = (value: unknown): string => `${typeof value}:${typeof value === 'object' ? JSON.stringify(value) : value}`

/** In a list of so many, looking at each is faster than a map. */
const SHORT = 16

/** The keys of a list, and where each is first. */
export class Keys {
  readonly #keys: string[]
  #places: Map<string, number> | undefined

  constructor(list: readonly unknown[], by: ListKey) {
    this.#keys = list.map(by)
    if (this.#keys.length > SHORT) this.#index()
  }

  at(index: number): string {
    return this.#keys[index]!
  }

  /** Undefined: nowhere. */
  find(key: string): number | undefined {
    if (this.#places) return this.#places.get(key)
    const index = this.#keys.indexOf(key)
    return index < 0 ? undefined : index
  }

  /** Where a key is, after the others if it is new. */
  place(key: string): number {
    const found = this.find(key)
    if (found !== undefined) return found
    const index = this.#keys.push(key) - 1
    if (this.#places) this.#places.set(key, index)
    else if (index === SHORT) this.#index()
    return index
  }

  #index(): void {
    this.#places = new Map()
    for (let i = this.#keys.length - 1; i >= 0; i--) this.#places.set(this.#keys[i]!, i)
  }
}

/** An item of a merged list, and its place among those that it is to follow the order of. */
interface Placed {
  readonly item: unknown
  readonly key: string
  readonly place: number
}

/**
 * Brings a merged list into the order of strategic merge: elements named by `order` follow it, the others keep the order of
 * `server`; one of the others comes before the next named element only where the server's list had it there.
 */
export function inOrder(merged: readonly unknown[], order: readonly unknown[], server: readonly unknown[], by: ListKey): readonly unknown[] {
  const wanted = new Keys(order, by)
  const present = new Keys(server, by)
  const named: Placed[] = []
  const others: Placed[] = []
  for (const item of merged) {
    const key = by(item)
    const place = wanted.find(key)
    if (place !== undefined) named.push({ item, key, place })
    else others.push({ item, key, place: present.find(key) ?? Number.MAX_SAFE_INTEGER })
  }
  named.sort(byPlace)
  others.sort(byPlace)
  const out: unknown[] = []
  let i = 0
  for (const { item, key } of named) {
    const right = present.find(key)
    while (right !== undefined && i < others.length && others[i]!.place < right) out.push(others[i++]!.item)
    out.push(item)
  }
  while (i < others.length) out.push(others[i++]!.item)
  return out
}

const byPlace = (a: Placed, b: Placed): number => a.place - b.place
