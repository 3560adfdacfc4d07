import { equal } from '../../base/equal.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { keepText } from '../../base/json-text.ts'

/** Parts that are larger are not looked up whole, only their parts are. */
const LARGE = 4096
/** Parts that are smaller are not taken apart when they are new. */
const SMALL = 160
/** Parts nested deeper than this are shared only as part of what holds them. */
const DEEPEST = 4
/** How many parts, and how many texts seen once, one generation holds. */
const GENERATION = 2048

type Parts = Readonly<Record<string, unknown>>

/**
 * Makes objects share their equal parts: with the version before, and with other objects (the containers, volumes,
 * labels … of pods of one template). By content alone. Bounded: two generations, of which the older is forgotten when
 * the newer is full; a part is kept from the second time it is seen, so that what is unique passes through.
 */
export class Interner {
  #young = new Map<string, object>()
  #old = new Map<string, object>()
  #seen = new Set<string>()

  /** The parts of `fresh` at the first level, frozen and shared. Changes nothing of `fresh`, but freezes what it keeps of it. */
  parts(fresh: object, before: object | undefined): Record<string, unknown> {
    const parts: Record<string, unknown> = { ...fresh }
    for (const key in parts) parts[key] = this.#share(parts[key], (before as Parts | undefined)?.[key], 1)
    return parts
  }

  #share(fresh: unknown, before: unknown, depth: number): unknown {
    if (typeof fresh !== 'object' || fresh === null) return fresh
    // What comes frozen is shared by whoever made it: another version, or the record of owners.
    if (Object.isFrozen(fresh)) return fresh
    if (typeof before === 'object' && before !== null && Array.isArray(before) === Array.isArray(fresh)) {
      // What has changed is seldom like another object's: only what it is made of is compared, with what that was before.
      return depth > 1 && equal(fresh, before) ? before : this.#inside(fresh, before, depth)
    }
    if (depth === 1) return this.#inside(fresh, undefined, depth)
    if (depth > DEEPEST) return deepFreeze(fresh)
    const text = JSON.stringify(fresh)
    if (text.length > LARGE) return this.#inside(fresh, undefined, depth)
    const known = this.#young.get(text) ?? this.#promote(text)
    if (known) {
      keepText(known, text)
      return known
    }
    const kept = text.length > SMALL ? this.#inside(fresh, undefined, depth) : deepFreeze(fresh)
    keepText(kept, text)
    this.#remember(text, kept)
    return kept
  }

  #inside(fresh: object, before: object | undefined, depth: number): object {
    return Array.isArray(fresh)
      ? this.#insideArray(fresh, before as readonly unknown[] | undefined, depth)
      : this.#insideObject(fresh as Parts, before as Parts | undefined, depth)
  }

  #insideArray(fresh: readonly unknown[], before: readonly unknown[] | undefined, depth: number): object {
    let same = before?.length === fresh.length
    const copy: unknown[] = []
    for (let i = 0; i < fresh.length; i++) {
      const shared = this.#share(fresh[i], before?.[i], depth + 1)
      copy.push(shared)
      if (same && shared !== before![i]) same = false
    }
    return same ? before! : Object.freeze(copy)
  }

  #insideObject(fresh: Parts, before: Parts | undefined, depth: number): object {
    const copy: Record<string, unknown> = { ...fresh }
    let same = before !== undefined
    let count = 0
    for (const key in copy) {
      count++
      const part = copy[key]
      const shared = this.#share(part, before?.[key], depth + 1)
      if (shared !== part) copy[key] = shared
      if (same && shared !== before![key]) same = false
    }
    return same && count === Object.keys(before!).length ? before! : Object.freeze(copy)
  }

  #promote(text: string): object | undefined {
    const known = this.#old.get(text)
    if (known) this.#keep(text, known)
    return known
  }

  #remember(text: string, part: object): void {
    if (this.#seen.has(text)) this.#keep(text, part)
    else {
      if (this.#seen.size >= GENERATION) this.#seen.clear()
      this.#seen.add(text)
    }
  }

  #keep(text: string, part: object): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(text, part)
  }
}
