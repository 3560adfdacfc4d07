import type { JsonSchema, Message } from './build.ts'

/**
 * Parts that were frozen whole when they were decoded, and that decoding, filling and a kind's defaults left as they were: by the
 * message that they were decoded under, and by their place in it. Such a part is taken as it is the next time it comes, which the
 * parts of a template do with each object made of it, and the parts of a stored object with each patch.
 */
const settled = new WeakMap<Message, WeakMap<object, JsonSchema>>()
const plain = new WeakSet<object>()

/** Whether a value is known to be JSON and frozen whole. */
export const isSettled = (value: object): boolean => plain.has(value)

interface Candidate {
  readonly value: object
  readonly schema: JsonSchema
  decoded: unknown
  /** The candidate after those that are within this one. */
  next: number
}

/** The parts of one document that may be taken as they are. */
export class Settling {
  readonly #known: WeakMap<object, JsonSchema>
  readonly #candidates: Candidate[] = []

  constructor(root: Message) {
    let known = settled.get(root)
    if (!known) {
      known = new WeakMap()
      settled.set(root, known)
    }
    this.#known = known
  }

  knows(value: object, schema: JsonSchema): boolean {
    return this.#known.get(value) === schema
  }

  /** Notes a frozen part that is about to be decoded; `end` is to be called with what came of it. */
  begin(value: object, schema: JsonSchema): number {
    return this.#candidates.push({ value, schema, decoded: undefined, next: 0 }) - 1
  }
  end(index: number, decoded: unknown): void {
    const candidate = this.#candidates[index]!
    candidate.decoded = decoded
    candidate.next = this.#candidates.length
  }

  /** Remembers which parts came through unchanged. To be called when the draft has all its defaults and nothing else was done to it. */
  settle(): void {
    for (let i = 0; i < this.#candidates.length; ) {
      const { value, schema, decoded, next } = this.#candidates[i]!
      if (sameFrozen(value, decoded)) {
        this.#known.set(value, schema)
        plain.add(value)
        i = next
      } else i++
    }
  }
}

/** Whether a value is frozen whole and says what another does, member by member. */
function sameFrozen(value: unknown, other: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === other
  if (typeof other !== 'object' || other === null || !Object.isFrozen(value)) return false
  if (value === other) return plain.has(value)
  if (Array.isArray(value)) {
    if (!Array.isArray(other) || value.length !== other.length) return false
    for (let i = 0; i < value.length; i++) if (!sameFrozen(value[i], other[i])) return false
    return true
  }
  if (Array.isArray(other)) return false
  const [left, right] = [value as Readonly<Record<string, unknown>>, other as Readonly<Record<string, unknown>>]
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  for (const name of names) if (!Object.hasOwn(right, name) || !sameFrozen(left[name], right[name])) return false
  return true
}
