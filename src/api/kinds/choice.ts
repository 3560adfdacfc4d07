import { type FieldError, notSupported, required } from '../meta/field-error.ts'

/** A set of words of which a field must be one; shown in this order. */
export type Choice = readonly string[]

/** A word that must be given and be one of `choice`. */
export function checkChoice(value: string | undefined | null, choice: Choice, path: string, errors: FieldError[]): void {
  if (value && choice.includes(value)) return
  errors.push(value ? notSupported(path, value, choice) : required(path))
}

/** A word that must be one of `choice` if it is given at all; '' counts as given only where it is explicit. */
export function checkOptionalChoice(value: string | undefined | null, choice: Choice, path: string, errors: FieldError[]): void {
  if (value !== undefined && value !== null && !choice.includes(value)) errors.push(notSupported(path, value, choice))
}
