/** What expressions compute with. An int is a bigint, a double a number. */
export type Value =
  | bigint
  | Uint
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | ListValue
  | MapValue
  | Struct
  | Instant
  | Span
  | TypeValue
  | Optional
  | Opaque

export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** How the elements of a list are told apart: `set` by themselves, or by the fields that are their key; else by place. */
export type Identity = 'set' | readonly string[]

export class ListValue {
  readonly items: readonly Value[]
  readonly identity: Identity | undefined
  constructor(items: readonly Value[], identity?: Identity) {
    this.items = items
    this.identity = identity
  }
}

export type Key = string | bigint | boolean

/** A map; whole numbers of any type are the same key. */
export class MapValue {
  readonly entries: ReadonlyMap<Key, Value>
  constructor(entries: ReadonlyMap<Key, Value>) {
    this.entries = entries
  }
}

/** An object with declared fields, by their escaped names. */
export class Struct {
  readonly fields: ReadonlyMap<string, Value>
  constructor(fields: ReadonlyMap<string, Value>) {
    this.fields = fields
  }
}

/** A timestamp, in nanoseconds since 1970. */
export class Instant {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** A duration, in nanoseconds. */
export class Span {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class TypeValue {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

export class Optional {
  readonly value: Value | undefined
  constructor(value: Value | undefined) {
    this.value = value
  }
}

/** A value of a library's own type; two are equal when their `text` is. */
export class Opaque {
  readonly type: string
  readonly text: string
  readonly data: unknown
  constructor(type: string, text: string, data: unknown) {
    this.type = type
    this.text = text
    this.data = data
  }
}

/** An expression that has no value: `no such key: a`, `division by zero`. */
export class CelFailure extends Error {}

/** The name of a value's type, as `type()` knows it; see `types.ts`. */
export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
  }
  if (value === null) return 'null'
  if (value instanceof Uint) return 'uint'
  if (value instanceof ListValue) return 'list'
  if (value instanceof MapValue) return 'map'
  if (value instanceof Struct) return 'object'
  if (value instanceof Instant) return 'timestamp'
  if (value instanceof Span) return 'duration'
  if (value instanceof TypeValue) return 'type'
  if (value instanceof Optional) return 'optional'
  if (value instanceof Opaque) return value.type
  return 'bytes'
}

/** A whole number as the key of a map; undefined for what is no key. */
export function keyOf(value: Value): Key | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value
  if (value instanceof Uint) return value.value
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined
}

/** The order of two values of types that have one; NaN is in none. */
export function compareValues(a: Value, b: Value): number {
  const left = a instanceof Uint ? a.value : a instanceof Instant || a instanceof Span ? a.nanos : a
  const right = b instanceof Uint ? b.value : b instanceof Instant || b instanceof Span ? b.nanos : b
  if (typeof left === 'number' && typeof right === 'bigint') return compareValues(left, Number(right))
  if (typeof left === 'bigint' && typeof right === 'number') return compareValues(Number(left), right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right)
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  return left! < right! ? -1 : left! > right! ? 1 : left! >= right! ? 0 : Number.NaN
}

/** By code points, not by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  let i = 0
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i > 0 && a.charCodeAt(i - 1) >= 0xd800 && a.charCodeAt(i - 1) < 0xdc00) i--
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1)
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

const isNumber = (value: Value): value is bigint | number | Uint => typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return compareValues(a, b) === 0
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (a instanceof Instant && b instanceof Instant) return a.nanos === b.nanos
  if (a instanceof Span && b instanceof Span) return a.nanos === b.nanos
  if (a instanceof TypeValue && b instanceof TypeValue) return a.name === b.name
  if (a instanceof Opaque && b instanceof Opaque) return a.type === b.type && a.text === b.text
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b) === 0
  if (a instanceof MapValue && b instanceof MapValue) return equalEntries(a.entries, b.entries)
  if (a instanceof Struct && b instanceof Struct) return equalEntries(a.fields, b.fields)
  if (a instanceof ListValue && b instanceof ListValue) return equalLists(a, b)
  if (a instanceof Optional && b instanceof Optional) {
    return a.value === undefined || b.value === undefined ? a.value === b.value : equalValues(a.value, b.value)
  }
  return false
}

function equalEntries<K>(a: ReadonlyMap<K, Value>, b: ReadonlyMap<K, Value>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !equalValues(value, other)) return false
  }
  return true
}

function equalLists(a: ListValue, b: ListValue): boolean {
  if (a.items.length !== b.items.length) return false
  if (!a.identity) return a.items.every((item, i) => equalValues(item, b.items[i]!))
  const theirs = byIdentity(b.items, a.identity)
  return a.items.every(item => {
    const other = theirs.get(identityOf(item, a.identity!))
    return other !== undefined && equalValues(item, other)
  })
}

/** A text that is the same for elements that are the same by their identity. */
export function identityOf(item: Value, identity: Identity): string {
  if (identity === 'set') return shape(item)
  return item instanceof Struct ? identity.map(key => shape(item.fields.get(key) ?? null)).join(',') : shape(item)
}

function shape(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (isNumber(value)) return String(value instanceof Uint ? value.value : value)
  if (value instanceof ListValue) return `[${value.items.map(shape).join(',')}]`
  if (value instanceof Struct || value instanceof MapValue) {
    const entries: readonly [Key, Value][] = [...(value instanceof Struct ? value.fields : value.entries)]
    return `{${entries
      .map(([key, one]) => `${JSON.stringify(String(key))}:${shape(one)}`)
      .sort()
      .join(',')}}`
  }
  if (value instanceof Instant || value instanceof Span) return `${typeNameOf(value)}:${value.nanos}`
  if (value instanceof Uint8Array) return `bytes:${value.join(',')}`
  return value instanceof Opaque ? `${value.type}:${value.text}` : String(value)
}

const byIdentity = (items: readonly Value[], identity: Identity): ReadonlyMap<string, Value> => new Map(items.map(item => [identityOf(item, identity), item]))

/** Two lists as one: appended, or united by the identity of their elements, those of the second winning. */
export function joinLists(a: ListValue, b: ListValue): ListValue {
  if (!a.identity) return new ListValue([...a.items, ...b.items])
  const joined = new Map(byIdentity(a.items, a.identity))
  for (const [key, item] of byIdentity(b.items, a.identity)) if (a.identity !== 'set' || !joined.has(key)) joined.set(key, item)
  return new ListValue([...joined.values()], a.identity)
}

/** How much there is of a value, for what walking it costs. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  if (value instanceof ListValue) return value.items.length
  if (value instanceof MapValue) return value.entries.size
  if (value instanceof Struct) return value.fields.size
  return 1
}
