/**
 * JSON of values of which large parts are frozen and come again and again: the text of such a part is made once and found by
 * identity. It is bounded: of two generations the older is forgotten when the newer is full.
 *
 * `JSON.stringify` alone takes three times as long for what holds frozen arrays as for what does not (V8 leaves its fast path).
 */

/** Shorter texts are made about as fast as they are found. */
const WORTH_KEEPING = 48
/** Parts nested deeper are written with what holds them. */
const DEEPEST = 8
/** Texts of so many characters are looked at one by one. */
const SHORT = 64
/** Characters of one generation. */
const GENERATION = 1 << 19
const NONE: readonly string[] = []
/** Of a text that is longer nothing is kept. */
const LARGE = 1 << 16

let young = new Map<object, string>()
let old = new Map<object, string>()
let size = 0

/** As `JSON.stringify`, of a value that has JSON; what is frozen must be frozen whole. */
export function jsonText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return scalarText(value)
  const json = new JsonWriter()
  json.part(value, 0)
  return json.end()
}

/** The same for one of very many values, without some of its members: texts that are at hand are used, none is kept. */
export const passingText = (value: unknown, without: readonly string[] = NONE): string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(withFreshArrays(value))
  let text = ''
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (member === undefined || without.includes(key)) continue
    text += text === '' ? nameText(key).first : nameText(key).next
    text +=
      typeof member === 'object' && member !== null ? (young.get(member) ?? old.get(member) ?? JSON.stringify(withFreshArrays(member))) : scalarText(member)
  }
  return text === '' ? '{}' : `${text}}`
}

/** Keeps the text of a part that is frozen whole, when whoever shares it has made it anyway. */
export function keepText(part: object, text: string): void {
  if (text.length < WORTH_KEEPING || text.length > LARGE || young.has(part)) return
  takeRoom(text.length)
  young.set(part, text)
}

function takeRoom(length: number): void {
  if (size > GENERATION) {
    old = young
    young = new Map()
    size = 0
  }
  size += length
}

/** One JSON text under way. The texts of the frozen parts in it are kept at its end. */
export class JsonWriter {
  #text = ''
  /** Frozen parts, and where each begins and ends. */
  readonly #parts: object[] = []
  readonly #places: number[] = []

  write(text: string): void {
    this.#text += text
  }

  /** What stands before the value of a member; returns false, for the next ones. */
  name(name: string, first: boolean): false {
    const text = nameText(name)
    this.#text += first ? text.first : text.next
    return false
  }

  value(value: unknown, depth: number): void {
    if (typeof value === 'object' && value !== null) this.part(value, depth)
    else this.#text += scalarText(value)
  }

  /** The outermost is at depth 0; it is new each time. */
  part(part: object, depth: number): void {
    const known = young.get(part) ?? promoted(part)
    if (known !== undefined) {
      this.#text += known
      return
    }
    const from = this.#text.length
    if (depth > DEEPEST) this.#text += JSON.stringify(withFreshArrays(part))
    else if (Array.isArray(part)) this.#list(part, depth + 1)
    else this.#members(part as Readonly<Record<string, unknown>>, depth + 1)
    if (depth > 0 && Object.isFrozen(part)) this.note(part, from)
  }

  get length(): number {
    return this.#text.length
  }

  /** A part that is frozen whole begins at `from` and ends here. */
  note(part: object, from: number): void {
    const to = this.#text.length
    if (to - from < WORTH_KEEPING) return
    this.#parts.push(part)
    this.#places.push(from, to)
  }

  /** Takes back what was written since the text was so long. */
  rewind(length: number): void {
    this.#text = this.#text.slice(0, length)
    while (this.#parts.length > 0 && this.#places[this.#places.length - 1]! > length) {
      this.#parts.pop()
      this.#places.length -= 2
    }
  }

  /** The whole text. */
  end(): string {
    const text = this.#text
    const parts = this.#parts
    if (parts.length === 0 || text.length > LARGE) return text
    // Each is a piece of the whole, which is held as long as one of them is.
    takeRoom(text.length)
    for (let i = 0; i < parts.length; i++) young.set(parts[i]!, text.slice(this.#places[2 * i], this.#places[2 * i + 1]))
    return text
  }

  #list(list: readonly unknown[], depth: number): void {
    this.#text += '['
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.#text += ','
      this.value(list[i], depth)
    }
    this.#text += ']'
  }

  #members(object: Readonly<Record<string, unknown>>, depth: number): void {
    let first = true
    for (const key in object) {
      const value = object[key]
      if (value === undefined) continue
      first = this.name(key, first)
      this.value(value, depth)
    }
    this.#text += first ? '{}' : '}'
  }
}

export function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return JSON.stringify(value) ?? 'null'
  }
}

/** A call to find out costs more than to look at a short text. */
function quoted(text: string): string {
  if (text.length > SHORT) return JSON.stringify(text)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(text)
  }
  return `"${text}"`
}

function promoted(part: object): string | undefined {
  const text = old.get(part)
  // A piece of a longer text would hold all of that.
  if (text !== undefined) keepText(part, ` ${text}`.slice(1))
  return text
}

interface Name {
  readonly first: string
  readonly next: string
}
const names = new Map<string, Name>()
const MOST_NAMES = 2048

/** What stands before the value of a member: `{"name":` or `,"name":`. */
function nameText(name: string): Name {
  let text = names.get(name)
  if (text === undefined) {
    const quotedName = `${JSON.stringify(name)}:`
    text = { first: `{${quotedName}`, next: `,${quotedName}` }
    if (names.size < MOST_NAMES) names.set(name, text)
  }
  return text
}

/** The same JSON without a frozen array in it. */
function withFreshArrays(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withFreshArrays)
  let copy: Record<string, unknown> | undefined
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (typeof member !== 'object' || member === null) continue
    const other = withFreshArrays(member)
    if (other === member) continue
    copy ??= { ...value }
    copy[key] = other
  }
  return copy ?? value
}
