import { addAll } from '../../../base/add-all.ts'
import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { checkTypes } from './check-types.ts'
import { setDefaults } from './defaults.ts'
import type { Patterns } from './patterns.ts'
import { isFields, itemsOf, type JsonSchemaProps, valuesOf } from './props.ts'
import { prune } from './prune.ts'
import { validateBySchema } from './validate.ts'

const NEVER = ['$ref', '$schema', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id']
const EXTENSIONS = [
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
]
/** What a schema inside allOf, anyOf, oneOf or not may not say: it belongs outside. */
const OUTSIDE = ['description', 'type', 'default', 'additionalProperties', 'nullable', 'title', 'x-kubernetes-validations', ...EXTENSIONS]
const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean']
const MAX_DEPTH = 100

/**
 * What keeps a schema from being structural, that is: from saying for every field what it is. Rules, paths and words of
 * upstream's CustomResourceDefinition validation. Rules (`x-kubernetes-validations`) are not looked at; see rules/.
 */
export function checkStructural(schema: JsonSchemaProps, path: string, patterns: Patterns): readonly FieldError[] {
  const types = checkTypes(schema, path)
  if (types.length > 0) return types
  const checker = new Checker(patterns)
  if (schema.type === undefined) checker.errors.push(required(`${path}.type`, 'must not be empty at the root'))
  else if (schema.type !== 'object') checker.errors.push(invalid(`${path}.type`, schema.type, 'must be object at the root'))
  checker.core(schema, path, 0)
  const restricted = Object.keys(schema.properties?.['metadata']?.properties ?? {}).filter(name => name !== 'name' && name !== 'generateName')
  if (restricted.length > 0) {
    const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    checker.errors.push(forbiddenField(`${path}.properties[metadata]`, why))
  }
  return checker.errors
}

class Checker {
  readonly errors: FieldError[] = []
  readonly #patterns: Patterns

  constructor(patterns: Patterns) {
    this.#patterns = patterns
  }

  /** A schema that stands for values by itself. */
  core(schema: JsonSchemaProps, path: string, depth: number): void {
    if (!isFields(schema)) {
      this.errors.push(invalid(path, schema, 'must be a schema'))
      return
    }
    if (depth > MAX_DEPTH) {
      this.errors.push(forbiddenField(path, `must not be nested deeper than ${MAX_DEPTH}`))
      return
    }
    this.#common(schema, path)
    this.#extensions(schema, path)
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const at = `${path}.properties[${name}]`
      if (depth > 0 || name !== 'metadata') this.#typed(property, at, 'must not be empty for specified object fields')
      this.core(property, at, depth + 1)
    }
    const values = valuesOf(schema)
    if (values) {
      this.#typed(values, `${path}.additionalProperties`, 'must not be empty for specified object fields')
      this.core(values, `${path}.additionalProperties`, depth + 1)
    }
    if (Array.isArray(schema.items)) this.errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'))
    const items = itemsOf(schema)
    if (items) {
      this.#typed(items, `${path}.items`, 'must not be empty for specified array items')
      this.core(items, `${path}.items`, depth + 1)
    } else if (schema.type === 'array' && !Array.isArray(schema.items)) this.errors.push(required(`${path}.items`, 'must be specified'))
    this.#eachJunction(schema, path, (inner, at) => this.#junction(inner, schema, at, depth + 1))
    this.#default(schema, path, depth)
  }

  #typed(schema: JsonSchemaProps, path: string, why: string): void {
    if (isFields(schema) && !schema.type && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
      this.errors.push(required(`${path}.type`, why))
    }
  }

  /** What no schema may say, wherever it stands. */
  #common(schema: JsonSchemaProps, path: string): void {
    for (const name of NEVER) if (name in schema) this.errors.push(forbiddenField(`${path}.${name}`, `${name} is not supported`))
    if (schema.uniqueItems === true) {
      this.errors.push(forbiddenField(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
    }
    if (schema.additionalProperties === false) this.errors.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'))
    if (schema.additionalProperties !== undefined && Object.keys(schema.properties ?? {}).length > 0) {
      this.errors.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
    }
    const bad = this.#patterns.bad.find(one => one.pattern === schema.pattern)
    if (bad) this.errors.push(invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${bad.why}`))
  }

  #extensions(schema: JsonSchemaProps, path: string): void {
    const { type } = schema
    if (type !== undefined && !TYPES.includes(type)) this.errors.push(invalid(`${path}.type`, type, `must be one of ${TYPES.join(', ')}`))
    if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
      this.errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
    }
    if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
      this.errors.push(invalid(`${path}.type`, type ?? '', 'must be object if x-kubernetes-embedded-resource is true'))
    }
    const list = schema['x-kubernetes-list-type']
    const keys = schema['x-kubernetes-list-map-keys'] ?? []
    const at = `${path}.x-kubernetes-list-map-keys`
    if (list !== undefined && type !== 'array') this.errors.push(invalid(`${path}.type`, type ?? '', 'must be array if x-kubernetes-list-type is specified'))
    if (list === 'map' && keys.length === 0) this.errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'))
    if (list !== 'map' && keys.length > 0) this.errors.push(forbiddenField(at, 'must be empty if x-kubernetes-list-type is not map'))
    if (new Set(keys).size < keys.length) this.errors.push(invalid(at, keys, 'must not contain duplicate entries'))
    if (list === 'map') this.#keys(schema, keys, path)
  }

  #keys(schema: JsonSchemaProps, keys: readonly string[], path: string): void {
    const item = itemsOf(schema)
    for (const key of keys) {
      const property = item?.properties?.[key]
      if (!property) {
        this.errors.push(
          invalid(`${path}.x-kubernetes-list-map-keys`, keys, `entries must all be names of item properties, but ${JSON.stringify(key)} is none`),
        )
      } else if (property.type === 'object' || property.type === 'array') {
        const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
        this.errors.push(invalid(`${path}.items.properties[${key}].type`, property.type, why))
      } else if (!item.required?.includes(key) && property.default === undefined) {
        const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
        this.errors.push(required(`${path}.items.properties[${key}].default`, why))
      }
    }
  }

  #eachJunction(schema: JsonSchemaProps, path: string, visit: (inner: JsonSchemaProps, at: string) => void): void {
    for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
      const list = schema[name] ?? []
      for (let i = 0; i < list.length; i++) visit(list[i]!, `${path}.${name}[${i}]`)
    }
    if (schema.not) visit(schema.not, `${path}.not`)
  }

  /** A schema inside a junction adds conditions to fields that the schema outside knows. */
  #junction(schema: JsonSchemaProps, outside: JsonSchemaProps | undefined, path: string, depth: number): void {
    if (!isFields(schema) || depth > MAX_DEPTH) return
    this.#common(schema, path)
    const intOrString = outside?.['x-kubernetes-int-or-string'] === true
    for (const name of OUTSIDE) {
      if (!(name in schema) || (intOrString && name === 'type')) continue
      this.errors.push(forbiddenField(`${path}.${name}`, 'must be empty to be structural'))
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const at = `${path}.properties[${name}]`
      const known = outside?.properties?.[name]
      if (!known && !outside?.['x-kubernetes-preserve-unknown-fields']) {
        this.errors.push(required(at.replace(/\.(?:allOf|anyOf|oneOf)\[\d+\]|\.not/g, ''), `because it is defined in ${at}`))
      }
      this.#junction(property, known, at, depth + 1)
    }
    const items = itemsOf(schema)
    if (items) this.#junction(items, outside && itemsOf(outside), `${path}.items`, depth + 1)
    this.#eachJunction(schema, path, (inner, at) => this.#junction(inner, outside, at, depth + 1))
  }

  /** A default must be a value of its own schema, with no field the schema does not know. */
  #default(schema: JsonSchemaProps, path: string, depth: number): void {
    if (schema.default === undefined) return
    if (depth === 0) {
      this.errors.push(forbiddenField(`${path}.default`, 'must not be set at the root'))
      return
    }
    const unknown: string[] = []
    const value = prune(schema, schema.default, unknown)
    if (unknown.length > 0) {
      this.errors.push(invalid(`${path}.default`, schema.default, `must not have unknown fields: ${unknown.join(', ')}`))
      return
    }
    setDefaults(schema, value)
    addAll(this.errors, validateBySchema(schema, value, this.#patterns.matches, `${path}.default`))
  }
}
