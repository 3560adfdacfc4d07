import { type FieldError, invalid } from '../meta/field-error.ts'
import { semanticEqual } from '../meta/semantic-equal.ts'

export const IMMUTABLE = 'field is immutable'

/** A field that stays as it was made; absent, null and empty are one. */
export function checkImmutable(now: unknown, old: unknown, path: string, errors: FieldError[], why = IMMUTABLE): void {
  if (!semanticEqual(now, old)) errors.push(invalid(path, now ?? null, why))
}
