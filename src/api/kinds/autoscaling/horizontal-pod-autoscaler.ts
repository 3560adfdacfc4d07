import { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { AGE, integer, listed, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { defaultAutoscaler, validateAutoscaler } from './horizontal-pod-autoscaler-rules.ts'
import { autoscalingV1 } from './v1.ts'

function targetsCell({ spec }: HorizontalPodAutoscaler): string {
  return listed(
    (spec.metrics ?? []).map(metric => {
      const source = metric.resource ?? metric.containerResource ?? metric.pods ?? metric.object ?? metric.external
      const target = source?.target
      const name = metric.resource?.name ?? metric.containerResource?.name
      const wanted = target?.averageUtilization != null ? `${target.averageUtilization}%` : (target?.averageValue ?? target?.value ?? '<unknown>')
      return `${name ? `${name}: ` : ''}<unknown>/${wanted}`
    }),
  )
}

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
  columns: [
    NAME,
    text('Reference', 'What is scaled.', scaler => `${scaler.spec.scaleTargetRef.kind}/${scaler.spec.scaleTargetRef.name}`),
    text('Targets', 'What is measured and what it should be.', targetsCell),
    text('MinPods', 'The least number of pods.', scaler => String(scaler.spec.minReplicas ?? '<unset>')),
    integer('MaxPods', 'The largest number of pods.', scaler => scaler.spec.maxReplicas),
    integer('Replicas', 'Pods at present.', scaler => scaler.status.currentReplicas ?? 0),
    AGE,
  ],
  alsoServed: [autoscalingV1],
}
