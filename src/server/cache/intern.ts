import { equal } from '../../base/equal.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { JsonWriter, jsonText, keepText, scalarText } from '../../base/json-text.ts'

/** Parts that are larger are not looked up whole, only their parts are. */
const LARGE = 4096
/** Parts that are smaller are not taken apart when they are new. */
const SMALL = 160
/** Parts nested deeper than this are shared only as part of what holds them. */
const DEEPEST = 4
/** The same of what is still to be read, where smaller parts are not worth it. */
const DEEPEST_ADOPTED = 3
const TINY = 32
/** The texts of parts nested deeper are kept only when they are shared. */
const NOTED = 2
/** How many parts, and how many texts seen once, one generation holds. */
const GENERATION = 2048

type Parts = Readonly<Record<string, unknown>>

/** Whether a list is made of what others have: its text is put together from theirs. */
function isFrozenWithin(part: object): boolean {
  if (!Array.isArray(part)) return false
  // Not `part[0]`: lists of all kinds come here, and V8 gives up its code for one kind after the other.
  const first: unknown = part.at(0)
  return typeof first === 'object' && first !== null && Object.isFrozen(first)
}

/** Whether a part is another state of the one before. A list that has grown is not: its items are where others were, and others' lists grow alike. */
function isLike(fresh: object, before: unknown): before is object {
  if (typeof before !== 'object' || before === null) return false
  return Array.isArray(fresh) ? Array.isArray(before) && before.length === fresh.length : !Array.isArray(before)
}

/** Whether a text is the same in many parts that are not: the status of each container names the image, and nothing else of it is another's. */
const isCommon = (key: string): boolean => key === 'image' || key === 'imageID'

/** How many members are said. */
function countOf(members: Parts): number {
  let count = 0
  for (const key in members) if (members[key] !== undefined) count++
  return count
}

/**
 * Makes objects share their equal parts: with the version before, and with other objects (the containers, volumes,
 * labels … of pods of one template). By content alone. Bounded: two generations, of which the older is forgotten when
 * the newer is full; a part is kept from the second time it is seen, so that what is unique passes through. Texts alone are shared where
 * the names of members say that it is worth it.
 */
export class Interner {
  #young = new Map<string, object>()
  #old = new Map<string, object>()
  #seen = new Set<string>()
  /** As `#seen`, of what is still to be read. */
  readonly #heard = new Set<string>()
  /** Of members that are common: each by itself. */
  readonly #texts = new Map<string, string>()

  /** As `pack`, without the JSON. */
  parts(fresh: object, before: object | undefined): Record<string, unknown> {
    const parts: Record<string, unknown> = { ...fresh }
    this.#members(parts, before as Parts | undefined, 0, undefined)
    return parts
  }

  /** `fresh` with its parts frozen and shared, and its JSON. Changes nothing of `fresh` but that it takes over, below the second level, what is not frozen. */
  pack(fresh: object, before: object | undefined): { readonly parts: Record<string, unknown>; readonly text: string } {
    const json = new JsonWriter()
    const parts: Record<string, unknown> = { ...fresh }
    this.#members(parts, before as Parts | undefined, 0, json)
    return { parts, text: json.end() }
  }

  /** What stands for a part; its JSON goes to `json`, where that is wanted. */
  #share(fresh: object, before: unknown, depth: number, json: JsonWriter | undefined): object {
    // What comes frozen is shared by whoever made it: another version, or the record of owners.
    if (Object.isFrozen(fresh)) {
      json?.part(fresh, depth)
      return fresh
    }
    if (isLike(fresh, before)) {
      // What has changed is seldom like another object's: only what it is made of is compared, with what that was before.
      if (depth === 1 || !equal(fresh, before)) return this.#inside(fresh, before, depth, json)
      json?.part(before, depth)
      return before
    }
    if (depth === 1) return this.#inside(fresh, undefined, depth, json)
    const text = isFrozenWithin(fresh) ? jsonText(fresh) : JSON.stringify(fresh)
    if (depth <= DEEPEST && text.length > LARGE) return this.#inside(fresh, undefined, depth, json)
    json?.write(text)
    if (depth > DEEPEST) return deepFreeze(fresh)
    const known = this.#young.get(text) ?? this.#promote(text)
    if (known) {
      keepText(known, text)
      return known
    }
    const part = text.length > SMALL ? this.#inside(fresh, undefined, depth, undefined) : deepFreeze(fresh)
    keepText(part, text)
    this.#remember(text, part)
    return part
  }

  #inside(fresh: object, before: object | undefined, depth: number, json: JsonWriter | undefined): object {
    const from = json?.length ?? 0
    const part = Array.isArray(fresh)
      ? this.#items(depth === 1 ? fresh.slice() : fresh, before as readonly unknown[] | undefined, depth, json)
      : this.#members(depth === 1 ? { ...fresh } : (fresh as Record<string, unknown>), before as Parts | undefined, depth, json)
    if (part === before) {
      // The same in another order, perhaps.
      json?.rewind(from)
      json?.part(before, depth)
    } else if (depth <= NOTED) json?.note(part, from)
    return part
  }

  #items(items: unknown[], before: readonly unknown[] | undefined, depth: number, json: JsonWriter | undefined): object {
    let same = before?.length === items.length
    json?.write('[')
    for (let i = 0; i < items.length; i++) {
      if (i > 0) json?.write(',')
      const value = items[i]
      if (typeof value !== 'object' || value === null) json?.write(scalarText(value))
      else items[i] = this.#share(value, before?.[i], depth + 1, json)
      if (same && items[i] !== before![i]) same = false
    }
    json?.write(']')
    return same ? before! : Object.freeze(items)
  }

  #members(members: Record<string, unknown>, before: Parts | undefined, depth: number, json: JsonWriter | undefined): object {
    let same = before !== undefined
    let count = 0
    let first = true
    for (const key in members) {
      const value = members[key]
      let part = value
      if (value !== undefined) {
        count++
        if (json) first = json.name(key, first)
        if (typeof value !== 'object' || value === null) {
          json?.write(scalarText(value))
          if (typeof value === 'string' && isCommon(key)) part = members[key] = this.#text(value)
        } else {
          part = this.#share(value, before?.[key], depth + 1, json)
          if (part !== value) members[key] = part
        }
      }
      if (same && part !== before![key]) same = false
    }
    json?.write(first ? '{}' : '}')
    return same && count === countOf(before!) ? before! : depth === 0 ? members : Object.freeze(members)
  }

  /** The same text for equal ones. */
  #text(fresh: string): string {
    const known = this.#texts.get(fresh)
    if (known !== undefined) return known
    if (this.#texts.size >= GENERATION) this.#texts.clear()
    this.#texts.set(fresh, fresh)
    return fresh
  }

  /**
   * Puts parts that are known, frozen, in the place of equal ones below the members of a fresh JSON value; a part that comes the
   * second time is known from then on. All else stays as it is.
   */
  adopt(fresh: object): void {
    try {
      for (const member of Object.values(fresh)) if (typeof member === 'object' && member !== null) this.#adoptWithin(member, 2)
    } catch (error) {
      // An integer that is read as a bigint has no text; whoever decodes it says what is wrong with it.
      if (!(error instanceof TypeError)) throw error
    }
  }

  #adoptWithin(within: object, depth: number): void {
    if (Array.isArray(within)) this.#adoptItems(within, depth)
    else this.#adoptMembers(within as Record<string, unknown>, depth)
  }

  #adoptMembers(members: Record<string, unknown>, depth: number): void {
    for (const key in members) {
      const part = members[key]
      if (typeof part === 'object' && part !== null) members[key] = this.#adopted(part, depth)
    }
  }

  /** Apart from members: V8 gives up code again and again that reads both by name. */
  #adoptItems(items: unknown[], depth: number): void {
    for (let i = 0; i < items.length; i++) {
      const part = items[i]
      if (typeof part === 'object' && part !== null) items[i] = this.#adopted(part, depth)
    }
  }

  #adopted(fresh: object, depth: number): object {
    const text = JSON.stringify(fresh)
    if (text.length >= TINY && text.length <= LARGE) {
      const known = this.#young.get(text) ?? this.#promote(text)
      if (known) {
        keepText(known, text)
        return known
      }
      if (this.#heard.has(text)) {
        this.#keep(text, deepFreeze(fresh))
        return fresh
      }
      if (this.#heard.size >= GENERATION) this.#heard.clear()
      this.#heard.add(text)
    }
    if (text.length > SMALL && depth < DEEPEST_ADOPTED) this.#adoptWithin(fresh, depth + 1)
    return fresh
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
