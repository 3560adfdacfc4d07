import { addAll } from '../../../base/add-all.ts'
import { equal } from '../../../base/equal.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { correlated } from './correlated.ts'
import { hasFormat } from './formats.ts'
import { isFields, itemsOf, type JsonSchemaProps, propertyOf, valuesOf } from './props.ts'

/** Whether a text holds a pattern, in time linear in the text; see patterns.ts. */
export type Matches = (pattern: string, text: string) => boolean

const MAX_ERRORS = 100

/**
 * What is wrong with a custom object by its schema, in upstream's words; the first hundred. On an update `old` is the
 * stored object, and a part that is as it was is let pass.
 */
export function validateBySchema(schema: JsonSchemaProps, value: unknown, matches: Matches, path = '', old?: unknown): readonly FieldError[] {
  const errors: FieldError[] = []
  check(schema, value, path, matches, errors, 0, old)
  return errors.slice(0, MAX_ERRORS)
}

const typeOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'integer'
          : 'number'
        : typeof value === 'boolean'
          ? 'boolean'
          : typeof value

const child = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

function check(schema: JsonSchemaProps, value: unknown, path: string, matches: Matches, errors: FieldError[], depth: number, old?: unknown): void {
  if (errors.length >= MAX_ERRORS || depth > 500) return
  if (old !== undefined && equal(value, old)) return
  if (value === null && schema.nullable) return
  const before = errors.length
  checkType(schema, value, path, errors)
  if (errors.length > before) return
  if (schema.enum?.length && !schema.enum.some(one => equal(one, value))) {
    const allowed = schema.enum.map(one => (typeof one === 'string' ? one : JSON.stringify(one)))
    errors.push(notSupported(path, value, allowed))
  }
  if (typeof value === 'string') checkText(schema, value, path, matches, errors)
  else if (typeof value === 'number') checkNumber(schema, value, path, errors)
  else if (Array.isArray(value)) checkList(schema, value, path, matches, errors, depth, old)
  else if (isFields(value)) checkFields(schema, value, path, matches, errors, depth, old)
  checkJunctions(schema, value, path, matches, errors, depth)
}

const wrong = (path: string, value: unknown, why: string): FieldError => invalid(path, value, `${path} in body ${why}`)

function checkType(schema: JsonSchemaProps, value: unknown, path: string, errors: FieldError[]): void {
  const found = typeOf(value)
  if (schema['x-kubernetes-int-or-string']) {
    if (found !== 'integer' && found !== 'string') errors.push(typeError(path, 'integer,string', found))
    return
  }
  if (!schema.type || schema.type === found || (schema.type === 'number' && found === 'integer')) return
  errors.push(typeError(path, schema.type, found))
}

const typeError = (path: string, wanted: string, found: string): FieldError => ({
  ...wrong(path, found, `must be of type ${wanted}: ${JSON.stringify(found)}`),
  type: 'FieldValueTypeInvalid',
})

function checkText(schema: JsonSchemaProps, text: string, path: string, matches: Matches, errors: FieldError[]): void {
  const length = schema.maxLength === undefined && schema.minLength === undefined ? 0 : [...text].length
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push({ type: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${schema.maxLength} bytes` })
  }
  if (schema.minLength !== undefined && length < schema.minLength) errors.push(wrong(path, text, `should be at least ${schema.minLength} chars long`))
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) errors.push(wrong(path, text, `should match '${schema.pattern}'`))
  if (schema.format !== undefined && !schema['x-kubernetes-int-or-string'] && !hasFormat(schema.format, text)) {
    errors.push({ ...wrong(path, text, `must be of type ${schema.format}: ${JSON.stringify(text)}`), type: 'FieldValueTypeInvalid' })
  }
}

function checkNumber(schema: JsonSchemaProps, value: number, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf, format } = schema
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    errors.push(wrong(path, value, `should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(wrong(path, value, `should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  }
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(Number((value / multipleOf).toPrecision(12)))) {
    errors.push(wrong(path, value, `should be a multiple of ${multipleOf}`))
  }
  if (format === 'int32' && (value < -(2 ** 31) || value >= 2 ** 31)) errors.push(wrong(path, value, `must be of type int32: ${JSON.stringify('integer')}`))
}

const tooMany = (path: string, count: number, most: number, what: string): FieldError => ({
  type: 'FieldValueTooMany',
  field: path,
  message: `Too many: ${count}: must have at most ${most} ${what}`,
})

function checkList(schema: JsonSchemaProps, list: readonly unknown[], path: string, matches: Matches, errors: FieldError[], depth: number, old: unknown): void {
  if (schema.maxItems !== undefined && list.length > schema.maxItems) errors.push(tooMany(path, list.length, schema.maxItems, 'items'))
  if (schema.minItems !== undefined && list.length < schema.minItems) errors.push(wrong(path, list.length, `should have at least ${schema.minItems} items`))
  const items = itemsOf(schema)
  const before = correlated(schema, old)
  if (items) {
    for (let i = 0; i < list.length && errors.length < MAX_ERRORS; i++) check(items, list[i], `${path}[${i}]`, matches, errors, depth + 1, before?.(list[i]))
  }
  const kind = schema['x-kubernetes-list-type']
  if (kind !== 'set' && kind !== 'map') return
  const seen = new Set<string>()
  list.forEach((item, i) => {
    const identity =
      kind === 'set' ? item : Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).map(key => [key, isFields(item) ? item[key] : undefined]))
    const text = JSON.stringify(identity)
    if (seen.has(text)) errors.push(duplicate(`${path}[${i}]`, identity))
    seen.add(text)
  })
}

function checkFields(
  schema: JsonSchemaProps,
  fields: Readonly<Record<string, unknown>>,
  path: string,
  matches: Matches,
  errors: FieldError[],
  depth: number,
  old: unknown,
): void {
  const keys = Object.keys(fields)
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties) errors.push(tooMany(path, keys.length, schema.maxProperties, 'properties'))
  if (schema.minProperties !== undefined && keys.length < schema.minProperties)
    errors.push(wrong(path, keys.length, `should have at least ${schema.minProperties} properties`))
  for (const key of schema.required ?? []) if (!Object.hasOwn(fields, key)) errors.push(required(child(path, key)))
  const values = valuesOf(schema)
  for (const key of keys) {
    const inner = propertyOf(schema, key) ?? values
    if (inner) check(inner, fields[key], child(path, key), matches, errors, depth + 1, isFields(old) && Object.hasOwn(old, key) ? old[key] : undefined)
  }
}

function checkJunctions(schema: JsonSchemaProps, value: unknown, path: string, matches: Matches, errors: FieldError[], depth: number): void {
  const tried = (one: JsonSchemaProps): FieldError[] => {
    const found: FieldError[] = []
    check(one, value, path, matches, found, depth + 1)
    return found
  }
  if (schema.allOf) {
    const failures = schema.allOf.map(tried)
    if (failures.some(found => found.length > 0)) addAll(errors, [...failures.flat(), wrong(path, value, 'must validate all the schemas (allOf)')])
  }
  if (schema.anyOf) {
    const failures = schema.anyOf.map(tried)
    if (failures.every(found => found.length > 0)) errors.push(wrong(path, value, 'must validate at least one schema (anyOf)'), ...least(failures))
  }
  if (schema.oneOf) {
    const failures = schema.oneOf.map(tried)
    const valid = failures.filter(found => found.length === 0).length
    if (valid !== 1)
      errors.push(wrong(path, value, `must validate one and only one schema (oneOf). Found ${valid === 0 ? 'none valid' : `${valid} valid alternatives`}`))
    if (valid === 0) addAll(errors, least(failures))
  }
  if (schema.not && tried(schema.not).length === 0) errors.push(wrong(path, value, 'must not validate the schema (not)'))
}

/** The complaints of the alternative that came nearest. */
const least = (failures: readonly (readonly FieldError[])[]): readonly FieldError[] =>
  failures.reduce((best, found) => (found.length < best.length ? found : best))
