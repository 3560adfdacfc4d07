import { objectKey } from '../../api/meta/key.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import type { Cluster } from './cluster.ts'
import type { NodeInfo } from './node-info.ts'
import { priorityOf, refusalWithNominated, type Surroundings, surroundingsOf } from './place.ts'
import { countReasons, NO_HELP, NO_VICTIMS, type Unschedulable } from './unschedulable.ts'

/** Who makes way for a pod, and where; or why nobody does, in upstream's words. */
export type Preemption = { readonly node: string; readonly victims: readonly Pod[] } | { readonly message: string }

interface Candidate {
  readonly node: string
  /** The most important first. */
  readonly victims: readonly Pod[]
  /** How many of them a disruption budget would have kept. */
  readonly violations: number
}

const AT_LEAST = 100
/** Nodes tried at most: a tenth of a large cluster. */
const triedOf = (nodes: number): number => Math.max(AT_LEAST, Math.floor(nodes / 10))

/**
 * Looks for pods of strictly lower priority whose leaving would make room. On each node as few as possible go, those that a
 * disruption budget protects last; among nodes the least harm is done. Nothing is changed by asking.
 */
export function planPreemption(pod: Pod, cluster: Cluster, why: Unschedulable, budgets: Iterable<PodDisruptionBudget>): Preemption {
  if (pod.spec.preemptionPolicy === 'Never') return { message: 'not eligible due to preemptionPolicy=Never.' }
  const nominated = cluster.nomination(objectKey(pod)) ?? pod.status.nominatedNodeName
  if (nominated && makesWay(pod, cluster.info(nominated))) return { message: 'not eligible due to a terminating pod on the nominated node.' }
  const around = surroundingsOf(pod, cluster)
  const known = [...budgets]
  const candidates: Candidate[] = []
  const reasons: (readonly [string, number])[] = []
  let helpless = why.nodes - why.refusals.size
  let tried = 0
  for (const [name, { preemptible }] of why.refusals) {
    const info = cluster.info(name)
    if (!info || !preemptible) {
      helpless++
      continue
    }
    if (tried++ >= triedOf(why.nodes) && candidates.length > 0) break
    const found = tryNode(pod, info, around, cluster, known)
    if ('victims' in found) candidates.push(found)
    else for (const reason of found.reasons) reasons.push([reason, 1])
  }
  const best = candidates.sort(leastHarmFirst)[0]
  if (best) return { node: best.node, victims: best.victims }
  if (helpless > 0) reasons.push([NO_HELP, helpless])
  return { message: `0/${why.nodes} nodes are available: ${countReasons(reasons)}.` }
}

/** A pod of lower priority is already leaving the node that this one waits for. */
function makesWay(pod: Pod, info: NodeInfo | undefined): boolean {
  for (const other of info?.pods.values() ?? []) if (other.metadata.deletionTimestamp && priorityOf(other) < priorityOf(pod)) return true
  return false
}

function tryNode(
  pod: Pod,
  info: NodeInfo,
  around: Surroundings,
  cluster: Cluster,
  budgets: readonly PodDisruptionBudget[],
): Candidate | { readonly reasons: readonly string[] } {
  const node = info.node!.metadata.name
  const lower = [...info.pods.values()].filter(other => priorityOf(other) < priorityOf(pod)).sort(moreImportantFirst)
  if (lower.length === 0) return { reasons: [NO_VICTIMS] }
  const trial = info.copy()
  const away = new Set<Pod>()
  const leave = (other: Pod): void => {
    trial.remove(objectKey(other))
    away.add(other)
    around.affinity?.shift({ pod: other, node }, -1)
    around.spread?.shift({ pod: other, node }, -1)
  }
  const comeBack = (other: Pod): void => {
    trial.add(other)
    away.delete(other)
    around.affinity?.shift({ pod: other, node }, 1)
    around.spread?.shift({ pod: other, node }, 1)
  }
  const refused = () => refusalWithNominated(pod, trial, around, cluster)
  try {
    for (const other of lower) leave(other)
    const still = refused()
    if (still) return { reasons: still.reasons }
    const { kept, free } = byBudget(lower, budgets)
    let violations = 0
    for (const other of [...kept, ...free]) {
      comeBack(other)
      if (!refused()) continue
      leave(other)
      if (kept.includes(other)) violations++
    }
    return { node, victims: [...away].sort(moreImportantFirst), violations }
  } finally {
    for (const other of [...away]) comeBack(other)
  }
}

/** Pods whose eviction a budget does not allow, and the others, each in the order given. */
function byBudget(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): { readonly kept: readonly Pod[]; readonly free: readonly Pod[] } {
  const left = new Map(budgets.map(budget => [budget, budget.status.disruptionsAllowed ?? 0]))
  const kept: Pod[] = []
  const free: Pod[] = []
  for (const pod of pods) {
    let violates = false
    for (const budget of budgets) {
      const { selector } = budget.spec
      if (budget.metadata.namespace !== pod.metadata.namespace || isEmpty(selector) || !matcherOf(selector)(pod.metadata.labels)) continue
      if (budget.status.disruptedPods?.[pod.metadata.name] !== undefined) continue
      const allowed = (left.get(budget) ?? 0) - 1
      left.set(budget, allowed)
      if (allowed < 0) violates = true
    }
    if (violates) kept.push(pod)
    else free.push(pod)
  }
  return { kept, free }
}

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length)

const startOf = ({ status, metadata }: Pod): number => Date.parse(status.startTime ?? metadata.creationTimestamp)
/** Higher priority, then the longer it has run. */
const moreImportantFirst = (a: Pod, b: Pod): number => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b)

function leastHarmFirst(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate) => (victims[0] ? priorityOf(victims[0]) : -(2 ** 31))
  // Priorities may be negative; every victim is to count.
  const total = ({ victims }: Candidate) => victims.reduce((sum, pod) => sum + priorityOf(pod) + 2 ** 31, 0)
  const startOfTop = (of: Candidate) => Math.min(...of.victims.filter(pod => priorityOf(pod) === highest(of)).map(startOf))
  return (
    a.violations - b.violations || highest(a) - highest(b) || total(a) - total(b) || a.victims.length - b.victims.length || startOfTop(b) - startOfTop(a) || 0
  )
}
