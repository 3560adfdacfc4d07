import type { JsonSchema, Message } from '../schema/build.ts'
import { BYTES, FIXED64, VARINT } from './wire.ts'

/** How a value stands on the wire. `strings` is a message that wraps a list of strings, `raw` one that wraps JSON. */
export type Shape =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'number'
  | 'bytes'
  | 'message'
  | 'quantity'
  | 'time'
  | 'micro-time'
  | 'int-or-string'
  | 'raw'
  | 'strings'
  | 'list'
  | 'map'

export const WIRE_TYPES: Readonly<Record<Shape, number>> = {
  string: BYTES,
  integer: VARINT,
  boolean: VARINT,
  number: FIXED64,
  bytes: BYTES,
  message: BYTES,
  quantity: BYTES,
  time: BYTES,
  'micro-time': BYTES,
  'int-or-string': BYTES,
  raw: BYTES,
  strings: BYTES,
  list: BYTES,
  map: BYTES,
}

export interface Field {
  readonly key: string
  readonly number: number
  readonly schema: JsonSchema
  readonly shape: Shape
  /** Of the elements of a list or map. */
  readonly element: Shape | undefined
  /** The zero value is kept: the field is required or its zero says something. */
  readonly zeroSays: boolean
  /** Fields of an embedded message that JSON flattens into the outer one. */
  readonly embedded: ReadonlyMap<number, Field> | undefined
}

interface Plan {
  /** In the order of field numbers. */
  readonly byNumber: ReadonlyMap<number, Field>
}

const plans = new WeakMap<Message, Plan>()

export function planOf(message: Message): Plan {
  const known = plans.get(message)
  if (known) return known
  const fields: Field[] = []
  const groups = new Map<number, Field[]>()
  for (const key of Object.keys(message.properties)) {
    const property = message.properties[key]!
    const { protobuf } = property
    if (protobuf === 0) continue
    const zeroSays = property.explicit === true || message.required.includes(key)
    if (typeof protobuf === 'number') fields.push(fieldOf(key, protobuf, property, zeroSays))
    else {
      const [outer, inner] = protobuf
      if (!groups.has(outer)) groups.set(outer, [])
      groups.get(outer)!.push(fieldOf(key, inner, property, zeroSays))
    }
  }
  for (const [number, inner] of groups) {
    fields.push({ key: inner[0]!.key, number, schema: {}, shape: 'message', element: undefined, zeroSays: false, embedded: byNumber(inner) })
  }
  const plan = { byNumber: byNumber(fields) }
  plans.set(message, plan)
  return plan
}

const byNumber = (fields: readonly Field[]): ReadonlyMap<number, Field> =>
  new Map(fields.toSorted((a, b) => a.number - b.number).map(field => [field.number, field]))

function fieldOf(key: string, number: number, schema: JsonSchema, zeroSays: boolean): Field {
  const shape = shapeOf(schema)
  const inner = shape === 'list' ? schema.items : shape === 'map' ? schema.additionalProperties : undefined
  const element = inner && shapeOf(inner)
  return { key, number, schema, shape, element: element === 'list' ? 'strings' : element, zeroSays, embedded: undefined }
}

function shapeOf(schema: JsonSchema): Shape {
  if (schema.ref) return 'message'
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'raw'
  switch (schema.type) {
    case 'string':
      return stringShape(schema.format)
    case 'array':
      return 'list'
    case 'object':
      return schema.additionalProperties ? 'map' : 'raw'
    case undefined:
      return 'raw'
    default:
      return schema.type
  }
}

function stringShape(format: JsonSchema['format']): Shape {
  switch (format) {
    case 'byte':
      return 'bytes'
    case 'date-time':
      return 'time'
    case 'micro-time':
    case 'quantity':
    case 'int-or-string':
      return format
    default:
      return 'string'
  }
}
