/** The static types of expressions. */
export type Type =
  | { readonly kind: 'plain'; readonly name: PlainName }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Type> }
  | { readonly kind: 'optional'; readonly of: Type }
  | { readonly kind: 'type'; readonly of: Type }
  | { readonly kind: 'opaque'; readonly name: string }
  /** Stands for any type, the same one wherever it occurs in one signature. */
  | { readonly kind: 'parameter'; readonly name: string }

export type PlainName = 'int' | 'uint' | 'double' | 'string' | 'bool' | 'bytes' | 'null' | 'timestamp' | 'duration' | 'dyn' | 'error'
const PLAIN: readonly string[] = ['int', 'uint', 'double', 'string', 'bool', 'bytes', 'null', 'timestamp', 'duration', 'dyn']

const plain = (name: PlainName): Type => ({ kind: 'plain', name })
export const INT = plain('int')
export const UINT = plain('uint')
export const DOUBLE = plain('double')
export const STRING = plain('string')
export const BOOL = plain('bool')
export const BYTES = plain('bytes')
export const NULL = plain('null')
export const TIMESTAMP = plain('timestamp')
export const DURATION = plain('duration')
/** Known when it is evaluated only. */
export const DYN = plain('dyn')
/** Of what has a problem that was reported already. */
export const ERROR = plain('error')
export const listOf = (of: Type): Type => ({ kind: 'list', of })
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value })
export const optionalOf = (of: Type): Type => ({ kind: 'optional', of })

export const isPlain = (type: Type, name: PlainName): boolean => type.kind === 'plain' && type.name === name
export const isDynamic = (type: Type): boolean => type.kind === 'plain' && (type.name === 'dyn' || type.name === 'error')

export function shownType(type: Type): string {
  switch (type.kind) {
    case 'plain':
      return type.name
    case 'list':
      return `list(${shownType(type.of)})`
    case 'map':
      return `map(${shownType(type.key)}, ${shownType(type.value)})`
    case 'object':
      return 'object'
    case 'optional':
      return `optional_type(${shownType(type.of)})`
    case 'type':
      return `type(${shownType(type.of)})`
    case 'opaque':
    case 'parameter':
      return type.name
    default:
      return type satisfies never
  }
}

/** What the parameters of a signature stand for in one call. */
export type Bindings = Map<string, Type>

/** Reads a type as signatures write it: `list<A>`, `optional<string>`, `kubernetes.IP`. */
export function readType(text: string): Type {
  const match = /^(list|map|optional|type)<(.*)>$/.exec(text)
  if (!match) {
    if (PLAIN.includes(text)) return plain(text as PlainName)
    return /^[A-Z]$/.test(text) ? { kind: 'parameter', name: text } : { kind: 'opaque', name: text }
  }
  const [, outer, inner = ''] = match
  if (outer === 'map') {
    const comma = splitTypes(inner)
    return mapOf(readType(comma[0]!), readType(comma[1]!))
  }
  const of = readType(inner)
  return outer === 'list' ? listOf(of) : outer === 'optional' ? optionalOf(of) : { kind: 'type', of }
}

/** The types of a list, split at the commas that are not inside one of them. */
export function splitTypes(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const one of text) {
    if (one === '<') depth++
    else if (one === '>') depth--
    if (one === ',' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += one
  }
  return part.trim() ? [...parts, part.trim()] : parts
}

/** A type with its parameters replaced; one that nothing says anything about is `dyn`. */
export function substitute(type: Type, bindings: Bindings): Type {
  switch (type.kind) {
    case 'parameter':
      return bindings.get(type.name) ?? DYN
    case 'list':
      return listOf(substitute(type.of, bindings))
    case 'map':
      return mapOf(substitute(type.key, bindings), substitute(type.value, bindings))
    case 'optional':
      return optionalOf(substitute(type.of, bindings))
    case 'type':
      return { kind: 'type', of: substitute(type.of, bindings) }
    default:
      return type
  }
}

/** Whether a value of type `given` can stand where `wanted` is; binds parameters of `wanted`. */
export function fits(wanted: Type, given: Type, bindings: Bindings): boolean {
  if (wanted.kind === 'parameter') {
    const bound = bindings.get(wanted.name)
    if (!bound || isDynamic(bound)) {
      if (!bound || !isDynamic(given)) bindings.set(wanted.name, given)
      return true
    }
    if (fits(bound, given, bindings)) {
      bindings.set(wanted.name, moreGeneral(bound, given))
      return true
    }
    // `null` came first: what comes now is the type.
    if (!fits(given, bound, bindings)) return false
    bindings.set(wanted.name, given)
    return true
  }
  if (isDynamic(wanted) || isDynamic(given)) return true
  if (isPlain(given, 'null')) return mayBeNull(wanted)
  switch (wanted.kind) {
    case 'plain':
      return given.kind === 'plain' && given.name === wanted.name
    case 'list':
      return given.kind === 'list' && fits(wanted.of, given.of, bindings)
    case 'map':
      return given.kind === 'map' && fits(wanted.key, given.key, bindings) && fits(wanted.value, given.value, bindings)
    case 'optional':
      return given.kind === 'optional' && fits(wanted.of, given.of, bindings)
    case 'type':
      return given.kind === 'type'
    case 'object':
      return wanted === given || (given.kind === 'object' && sameFields(wanted.fields, given.fields))
    case 'opaque':
      return given.kind === 'opaque' && given.name === wanted.name
    default:
      return wanted satisfies never
  }
}

const mayBeNull = (type: Type): boolean =>
  type.kind === 'object' || type.kind === 'opaque' || isPlain(type, 'null') || isPlain(type, 'timestamp') || isPlain(type, 'duration')

/** Elements that nothing is known of take their type from the other. */
const moreGeneral = (a: Type, b: Type): Type => (a.kind === 'list' && isDynamic(a.of) ? b : a.kind === 'map' && isDynamic(a.value) ? b : a)

function sameFields(a: ReadonlyMap<string, Type>, b: ReadonlyMap<string, Type>): boolean {
  if (a === b) return true
  return a.size === b.size && [...a.keys()].every(name => b.has(name))
}

/** The types of values, by the names that `typeNameOf` gives. */
export function runtimeName(type: Type): string | undefined {
  switch (type.kind) {
    case 'plain':
      return type.name === 'dyn' || type.name === 'error' ? undefined : type.name
    case 'parameter':
      return undefined
    case 'opaque':
      return type.name
    default:
      return type.kind
  }
}
