/**
 * JSON of values of which large parts are frozen and come again and again: the text of such a part is made once and found by
 * identity. It is bounded: of two generations the older is forgotten when the newer is full.
 *
 * `JSON.stringify` alone takes three times as long for what holds frozen arrays as for what does not (V8 leaves its fast path).
 */

/** Shorter texts are made about as fast as they are found. */
const WORTH_KEEPING = 48
/** Parts nested deeper are written with what holds them. */
const DEEPEST = 4
/** Texts of so many characters are looked at one by one. */
const SHORT = 64
/** Characters of one generation. */
const GENERATION = 1 << 19
const NONE: readonly string[] = []
/** A text that is longer is not kept. */
const LARGE = 1 << 16

let young = new Map<object, string>()
let old = new Map<object, string>()
let size = 0

/** As `JSON.stringify`, of a value that has JSON; what is frozen must be frozen whole. */
export const jsonText = (value: unknown): string => textOf(value, 0)

/** The same for one of very many values, without some of its members: texts that are at hand are used, none is kept. */
export const passingText = (value: unknown, without: readonly string[] = NONE): string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(withFreshArrays(value))
  let text = ''
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (member === undefined || without.includes(key)) continue
    text += (text === '' ? '{' : ',') + nameText(key)
    text +=
      typeof member === 'object' && member !== null ? (young.get(member) ?? old.get(member) ?? JSON.stringify(withFreshArrays(member))) : textOf(member, 1)
  }
  return text === '' ? '{}' : `${text}}`
}

/** Keeps the text of a part that is frozen whole, when whoever shares it has made it anyway. */
export function keepText(part: object, text: string): void {
  if (text.length < WORTH_KEEPING || text.length > LARGE || young.has(part)) return
  if (size > GENERATION) {
    old = young
    young = new Map()
    size = 0
  }
  size += text.length
  young.set(part, text)
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : partText(value, depth)
    case 'string':
      return quoted(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return JSON.stringify(value) ?? 'null'
  }
}

function partText(part: object, depth: number): string {
  const known = young.get(part) ?? promoted(part)
  if (known !== undefined) return known
  const text = depth > DEEPEST ? JSON.stringify(withFreshArrays(part)) : Array.isArray(part) ? listText(part, depth + 1) : membersText(part, depth + 1)
  // The outermost is new each time.
  if (depth > 0 && text.length >= WORTH_KEEPING && Object.isFrozen(part)) keepText(part, text)
  return text
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
  if (text !== undefined) keepText(part, text)
  return text
}

function listText(list: readonly unknown[], depth: number): string {
  let text = '['
  for (let i = 0; i < list.length; i++) text += i === 0 ? textOf(list[i], depth) : `,${textOf(list[i], depth)}`
  return `${text}]`
}

function membersText(object: object, depth: number): string {
  let text = ''
  for (const key in object) {
    const value = (object as Readonly<Record<string, unknown>>)[key]
    if (value === undefined) continue
    text += (text === '' ? '{' : ',') + nameText(key) + textOf(value, depth)
  }
  return text === '' ? '{}' : `${text}}`
}

const names = new Map<string, string>()
const MOST_NAMES = 2048

function nameText(name: string): string {
  let text = names.get(name)
  if (text === undefined) {
    text = `${JSON.stringify(name)}:`
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
