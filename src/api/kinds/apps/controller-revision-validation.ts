import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { ControllerRevision } from '../../types/apps/controller-revision.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'

export function validateControllerRevision({ data, revision }: ControllerRevision, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!old && (typeof data !== 'object' || data === null || Array.isArray(data))) errors.push(required('data', 'data is mandatory'))
  checkNotNegative(revision, 'revision', errors)
  return errors
}

/** A revision is a state of the past: only its number and its metadata change. */
export function validateControllerRevisionUpdate(revision: ControllerRevision, old: ControllerRevision): readonly FieldError[] {
  return semanticEqual(revision.data, old.data) ? [] : [invalid('data', revision.data ?? null, 'field is immutable')]
}
