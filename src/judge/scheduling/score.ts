import { preferredScore } from '../../api/meta/node-affinity.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import { isTolerated } from '../../api/meta/taints.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Cluster } from './cluster.ts'
import type { NodeInfo } from './node-info.ts'
import { podTerm } from './pod-terms.ts'
import { requestsOf } from './resources.ts'

const BEST = 100

/** The best of the nodes that fit: weighed preferences, the most free node on a tie, the first of equals. */
export function bestOf(pod: Pod, nodes: readonly NodeInfo[], cluster: Cluster): NodeInfo {
  if (nodes.length === 1) return nodes[0]!
  const scores = new Float64Array(nodes.length)
  for (const { weight, values } of [
    { weight: 1, values: nodes.map(info => roominess(pod, info)) },
    { weight: 3, values: scaled(nodes.map(info => -dislikedTaints(pod, info))) },
    { weight: 2, values: scaled(nodes.map(info => likedLabels(pod, info))) },
    { weight: 2, values: scaled(likedNeighbours(pod, nodes, cluster)) },
    { weight: 2, values: scaled(nodes.map(info => -siblings(pod, info))) },
  ]) {
    for (let i = 0; i < scores.length; i++) scores[i]! += weight * values[i]!
  }
  let best = 0
  for (let i = 1; i < scores.length; i++) {
    if (scores[i]! > scores[best]! || (scores[i] === scores[best] && nodes[i]!.pods.size < nodes[best]!.pods.size)) best = i
  }
  return nodes[best]!
}

/** Stretches values over 0 to 100; all the same counts as nothing to choose. */
function scaled(values: readonly number[]): readonly number[] {
  const least = Math.min(...values)
  const most = Math.max(...values)
  return most === least ? values.map(() => 0) : values.map(value => ((value - least) / (most - least)) * BEST)
}

/** The part of cpu and memory that stays free, 0 to 100, less what they are out of balance. */
function roominess(pod: Pod, info: NodeInfo): number {
  const wanted = requestsOf(pod)
  const used = ['cpu', 'memory'].map(resource => {
    const all = info.allocatable.get(resource) ?? 0
    return all > 0 ? Math.min(1, (info.requested(resource) + (wanted.get(resource) ?? 0)) / all) : 1
  })
  const [cpu = 1, memory = 1] = used
  return BEST * (1 - (cpu + memory) / 2) + BEST * (1 - Math.abs(cpu - memory) / 2)
}

const dislikedTaints = (pod: Pod, { node }: NodeInfo): number =>
  (node!.spec.taints ?? []).filter(taint => taint.effect === 'PreferNoSchedule' && !isTolerated(pod.spec.tolerations, taint)).length

const likedLabels = (pod: Pod, { node }: NodeInfo): number =>
  preferredScore(pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, node!)

/** Pods of the same controller that are on a node already: copies are better spread. */
function siblings(pod: Pod, info: NodeInfo): number {
  const owner = controllerOf(pod)?.uid
  if (!owner) return 0
  let count = 0
  for (const other of info.pods.values()) if (controllerOf(other)?.uid === owner) count++
  return count
}

/** Preferred pod affinity less preferred anti-affinity, and soft topology spread, by what stands in each node's domains. */
function likedNeighbours(pod: Pod, nodes: readonly NodeInfo[], cluster: Cluster): readonly number[] {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  const terms = [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      weight,
      term: podTerm(podAffinityTerm, pod),
    })),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      weight: -weight,
      term: podTerm(podAffinityTerm, pod),
    })),
    ...(pod.spec.topologySpreadConstraints ?? [])
      .filter(constraint => constraint.whenUnsatisfiable === 'ScheduleAnyway')
      .map(({ topologyKey, labelSelector, matchLabelKeys }) => ({
        weight: -1,
        term: podTerm({ topologyKey, ...(labelSelector && { labelSelector }), ...(matchLabelKeys && { matchLabelKeys }) }, pod),
      })),
  ]
  const sums = nodes.map(() => 0)
  for (const { weight, term } of terms) {
    const counts = new Map<string, number>()
    for (const { pod: other, node } of cluster.placed(term.namespaces)) {
      const domain = cluster.info(node)?.node?.metadata.labels?.[term.topologyKey]
      if (domain !== undefined && term.matches(other, cluster.namespaceLabels)) counts.set(domain, (counts.get(domain) ?? 0) + 1)
    }
    nodes.forEach(({ node }, i) => {
      const domain = node!.metadata.labels?.[term.topologyKey]
      if (domain !== undefined) sums[i]! += weight * (counts.get(domain) ?? 0)
    })
  }
  return sums
}
