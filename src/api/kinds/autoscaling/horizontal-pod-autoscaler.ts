import type { FieldError } from '../../meta/field-error.ts'
import { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { AGE, NAME, text } from '../columns.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { defaultAutoscaler, validateAutoscaler } from './horizontal-pod-autoscaler-rules.ts'
import { targetsCell } from './targets-cell.ts'
import { autoscalingV1 } from './v1.ts'

export const HorizontalPodAutoscalers: Kind<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  schema: HorizontalPodAutoscaler,
  subresources: { status: true },
  notEnforced: true,
  defaults: defaultAutoscaler,
  prepareForCreate(draft) {
    draft.status = { desiredReplicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: validateAutoscaler,
  validateStatusUpdate({ status }) {
    const errors: FieldError[] = []
    for (const name of ['currentReplicas', 'desiredReplicas'] as const) checkNotNegative(status[name], `status.${name}`, errors)
    return errors
  },
  columns: [
    NAME,
    text('Reference', 'What is scaled.', scaler => `${scaler.spec.scaleTargetRef.kind}/${scaler.spec.scaleTargetRef.name}`),
    text('Targets', 'What is measured and what it should be.', targetsCell),
    text('MinPods', 'The least number of pods.', scaler => String(scaler.spec.minReplicas ?? '<unset>')),
    text('MaxPods', 'The largest number of pods.', scaler => scaler.spec.maxReplicas),
    text('Replicas', 'Pods at present.', scaler => scaler.status.currentReplicas ?? 0),
    AGE,
  ],
  alsoServed: [autoscalingV1],
}
