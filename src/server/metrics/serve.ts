import { NodeMetricsKind, PodMetricsKind } from '../../api/kinds/metrics.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import type { Selection, WatchCaches } from '../cache/types.ts'
import type { ReadKind } from '../registry/virtual.ts'
import { resourceExposition } from './exposition.ts'
import { nodeMetrics, podMetrics } from './measure.ts'
import type { NodeStatsReader } from './node-stats.ts'

export interface MetricsOptions {
  readonly caches: WatchCaches
  readonly stats: Pick<NodeStatsReader, 'read'>
  readonly clock: Clock
}

/** metrics.k8s.io: what nodes and pods use, measured when it is asked for. */
export const metricsKinds = ({ caches, stats, clock }: MetricsOptions): readonly ReadKind[] => [
  {
    kind: NodeMetricsKind,
    list: async selection => {
      const nodes = caches.of<Node>({ group: '', resource: 'nodes' })!.list(selection as Selection<Node>).items
      const said = await stats.read(nodes.map(node => node.metadata.name))
      const now = clock.now()
      return nodes.flatMap(node => {
        const found = said.get(node.metadata.name)
        return (found && nodeMetrics(node, found, now)) ?? []
      })
    },
  },
  {
    kind: PodMetricsKind,
    list: async selection => {
      const pods = caches
        .of<Pod>({ group: '', resource: 'pods' })!
        .list(selection as Selection<Pod>)
        .items.filter(pod => pod.spec.nodeName && pod.status.phase === 'Running')
      const said = await stats.read(pods.map(pod => pod.spec.nodeName!))
      const now = clock.now()
      return pods.flatMap(pod => {
        const found = said.get(pod.spec.nodeName!)
        return (found && podMetrics(pod, found, now)) ?? []
      })
    },
  },
]

/** The text of `/metrics/resource`, of all nodes at once. */
export async function resourceText({ caches, stats }: Omit<MetricsOptions, 'clock'>): Promise<string> {
  const nodes = caches.of<Node>({ group: '', resource: 'nodes' })!.list().items
  const said = await stats.read(nodes.map(node => node.metadata.name))
  return resourceExposition(said, caches.of<Pod>({ group: '', resource: 'pods' })!.list().items)
}
