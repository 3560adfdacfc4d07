import type { Draft } from '../meta/object.ts'
import { canonicalQuantity, QUANTITY_SYNTAX } from '../meta/quantity.ts'
import { badRequest, type StatusError } from '../meta/status.ts'
import type { JsonSchema, Message, MessageOf } from './build.ts'
import type { JsonSchemaProps } from './custom/props.ts'
import { prune } from './custom/prune.ts'
import { setOwn, shownPath } from './plain.ts'
import type { Settling } from './settled.ts'
import { normaliseTime } from './time.ts'

export interface DecodeOptions {
  /**
   * Fields that the schema does not know: `strict` refuses the object, `warn` drops them and names them in `problems`,
   * `drop` drops them.
   */
  readonly unknown: 'strict' | 'warn' | 'drop'
  /** What the document is decoded as, for messages (`DaemonSet in version "v1"`). The message's own name when absent. */
  readonly as?: { readonly kind: string; readonly version: string }
  /** Keeps `null` and empty lists and maps: in a configuration that is applied they say something. */
  readonly literal?: boolean
  /** Problems found while reading the bytes (`duplicate field "metadata.name"`); they count like unknown fields. */
  readonly duplicates?: readonly string[]
  /** Frozen parts below the second level that it knows are taken as they are; others are shown to it. */
  readonly settling?: Settling | undefined
  /** The stored object that the JSON is a new state of: its parts, where they are in the JSON in their own place, are taken as they are. */
  readonly stored?: object | undefined
}

/** Parts nested less deeply are fresh in any case: who owns the draft sets their members. */
const SETTLED_FROM = 2

export interface Decoded<T> {
  /** A fresh value that the caller owns alone, but for what is settled: own, plain properties only, types as the schema says. */
  readonly value: Draft<T>
  /** `unknown field "spec.foo"`, `duplicate field "metadata.name"`; at most 100. */
  readonly problems: readonly string[]
}

const MAX_DEPTH = 500
const MAX_PROBLEMS = 100

/**
 * Takes the JSON of strangers and yields a draft of the message: wrong types are a BadRequest that names the field,
 * `null` and empty lists and maps are absent, unknown fields are dropped, times and quantities take their canonical form. Fills nothing in.
 */
export function decode<T>(message: MessageOf<T>, json: unknown, options: DecodeOptions): Decoded<T> {
  const problems = options.unknown === 'drop' ? undefined : [...(options.duplicates ?? [])]
  const decoder = new Decoder(problems, cannotHandle(message, options), options)
  if (!isObject(json)) throw decoder.mismatch(json, shortName(message.name))
  const value = decoder.message(message, json, 0) as Draft<T>
  if (options.unknown === 'strict' && problems && problems.length > 0) throw strictError(message, problems, options.as)
  return { value, problems: problems ?? [] }
}

/** The refusal of `fieldValidation=Strict` for a body with these problems. */
export const strictError = (message: Message, problems: readonly string[], as?: DecodeOptions['as']): StatusError =>
  badRequest(`${cannotHandle(message, as ? { as } : {})}strict decoding error: ${problems.join(', ')}`)

const shortName = (name: string): string => name.split('.').slice(-2).join('.')
const baseName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

function cannotHandle(message: Message, options: Pick<DecodeOptions, 'as'>): string {
  const kind = options.as?.kind ?? baseName(message.name)
  const version = options.as?.version ?? message.name.split('.').at(-2) ?? ''
  return `${kind} in version "${version}" cannot be handled as a ${kind}: `
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What Go's decoder calls the JSON type of a value. */
const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value

/** What Go calls the type that a schema stands for. */
function goType(schema: JsonSchema): string {
  if (schema.ref) return shortName(schema.ref.name)
  if (schema.items) return `[]${goType(schema.items)}`
  if (schema.additionalProperties) return `map[string]${goType(schema.additionalProperties)}`
  if (schema.format === 'int32' || schema.format === 'int64') return schema.format
  if (schema.type === 'number') return 'float64'
  if (schema.type === 'boolean') return 'bool'
  if (schema.format === 'byte') return '[]uint8'
  return schema.type ?? 'interface {}'
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

type Parts = Readonly<Record<string, unknown>>

class Decoder {
  /** Keys and indexes from the root; the first `depth` of them are current. */
  readonly #path: (string | number)[] = []
  #depth = 0
  readonly #problems: string[] | undefined
  readonly #prefix: string
  readonly #settling: Settling | undefined
  readonly #stored: Parts | undefined
  readonly #literal: boolean
  #struct = ''

  constructor(problems: string[] | undefined, prefix: string, { settling, stored, literal = false }: Pick<DecodeOptions, 'settling' | 'stored' | 'literal'>) {
    this.#problems = problems
    this.#prefix = prefix
    this.#settling = settling
    this.#stored = stored as Parts | undefined
    this.#literal = literal
  }

  message(message: Message, json: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
    if (message.structural) return this.#custom(message, message.structural, json)
    const out: Record<string, unknown> = {}
    const { properties } = message
    for (const key in json) {
      if (!Object.hasOwn(json, key)) continue
      const property = properties[key]
      if (property !== undefined) {
        const value = json[key]
        if (value === null && this.#literal && key !== 'metadata') out[key] = null
        if (value === null || value === undefined) continue
        this.#struct = message.name
        this.#path[depth] = key
        const decoded = this.#part(property, value, depth + 1)
        if (this.#literal || !isEmptyUnsaid(message, key, property, decoded)) out[key] = decoded
      } else if (message.kind && (key === 'apiVersion' || key === 'kind')) {
        const value = json[key]
        if (value === null || value === undefined) continue
        this.#struct = message.name
        this.#path[depth] = key
        this.#depth = depth + 1
        if (typeof value !== 'string') throw this.mismatch(value, 'string')
        out[key] = value
      } else if (this.#problems) {
        this.#path[depth] = key
        this.#unknown(this.#path.slice(0, depth + 1))
      }
    }
    return out
  }

  #unknown(path: readonly (string | number)[]): void {
    if (this.#problems && this.#problems.length < MAX_PROBLEMS) this.#problems.push(`unknown field ${JSON.stringify(shownPath(path))}`)
  }

  /** A custom object: its metadata is typed like any, the rest is pruned here and judged by its validation. */
  #custom(message: Message, structural: JsonSchemaProps, json: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const common: Record<string, unknown> = {}
    for (const key of ['apiVersion', 'kind', 'metadata']) if (Object.hasOwn(json, key)) common[key] = json[key]
    const { structural: _, ...typed } = message
    const out = { ...(prune(structural, json, this.#problems) as Record<string, unknown>), ...this.message(typed, common, 0) }
    if (out['metadata'] === null) delete out['metadata']
    return out
  }

  #part(schema: JsonSchema, value: unknown, depth: number): unknown {
    const settling = this.#settling
    if (settling === undefined || typeof value !== 'object' || value === null) return this.#value(schema, value, depth)
    if (this.#stored !== undefined && depth <= SETTLED_FROM) {
      const outer = this.#stored[this.#path[0]!]
      if (depth === 1 && outer === value) return { ...value }
      if (depth === SETTLED_FROM && typeof outer === 'object' && outer !== null && (outer as Parts)[this.#path[1]!] === value) return value
    }
    if (depth < SETTLED_FROM) return this.#value(schema, value, depth)
    if (settling.knows(value, schema)) return value
    if (!Object.isFrozen(value)) return this.#value(schema, value, depth)
    const index = settling.begin(value, schema)
    const decoded = this.#value(schema, value, depth)
    settling.end(index, decoded)
    return decoded
  }

  #value(schema: JsonSchema, value: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw badRequest(`${this.#prefix}json: exceeded max depth of ${MAX_DEPTH}`)
    const path = this.#path
    this.#depth = depth
    if (schema.ref !== undefined) {
      if (!isObject(value)) throw this.mismatch(value, shortName(schema.ref.name))
      return this.message(schema.ref, value, depth)
    }
    switch (schema.type) {
      case 'string':
        return this.#string(schema, value)
      case 'integer':
        return this.#integer(schema, value)
      case 'boolean':
        if (typeof value !== 'boolean') throw this.mismatch(value, 'bool')
        return value
      case 'number':
        if (typeof value === 'bigint') return Number(value)
        if (typeof value !== 'number' || !Number.isFinite(value)) throw this.mismatch(value, 'float64')
        return value
      case 'array': {
        if (!Array.isArray(value)) throw this.mismatch(value, goType(schema))
        const items = schema.items ?? {}
        const struct = this.#struct
        // A list that grows by what is pushed has room for sixteen more, and keeps it.
        const out: unknown[] = value.slice()
        for (let i = 0; i < value.length; i++) {
          path[depth] = i
          this.#struct = struct
          out[i] = this.#element(items, value[i], depth + 1)
        }
        return out
      }
      case 'object': {
        if (!isObject(value)) throw this.mismatch(value, goType(schema))
        const values = schema.additionalProperties
        if (schema.read) return schema.read(this.#any(value, depth), below => this.#unknown([...path.slice(0, depth), ...below]))
        if (!values) return this.#any(value, depth)
        const struct = this.#struct
        const out: Record<string, unknown> = {}
        for (const key in value) {
          if (!Object.hasOwn(value, key)) continue
          path[depth] = key
          this.#struct = struct
          if (value[key] !== undefined) setOwn(out, key, this.#element(values, value[key], depth + 1))
        }
        return out
      }
      case undefined:
        return this.#any(value, depth)
      default:
        return schema.type satisfies never
    }
  }

  /** An element of a list or map: `null` there is the zero value. */
  #element(schema: JsonSchema, value: unknown, depth: number): unknown {
    return value === null || value === undefined ? zeroOf(schema) : this.#part(schema, value, depth)
  }

  #string(schema: JsonSchema, value: unknown): string | number {
    switch (schema.format) {
      case 'int-or-string':
        if (typeof value === 'string') return value
        return this.#integer({ type: 'integer', format: 'int32' }, value)
      case 'quantity': {
        const canonical = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? canonicalQuantity(String(value)) : undefined
        if (canonical === undefined) throw this.#bad(QUANTITY_SYNTAX)
        return canonical
      }
    }
    if (typeof value !== 'string') throw this.mismatch(value, schema.format === 'byte' ? '[]uint8' : 'string')
    switch (schema.format) {
      case 'date-time':
      case 'micro-time': {
        const time = normaliseTime(value, schema.format === 'date-time' ? 0 : 6)
        if (time === undefined) throw this.#bad(`parsing time ${JSON.stringify(value.slice(0, 64))}: must be RFC 3339, like "2006-01-02T15:04:05Z"`)
        return time
      }
      case 'byte': {
        const text = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value
        if (!BASE64.test(text)) throw this.#bad('illegal base64 data')
        return text
      }
    }
    return value
  }

  #integer(schema: JsonSchema, value: unknown): number {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number') throw this.mismatch(value, schema.format ?? 'int64')
    const limit = schema.format === 'int32' ? 2 ** 31 : 2 ** 63
    if (!Number.isInteger(number) || number < -limit || (limit === 2 ** 31 ? number >= limit : number > limit)) {
      throw this.mismatch(value, schema.format ?? 'int64', `number ${value}`)
    }
    return number === 0 ? 0 : number
  }

  /** Any JSON, copied. */
  #any(value: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw badRequest(`${this.#prefix}json: exceeded max depth of ${MAX_DEPTH}`)
    if (typeof value === 'bigint') return Number(value)
    if (Array.isArray(value)) return value.map(item => this.#any(item ?? null, depth + 1))
    if (!isObject(value)) return value
    const out: Record<string, unknown> = {}
    for (const key of Object.keys(value)) if (value[key] !== undefined) setOwn(out, key, this.#any(value[key], depth + 1))
    return out
  }

  mismatch(value: unknown, type: string, shown = jsonType(value)): StatusError {
    const field = this.#path
      .slice(0, this.#depth)
      .filter(part => typeof part === 'string')
      .join('.')
    const place = field ? `Go struct field ${baseName(this.#struct)}.${field}` : 'Go value'
    return badRequest(`${this.#prefix}json: cannot unmarshal ${shown} into ${place} of type ${type}`)
  }

  #bad(why: string): StatusError {
    return badRequest(`${this.#prefix}${shownPath(this.#path, this.#depth)}: ${why}`)
  }
}

/** An empty list or map where none is required says nothing, and upstream does not keep it. */
function isEmptyUnsaid(message: Message, key: string, schema: JsonSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || schema.ref || schema['x-kubernetes-preserve-unknown-fields']) return false
  for (const _ in value) return false
  return !schema.explicit && !message.required.includes(key)
}

/** The value that Go gives a type when nothing was said. */
export function zeroOf(schema: JsonSchema): unknown {
  if (schema.ref) return {}
  switch (schema.type) {
    case 'string':
      return schema.format === 'int-or-string' ? 0 : schema.format === 'quantity' ? '0' : ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return null
  }
}
