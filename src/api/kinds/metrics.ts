/** Kinds that are measured when they are asked for and never stored. */

import { addQuantities } from '../meta/quantity.ts'
import type { Pod } from '../types/core/pod.ts'
import { type ContainerMetrics, NodeMetrics, PodMetrics } from '../types/metrics.ts'
import { NAME, text } from './columns.ts'
import type { Kind } from './kind.ts'

const METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', verbs: ['get', 'list'] } as const
const sum = (containers: readonly ContainerMetrics[], what: string): string => containers.map(({ usage }) => usage[what] ?? '0').reduce(addQuantities, '0')

export const NodeMetricsKind: Kind<NodeMetrics> = {
  ...METRICS,
  kind: 'NodeMetrics',
  resource: 'nodes',
  singular: '',
  namespaced: false,
  schema: NodeMetrics,
  columns: [
    NAME,
    text('Cpu', 'Cores in use.', metrics => metrics.usage['cpu'] ?? ''),
    text('Memory', 'Working set.', metrics => metrics.usage['memory'] ?? ''),
    text('Window', 'Time over which the CPU rate was taken.', metrics => metrics.window),
  ],
}

export const PodMetricsKind: Kind<PodMetrics> = {
  ...METRICS,
  kind: 'PodMetrics',
  resource: 'pods',
  singular: '',
  namespaced: true,
  schema: PodMetrics,
  // Pods are selected before they are measured.
  selectableFields: { 'spec.nodeName': (pod: unknown) => (pod as Pod).spec.nodeName ?? '' },
  columns: [
    NAME,
    text('Cpu', 'Cores in use.', metrics => sum(metrics.containers, 'cpu')),
    text('Memory', 'Working set.', metrics => sum(metrics.containers, 'memory')),
    text('Window', 'Time over which the CPU rate was taken.', metrics => metrics.window),
  ],
}
