import { setOwn } from '../plain.ts'
import { isFields, itemsOf, type JsonSchemaProps, valuesOf } from './props.ts'

type Fields = Record<string, unknown>

/**
 * Sets the defaults of a schema where nothing was given; `null` counts as nothing where the schema does not allow it, and
 * goes where there is no default. Changes the value, which the caller owns.
 */
export function setDefaults(schema: JsonSchemaProps, value: unknown): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items) for (const item of value) setDefaults(items, item)
    return
  }
  if (!isFields(value)) return
  const fields = value as Fields
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const given = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (property.default !== undefined && (given === undefined || (given === null && !property.nullable))) setOwn(fields, key, copy(property.default))
    else if (given === null && !property.nullable) delete fields[key]
    if (Object.hasOwn(fields, key)) setDefaults(property, fields[key])
  }
  const values = valuesOf(schema)
  if (!values) return
  for (const key of Object.keys(fields)) {
    if (schema.properties && Object.hasOwn(schema.properties, key)) continue
    if (fields[key] === null && !values.nullable) {
      if (values.default === undefined) {
        delete fields[key]
        continue
      }
      setOwn(fields, key, copy(values.default))
    }
    setDefaults(values, fields[key])
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isFields(value)) return value
  const out: Fields = {}
  for (const key of Object.keys(value)) setOwn(out, key, copy(value[key]))
  return out
}
