import { pathSegment } from '../../meta/names.ts'
import { PodDisruptionBudget } from '../../types/policy.ts'
import { AGE, integer, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { validateBudget, validateBudgetStatusUpdate } from './pod-disruption-budget-rules.ts'

export const PodDisruptionBudgets: Kind<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  schema: PodDisruptionBudget,
  subresources: { status: true },
  requiresRevisionOnUpdate: true,
  validateName: pathSegment,
  prepareForCreate(draft) {
    draft.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: validateBudget,
  validateStatusUpdate: validateBudgetStatusUpdate,
  columns: [
    NAME,
    text('Min Available', 'Pods that must stay.', budget => String(budget.spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', 'Pods that may be missing.', budget => String(budget.spec.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', 'Pods that may be evicted now.', budget => budget.status.disruptionsAllowed ?? 0),
    AGE,
  ],
}
