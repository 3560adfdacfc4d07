import { readDuration, readTimestamp } from '../../../cel/library/time-texts.ts'
import { CelFailure, ListValue, MapValue, Span, Struct, type Value } from '../../../cel/values.ts'
import { itemsOf, type JsonSchemaProps, propertyOf, valuesOf } from '../props.ts'
import { escapeName, namesOf } from './escape.ts'
import { withMeta } from './rule-types.ts'

/** What no expression can name counts only when objects are compared. */
const hidden = (name: string): string => `\0${name}`

/** Values of one object as rules see them, each made once. */
export class RuleValues {
  readonly #made = new WeakMap<object, { readonly schema: JsonSchemaProps; readonly value: Value }>()

  /** The value of a schema; one that does not fit it becomes what it is. */
  of(schema: JsonSchemaProps, json: unknown, root = false): Value {
    if (typeof json !== 'object' || json === null) return scalar(schema, json)
    const known = this.#made.get(json)
    if (known?.schema === schema) return known.value
    const value = Array.isArray(json) ? this.#list(schema, json) : this.#object(root ? withMeta(schema) : schema, json as Record<string, unknown>)
    this.#made.set(json, { schema, value })
    return value
  }

  #list(schema: JsonSchemaProps, json: readonly unknown[]): ListValue {
    const items = itemsOf(schema) ?? {}
    const kind = schema['x-kubernetes-list-type']
    const identity =
      kind === 'set' ? 'set' : kind === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map(key => escapeName(key) ?? hidden(key)) : undefined
    return new ListValue(
      json.map(item => this.of(items, item, items['x-kubernetes-embedded-resource'])),
      identity,
    )
  }

  #object(schema: JsonSchemaProps, json: Readonly<Record<string, unknown>>): Value {
    const values = valuesOf(schema)
    if (values) {
      const embedded = values['x-kubernetes-embedded-resource']
      return new MapValue(new Map(Object.entries(json).map(([key, value]) => [key, this.of(values, value, embedded)])))
    }
    const fields = new Map<string, Value>()
    for (const name of Object.keys(json)) {
      const property = propertyOf(schema, name)
      // A field that is null is not there.
      if (property && json[name] === null) continue
      const value = this.of(property ?? {}, json[name], property?.['x-kubernetes-embedded-resource'])
      const names = property ? namesOf(name) : []
      for (const one of names.length > 0 ? names : [hidden(name)]) fields.set(one, value)
    }
    return new Struct(fields)
  }
}

function scalar(schema: JsonSchemaProps, json: unknown): Value {
  if (typeof json === 'number') return schema.type === 'number' || !Number.isInteger(json) ? json : BigInt(json)
  if (typeof json === 'string') return schema.type === 'string' && !schema['x-kubernetes-int-or-string'] ? text(schema.format, json) : json
  return typeof json === 'boolean' ? json : null
}

function text(format: string | undefined, json: string): Value {
  switch (format) {
    case 'byte':
      return Uint8Array.from(atob(json.replace(/[\r\n]/g, '')), one => one.charCodeAt(0))
    case 'duration':
      return duration(json)
    case 'date':
      return readTimestamp(`${json}T00:00:00Z`)
    case 'date-time':
      return readTimestamp(json)
    default:
      return json
  }
}

const HOURS: Readonly<Record<string, bigint>> = { w: 168n, d: 24n, h: 1n }
/** What the format takes beyond an expression's own notation: `2 days`, `1 hour`. */
function duration(json: string): Span {
  try {
    return readDuration(json)
  } catch (failure) {
    const match = /^(\d+) ?(d|w|h|m|s)[a-z]*$/.exec(json)
    if (!match || !(failure instanceof CelFailure)) throw failure
    const hours = HOURS[match[2]!]
    const nanos = hours === undefined ? (match[2] === 'm' ? 60_000_000_000n : 1_000_000_000n) : hours * 3_600_000_000_000n
    return new Span(BigInt(match[1]!) * nanos)
  }
}
