import type { JsonSchema, Message } from '../../schema/build.ts'

type Fields = Readonly<Record<string, unknown>>
const skeletons = new WeakMap<Message, Fields>()

/**
 * The object of a kind before anything was said: the members that are always written, `null` for required lists and maps.
 * Creation counts as a change of this, so what is always there is not on record as anybody's.
 */
export function emptyObject(message: Message): Fields {
  const known = skeletons.get(message)
  if (known) return known
  const out: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(message.properties)) {
    const value = emptyValue(message, key, schema)
    if (value !== undefined) out[key] = value
  }
  skeletons.set(message, out)
  return out
}

function emptyValue(message: Message, key: string, schema: JsonSchema): unknown {
  const required = (message.required.includes(key) && !schema.explicit) || schema.default === ''
  if (schema.ref) {
    const always = required || (message.kind && (key === 'metadata' || key === 'spec' || key === 'status'))
    return always || (isEmptyObject(schema.default) && !schema.explicit) ? emptyObject(schema.ref) : undefined
  }
  if (!required) return undefined
  switch (schema.type) {
    case 'string':
      return schema.format === 'date-time' || schema.format === 'micro-time'
        ? null
        : schema.format === 'quantity'
          ? '0'
          : schema.format === 'int-or-string'
            ? 0
            : ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    default:
      return null
  }
}

const isEmptyObject = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0
