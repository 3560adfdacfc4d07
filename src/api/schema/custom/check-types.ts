import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { isFields, type JsonSchemaProps, type ValidationRule } from './props.ts'

export type Form =
  | 'text'
  | 'number'
  | 'flag'
  | 'texts'
  | 'values'
  | 'any'
  | 'schema'
  | 'schemas'
  | 'schema or flag'
  | 'schema or schemas'
  | 'properties'
  | 'rules'

export const MEMBERS: Readonly<Record<keyof JsonSchemaProps, Form>> = {
  type: 'text',
  format: 'text',
  title: 'text',
  description: 'text',
  nullable: 'flag',
  default: 'any',
  example: 'any',
  properties: 'properties',
  additionalProperties: 'schema or flag',
  items: 'schema or schemas',
  required: 'texts',
  enum: 'values',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'flag',
  exclusiveMaximum: 'flag',
  multipleOf: 'number',
  minLength: 'number',
  maxLength: 'number',
  pattern: 'text',
  minItems: 'number',
  maxItems: 'number',
  uniqueItems: 'flag',
  minProperties: 'number',
  maxProperties: 'number',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  'x-kubernetes-preserve-unknown-fields': 'flag',
  'x-kubernetes-embedded-resource': 'flag',
  'x-kubernetes-int-or-string': 'flag',
  'x-kubernetes-list-type': 'text',
  'x-kubernetes-list-map-keys': 'texts',
  'x-kubernetes-map-type': 'text',
  'x-kubernetes-validations': 'rules',
}
const RULE_MEMBERS: Readonly<Record<keyof ValidationRule, 'text' | 'flag'>> = {
  rule: 'text',
  message: 'text',
  messageExpression: 'text',
  reason: 'text',
  fieldPath: 'text',
  optionalOldSelf: 'flag',
}
/** Deeper ones are refused for that. */
const MAX_DEPTH = 110
const MOST_ERRORS = 20

/** Members of a schema that are not of the type that they must be: to be asked before anything else reads it. */
export function checkTypes(schema: unknown, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  checkSchema(schema, path, 0, errors)
  return errors.slice(0, MOST_ERRORS)
}

function checkSchema(schema: unknown, path: string, depth: number, errors: FieldError[]): void {
  if (depth > MAX_DEPTH || errors.length >= MOST_ERRORS) return
  if (!isFields(schema)) {
    errors.push(invalid(path, schema, 'must be a schema'))
    return
  }
  for (const [name, value] of Object.entries(schema)) {
    const form = Object.hasOwn(MEMBERS, name) ? MEMBERS[name as keyof JsonSchemaProps] : 'any'
    checkMember(form, value, `${path}.${name}`, depth, errors)
  }
}

function checkMember(form: Form, value: unknown, path: string, depth: number, errors: FieldError[]): void {
  const each = (items: unknown, check: (item: unknown, at: string) => void): void => {
    if (!Array.isArray(items)) errors.push(invalid(path, items, 'must be an array'))
    else for (const [i, item] of items.entries()) check(item, `${path}[${i}]`)
  }
  const inner = (item: unknown, at: string) => checkSchema(item, at, depth + 1, errors)
  switch (form) {
    case 'any':
      break
    case 'text':
    case 'number':
    case 'flag':
      checkPlain(form, value, path, errors)
      break
    case 'texts':
      each(value, (item, at) => checkPlain('text', item, at, errors))
      break
    case 'values':
      each(value, () => {})
      break
    case 'schema':
      inner(value, path)
      break
    case 'schemas':
      each(value, inner)
      break
    case 'schema or flag':
      if (typeof value !== 'boolean') inner(value, path)
      break
    case 'schema or schemas':
      if (Array.isArray(value)) each(value, inner)
      else inner(value, path)
      break
    case 'properties':
      if (!isFields(value)) errors.push(invalid(path, value, 'must be an object'))
      else for (const [name, property] of Object.entries(value)) inner(property, `${path}[${name}]`)
      break
    case 'rules':
      each(value, (rule, at) => checkRuleTypes(rule, at, errors))
      break
    default:
      throw form satisfies never
  }
}

function checkRuleTypes(rule: unknown, path: string, errors: FieldError[]): void {
  if (!isFields(rule)) {
    errors.push(invalid(path, rule, 'must be a rule'))
    return
  }
  if (rule['rule'] === undefined) errors.push(required(`${path}.rule`, 'rule is not specified'))
  for (const [name, value] of Object.entries(rule)) {
    if (Object.hasOwn(RULE_MEMBERS, name)) checkPlain(RULE_MEMBERS[name as keyof ValidationRule], value, `${path}.${name}`, errors)
  }
}

const PLAIN = { text: 'string', number: 'number', flag: 'boolean' } as const

function checkPlain(form: keyof typeof PLAIN, value: unknown, path: string, errors: FieldError[]): void {
  if (typeof value !== PLAIN[form]) errors.push(invalid(path, value, `must be a ${PLAIN[form]}`))
}
