import { objectKey } from '../../api/meta/key.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Cluster } from './cluster.ts'
import { namedNodes } from './named-nodes.ts'
import { type Refusal, refusalOfNode } from './node-filters.ts'
import type { NodeInfo } from './node-info.ts'
import { PodAffinityRules } from './pod-affinity.ts'
import { bestOf } from './score.ts'
import { TopologySpreadRules } from './topology-spread.ts'
import type { Unschedulable } from './unschedulable.ts'

/** What follows from pods elsewhere in the cluster, for one pod to be placed; absent members have nothing to say. */
export interface Surroundings {
  readonly affinity: PodAffinityRules | undefined
  readonly spread: TopologySpreadRules | undefined
}

export const surroundingsOf = (pod: Pod, cluster: Cluster): Surroundings => ({
  affinity: PodAffinityRules.of(pod, cluster),
  spread: TopologySpreadRules.of(pod, cluster),
})

/** The first rule that keeps a pod off a node, as the node stands. */
export function refusalOf(pod: Pod, info: NodeInfo, around: Surroundings): Refusal | undefined {
  return refusalOfNode(pod, info) ?? around.spread?.refusalOn(info.node!) ?? around.affinity?.refusalOn(info.node!)
}

/** As `refusalOf`, also with the pods of no lower priority that room on this node was made for. */
export function refusalWithNominated(pod: Pod, info: NodeInfo, around: Surroundings, cluster: Cluster): Refusal | undefined {
  const refused = refusalOf(pod, info, around)
  if (refused) return refused
  let crowded: NodeInfo | undefined
  for (const other of cluster.nominated(info.node!.metadata.name)) {
    if (objectKey(other) === objectKey(pod) || priorityOf(other) < priorityOf(pod)) continue
    crowded ??= info.copy()
    crowded.add(other)
  }
  return crowded && refusalOf(pod, crowded, around)
}

export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0

/** The node for a pod, or why there is none. */
export type Placement = { readonly node: string } | Unschedulable

const AT_LEAST = 100
/** How many fitting nodes are enough to choose from: all of a small cluster, a falling share of a large one (upstream's rule). */
const enoughOf = (nodes: number): number => (nodes < AT_LEAST ? nodes : Math.max(AT_LEAST, Math.floor((nodes * Math.max(5, 50 - nodes / 125)) / 100)))

/** Finds a node, the one that room was made on for this pod before all others. `start` is where in the cluster's order the search begins, so that it goes round from pod to pod. */
export function place(pod: Pod, cluster: Cluster, start = 0): Placement {
  const { nodes } = cluster
  const refusals = new Map<string, Refusal>()
  const named = namedNodes(pod)
  if (named === 'conflict') return { nodes: nodes.length, refusals, conflict: 'pod affinity terms conflict' }
  if (nodes.length === 0) return { nodes: 0, refusals }
  const around = surroundingsOf(pod, cluster)
  const promised = cluster.nomination(objectKey(pod))
  const there = promised === undefined ? undefined : cluster.info(promised)
  if (there && !refusalWithNominated(pod, there, around, cluster)) return { node: promised! }
  const fitting: NodeInfo[] = []
  const look = (info: NodeInfo): void => {
    const refused = refusalWithNominated(pod, info, around, cluster)
    if (refused) refusals.set(info.node!.metadata.name, refused)
    else fitting.push(info)
  }
  if (named) {
    for (const name of named) {
      const info = cluster.info(name)
      if (info) look(info)
    }
  } else {
    const enough = enoughOf(nodes.length)
    for (let i = 0; i < nodes.length && fitting.length < enough; i++) look(nodes[(start + i) % nodes.length]!)
  }
  if (fitting.length === 0) return { nodes: nodes.length, refusals }
  return { node: bestOf(pod, fitting, cluster).node!.metadata.name }
}
