import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '../../types/autoscaling-v2.ts'
import { NONE } from '../columns.ts'

/** More than these are only counted. */
const SHOWN = 2
const UNKNOWN = '<unknown>'

/** What is measured against what is aimed for: `cpu: 20%/50%, 3/5 + 1 more...`. */
export function targetsCell({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? []
  if (metrics.length === 0) return NONE
  const shown = metrics.slice(0, SHOWN).map((metric, i) => metricCell(metric, status.currentMetrics?.[i]))
  return `${shown.join(', ')}${metrics.length > SHOWN ? ` + ${metrics.length - SHOWN} more...` : ''}`
}

function metricCell(metric: MetricSpec, seen: MetricStatus | undefined): string {
  const { resource, containerResource, pods, object, external } = metric
  if (resource) return resourceCell(resource, seen?.resource)
  if (containerResource) return resourceCell(containerResource, seen?.containerResource)
  if (pods) return `${seen?.pods?.current.averageValue ?? UNKNOWN}/${pods.target.averageValue ?? UNKNOWN}`
  const measured = object ?? external
  if (!measured) return '<unknown type>'
  const current = (object ? seen?.object : seen?.external)?.current
  if (measured.target.averageValue != null) return `${current?.averageValue ?? UNKNOWN}/${measured.target.averageValue} (avg)`
  return `${current?.value ?? UNKNOWN}/${measured.target.value ?? UNKNOWN}`
}

type ResourceMetric = NonNullable<MetricSpec['resource']>
type ResourceSeen = MetricStatus['resource'] | MetricStatus['containerResource']

function resourceCell({ name, target }: ResourceMetric, seen: ResourceSeen): string {
  const { averageValue, averageUtilization } = target
  if (averageValue != null) return `${name}: ${seen?.current.averageValue ?? UNKNOWN}/${averageValue}`
  const used = seen?.current.averageUtilization
  return `${name}: ${used == null ? UNKNOWN : `${used}%`}/${averageUtilization == null ? '<auto>' : `${averageUtilization}%`}`
}
