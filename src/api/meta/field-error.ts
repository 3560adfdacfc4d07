import { StatusError } from './status.ts'

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'

/** One thing wrong with one field; `message` is the whole body (`Invalid value: "x": must be …`) without the path. */
export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly message: string
}

/** A value as upstream quotes it in a field error: strings in double quotes, objects as JSON. */
const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'null'))

export const required = (field: string, why = ''): FieldError => ({ type: 'FieldValueRequired', field, message: `Required value${why && `: ${why}`}` })
export const invalid = (field: string, value: unknown, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${shown(value)}: ${why}`,
})
/** `supported` is shown in the order given. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(s => JSON.stringify(s)).join(', ')}`,
})
export const forbiddenField = (field: string, why: string): FieldError => ({ type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` })
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${shown(value)}`,
})
export const missing = (field: string, value: unknown): FieldError => ({ type: 'FieldValueNotFound', field, message: `Not found: ${shown(value)}` })
export const tooLong = (field: string, max: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${max} bytes`,
})
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${max} items`,
})

/** Causes of one refusal; a body of 3 MiB can be wrong in a hundred thousand places. */
const MOST_CAUSES = 1000

/** 422 with one cause per field error, up to a thousand. */
export function invalidObject(at: { readonly group: string; readonly kind: string }, name: string, errors: readonly FieldError[]): StatusError {
  const told = errors.slice(0, MOST_CAUSES)
  const lines = told.map(e => `${e.field}: ${e.message}`)
  if (errors.length > told.length) lines.push(`and ${errors.length - told.length} more`)
  const what = `${at.group ? `${at.kind}.${at.group}` : at.kind} "${name}"`
  return new StatusError('Invalid', `${what} is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`, {
    ...(name && { name }),
    ...(at.group && { group: at.group }),
    kind: at.kind,
    causes: told.map(e => ({ reason: e.type, message: e.message, field: e.field })),
  })
}
