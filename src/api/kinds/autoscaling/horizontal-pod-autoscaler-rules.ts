import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from '../../types/autoscaling-v2.ts'
import { checkChoice } from '../choice.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'
import { checkMetric, checkReference, hasGroup } from './metric-rules.ts'

const CPU_PERCENT = 80
const FIFTEEN_SECONDS = 15
const DOUBLE: HPAScalingPolicy = { type: 'Percent', value: 100, periodSeconds: FIFTEEN_SECONDS }
const FOUR: HPAScalingPolicy = { type: 'Pods', value: 4, periodSeconds: FIFTEEN_SECONDS }
/** Half a day of history and an hour at most between changes. */
const MAX_WINDOW = 3600
const MAX_PERIOD = 1800

export function defaultAutoscaler({ spec }: Draft<HorizontalPodAutoscaler>): void {
  if (!spec.metrics?.length) {
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_PERCENT } } }]
  }
  const { behavior } = spec
  if (!behavior) return
  behavior.scaleUp = rules(behavior.scaleUp, [FOUR, DOUBLE], 0)
  behavior.scaleDown = rules(behavior.scaleDown, [DOUBLE], undefined)
}

const rules = (given: Draft<HPAScalingRules> | undefined, policies: readonly HPAScalingPolicy[], window: number | undefined): Draft<HPAScalingRules> => ({
  ...(window !== undefined && { stabilizationWindowSeconds: window }),
  selectPolicy: 'Max',
  policies: policies.map(policy => ({ ...policy })),
  ...given,
})

function checkRules(given: HPAScalingRules | undefined, path: string, errors: FieldError[]): void {
  if (!given) return
  checkNotNegative(given.stabilizationWindowSeconds, `${path}.stabilizationWindowSeconds`, errors)
  if ((given.stabilizationWindowSeconds ?? 0) > MAX_WINDOW) {
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, given.stabilizationWindowSeconds, `must be less than or equal to ${MAX_WINDOW}`))
  }
  checkChoice(given.selectPolicy, ['Disabled', 'Max', 'Min'], `${path}.selectPolicy`, errors)
  if (!given.policies?.length) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  given.policies?.forEach(({ type, value, periodSeconds }, i) => {
    const at = `${path}.policies[${i}]`
    checkChoice(type, ['Percent', 'Pods'], `${at}.type`, errors)
    if (value <= 0) errors.push(invalid(`${at}.value`, value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, 'must be greater than zero'))
    else if (periodSeconds > MAX_PERIOD) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD}`))
  })
}

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas, scaleTargetRef } = spec
  if (minReplicas != null && minReplicas < 1) errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  if (!maxReplicas) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (maxReplicas < 0) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'))
  if (minReplicas != null && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  // A stored one may go on without.
  const before = (old as HorizontalPodAutoscaler | undefined)?.spec.scaleTargetRef
  checkReference(scaleTargetRef, !before || hasGroup(before.apiVersion), 'spec.scaleTargetRef', errors)
  spec.metrics?.forEach((metric, i) => {
    checkMetric(metric, `spec.metrics[${i}]`, errors)
  })
  checkRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp', errors)
  checkRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown', errors)
  return errors
}
