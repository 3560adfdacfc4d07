import { type FieldError, invalid } from '../../meta/field-error.ts'
import type { Lease } from '../../types/coordination.ts'
import { checkNotNegative } from '../int-or-percent.ts'

export function validateLease({ spec }: Lease): readonly FieldError[] {
  const errors: FieldError[] = []
  if (spec.leaseDurationSeconds != null && spec.leaseDurationSeconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'))
  }
  checkNotNegative(spec.leaseTransitions, 'spec.leaseTransitions', errors)
  return errors
}
