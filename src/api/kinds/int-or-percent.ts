import { type FieldError, invalid } from '../meta/field-error.ts'
import { percent } from '../meta/names.ts'
import { NOT_NEGATIVE, report } from '../meta/object-meta.ts'

/** The number before `%`, or the number itself; 0 for what is neither. */
export function numberOf(value: number | string | undefined): number {
  if (typeof value === 'number') return value
  return value !== undefined && percent(value).length === 0 ? Number(value.slice(0, -1)) : 0
}

/** A count that is not negative, or a percentage. */
export function checkIntOrPercent(value: number | string | undefined, path: string, errors: FieldError[]): void {
  if (typeof value === 'string') report(errors, path, value, percent(value))
  else if ((value ?? 0) < 0) errors.push(invalid(path, value, NOT_NEGATIVE))
}

/** A percentage above 100; counts have no bound. */
export function checkAtMost100(value: number | string | undefined, path: string, errors: FieldError[]): void {
  if (typeof value === 'string' && percent(value).length === 0 && Number(value.slice(0, -1)) > 100) {
    errors.push(invalid(path, value, 'must not be greater than 100%'))
  }
}

export function checkNotNegative(value: number | undefined | null, path: string, errors: FieldError[]): void {
  if ((value ?? 0) < 0) errors.push(invalid(path, value, NOT_NEGATIVE))
}
