import { type FieldError, invalid } from '../../meta/field-error.ts'
import type { PodDisruptionBudget } from '../../types/policy.ts'
import { checkOptionalChoice } from '../choice.ts'
import { checkAtMost100, checkIntOrPercent, checkNotNegative } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'
import { checkLabelSelector, hasInvalidValue } from '../label-selector.ts'

export function validateBudget({ spec }: PodDisruptionBudget, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, selector } = spec
  if (minAvailable != null && maxUnavailable != null) errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'))
  checkIntOrPercent(minAvailable, 'spec.minAvailable', errors)
  checkAtMost100(minAvailable, 'spec.minAvailable', errors)
  checkIntOrPercent(maxUnavailable, 'spec.maxUnavailable', errors)
  checkAtMost100(maxUnavailable, 'spec.maxUnavailable', errors)
  checkOptionalChoice(spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy', errors)
  checkLabelSelector(selector, 'spec.selector', errors, hasInvalidValue((old as PodDisruptionBudget | undefined)?.spec.selector))
  return errors
}

export function validateBudgetStatusUpdate({ status }: PodDisruptionBudget): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) {
    checkNotNegative(status[field], `status.${field}`, errors)
  }
  return errors
}
