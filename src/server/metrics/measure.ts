import { apiVersionOf } from '../../api/kinds/kind.ts'
import { NodeMetricsKind, PodMetricsKind } from '../../api/kinds/metrics.ts'
import { canonicalQuantity, quantityFrom } from '../../api/meta/quantity.ts'
import type { ContainerUsage, NodeStats, Usage } from '../../api/node-stats.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { NodeMetrics, PodMetrics } from '../../api/types/metrics.ts'

/** Marks what a simulated node says: nothing runs, so nothing is used. */
const SIMULATED = { 'everynode.dev/simulated': 'true' } as const

const NOTHING = { windowMs: 1000, cpuNanoCores: 0, cpuSeconds: 0, memoryBytes: 0 } as const

/** Undefined when the node did not say what it uses itself. */
export function nodeMetrics(node: Node, stats: NodeStats, now: number): NodeMetrics | undefined {
  const usage = stats.simulated ? { ...NOTHING, at: now } : stats.node
  if (!usage) return undefined
  return { apiVersion: apiVersionOf(NodeMetricsKind), kind: NodeMetricsKind.kind, ...about(node, stats, now), ...timesOf([usage]), usage: quantities(usage) }
}

/** Of the containers of a pod that its node has measured; undefined when there are none. */
export function podMetrics(pod: Pod, stats: NodeStats, now: number): PodMetrics | undefined {
  const measured = stats.simulated ? nothingOf(pod, now) : stats.containers.filter(({ uid }) => uid === pod.metadata.uid)
  if (measured.length === 0) return undefined
  return {
    apiVersion: apiVersionOf(PodMetricsKind),
    kind: PodMetricsKind.kind,
    ...about(pod, stats, now),
    ...timesOf(measured),
    containers: measured.map(usage => ({ name: usage.container, usage: quantities(usage) })),
  }
}

function nothingOf({ metadata, status }: Pod, now: number): readonly ContainerUsage[] {
  const running = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].filter(({ state }) => state?.running)
  return running.map(({ name }) => ({ uid: metadata.uid, container: name, at: now, ...NOTHING }))
}

/** Measurements have no identity of their own: no uid, no revision. */
function about({ metadata }: Node | Pod, { simulated }: NodeStats, now: number): { readonly metadata: NodeMetrics['metadata'] } {
  const { name, namespace, labels } = metadata
  const shown = {
    name,
    ...(namespace && { namespace }),
    creationTimestamp: seconds(now),
    ...(labels && { labels }),
    ...(simulated && { annotations: SIMULATED }),
  }
  return { metadata: shown as unknown as NodeMetrics['metadata'] }
}

function timesOf(usages: readonly Usage[]): { readonly timestamp: string; readonly window: string } {
  const newest = usages.reduce((a, b) => (b.at > a.at ? b : a))
  return { timestamp: seconds(newest.at), window: `${Number((newest.windowMs / 1000).toFixed(3))}s` }
}

const KIB = 1024
const quantities = ({ cpuNanoCores, memoryBytes }: Usage): Readonly<Record<string, string>> => ({
  cpu: canonicalQuantity(`${cpuNanoCores}n`) ?? '0',
  memory: quantityFrom(Math.ceil(memoryBytes / KIB) * KIB, 'binary'),
})
const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '')
