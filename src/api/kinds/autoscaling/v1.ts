import type { Draft } from '../../meta/object.ts'
import { HorizontalPodAutoscaler as V1 } from '../../types/autoscaling.ts'
import type { HorizontalPodAutoscaler, MetricSpec } from '../../types/autoscaling-v2.ts'
import type { ServedVersion } from '../kind.ts'

/** Annotations that carry what autoscaling/v1 has no fields for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

const isCPU = (metric: MetricSpec): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.averageUtilization != null

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** autoscaling/v1: one measure, cpu; what else there is travels in annotations. */
export const autoscalingV1: ServedVersion<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  namespaced: true,
  schema: V1,
  toStored(draft) {
    const { targetCPUUtilizationPercentage: percent, ...spec } = (draft as unknown as Draft<V1>).spec
    const { [METRICS]: others, [BEHAVIOR]: behavior, ...annotations } = draft.metadata.annotations ?? {}
    const cpu = percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } }]
    const rest = parsed(others)
    const metrics = [...cpu, ...(Array.isArray(rest) ? rest : [])]
    const rules = parsed(behavior)
    const { currentCPUUtilizationPercentage: _, ...status } = (draft as unknown as Draft<V1>).status
    const metadata = { ...draft.metadata }
    delete metadata.annotations
    if (Object.keys(annotations).length > 0) metadata.annotations = annotations as Record<string, string>
    return {
      ...draft,
      apiVersion: 'autoscaling/v2',
      metadata,
      spec: { ...spec, ...(metrics.length > 0 && { metrics }), ...(typeof rules === 'object' && rules !== null && { behavior: rules }) },
      status,
    } as unknown as Draft<HorizontalPodAutoscaler>
  },
  fromStored(scaler) {
    const { metrics = [], behavior, ...spec } = scaler.spec
    const cpu = metrics.find(isCPU)
    const others = metrics.filter(metric => metric !== cpu)
    const annotations = {
      ...scaler.metadata.annotations,
      ...(others.length > 0 && { [METRICS]: JSON.stringify(others) }),
      ...(behavior && { [BEHAVIOR]: JSON.stringify(behavior) }),
    }
    const { currentMetrics: _, conditions: __, ...status } = scaler.status
    return {
      apiVersion: 'autoscaling/v1',
      kind: scaler.kind,
      metadata: { ...scaler.metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
      spec: { ...spec, ...(cpu && { targetCPUUtilizationPercentage: cpu.resource?.target.averageUtilization }) },
      status: { currentReplicas: 0, ...status },
    } as unknown as HorizontalPodAutoscaler
  },
}
