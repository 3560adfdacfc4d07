import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, STRING, TIMESTAMP, type Type } from '../../../cel/types.ts'
import { itemsOf, type JsonSchemaProps, valuesOf } from '../props.ts'
import { namesOf } from './escape.ts'

const FORMATS: Readonly<Record<string, Type>> = { byte: BYTES, duration: DURATION, date: TIMESTAMP, 'date-time': TIMESTAMP }
const NAMES: JsonSchemaProps['properties'] = { name: { type: 'string' }, generateName: { type: 'string' } }

/** What a rule on an object may see of it besides its own properties: apiVersion, kind, and the names. */
export const withMeta = (schema: JsonSchemaProps): JsonSchemaProps => ({
  ...schema,
  properties: {
    ...schema.properties,
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', properties: { ...schema.properties?.['metadata']?.properties, ...NAMES } },
  },
})

/**
 * The type under which rules see a value of a schema; undefined for values they cannot see, as those of a schema that
 * says no type. `root` is an object with apiVersion, kind and metadata.
 */
export function typeOfSchema(given: JsonSchemaProps, root: boolean): Type | undefined {
  if (given['x-kubernetes-int-or-string']) return DYN
  const schema = root ? withMeta(given) : given
  switch (schema.type) {
    case 'array': {
      const items = itemsOf(schema)
      const of = items && typeOfSchema(items, items['x-kubernetes-embedded-resource'] === true)
      return of && listOf(of)
    }
    case 'object':
      return typeOfObject(schema)
    case 'string':
      return FORMATS[schema.format ?? ''] ?? STRING
    case 'boolean':
      return BOOL
    case 'number':
      return DOUBLE
    case 'integer':
      return INT
    default:
      return undefined
  }
}

function typeOfObject(schema: JsonSchemaProps): Type | undefined {
  const values = valuesOf(schema)
  if (values) {
    const of = typeOfSchema(values, values['x-kubernetes-embedded-resource'] === true)
    return of && mapOf(STRING, of)
  }
  const fields = new Map<string, Type>()
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = typeOfSchema(property, property['x-kubernetes-embedded-resource'] === true)
    if (type) for (const one of namesOf(name)) fields.set(one, type)
  }
  return { kind: 'object', fields }
}
