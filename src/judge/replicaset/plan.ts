import { objectKey } from '../../api/meta/key.ts'
import { hasLabels } from '../../api/meta/label-selector.ts'
import type { NewObject } from '../../api/meta/object.ts'
import { controllerReference } from '../../api/meta/owner.ts'
import { isActive, isPodReady, readySince } from '../../api/meta/pod.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps/replica-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'

/** Creations and deletions of one pass at most. */
const BURST = 500

export interface ReplicaSetPlan {
  readonly create: number
  readonly remove: readonly Pod[]
}

/** A pod that counts: neither finished nor on its way out. */

/** How many pods to make, or which to take away. `pods` are the set's own. */
export function planReplicaSet(set: ReplicaSet, pods: readonly Pod[], now: number): ReplicaSetPlan {
  const active = pods.filter(isActive)
  const surplus = active.length - (set.spec.replicas ?? 1)
  if (surplus <= 0) return { create: Math.min(-surplus, BURST), remove: [] }
  const perNode = new Map<string, number>()
  for (const { spec } of active) if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1)
  return { create: 0, remove: active.sort(leastMissedFirst(perNode, now)).slice(0, Math.min(surplus, BURST)) }
}

const PHASES: readonly (string | undefined)[] = ['Pending', 'Unknown', 'Running']
const costOf = (pod: Pod): number => {
  const cost = Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0)
  return Number.isInteger(cost) ? cost : 0
}
const restartsOf = (pod: Pod): number => Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount))
/** Ages are compared by order of magnitude, so that not always the very youngest goes. */
const magnitude = (since: number | undefined, now: number): number => (since === undefined ? -1 : Math.floor(Math.log2(Math.max(1, (now - since) / 1000))))

/** Which pods are missed least: not placed, not running, not ready, cheap, crowded, young, often restarted. */
function leastMissedFirst(perNode: ReadonlyMap<string, number>, now: number): (a: Pod, b: Pod) => number {
  const rank = (pod: Pod): readonly number[] => [
    pod.spec.nodeName ? 1 : 0,
    PHASES.indexOf(pod.status.phase),
    isPodReady(pod) ? 1 : 0,
    costOf(pod),
    -(perNode.get(pod.spec.nodeName ?? '') ?? 0),
    magnitude(readySince(pod), now),
    -restartsOf(pod),
    magnitude(Date.parse(pod.metadata.creationTimestamp), now),
  ]
  const ranks = new Map<Pod, readonly number[]>()
  const rankOf = (pod: Pod): readonly number[] => {
    const known = ranks.get(pod) ?? rank(pod)
    ranks.set(pod, known)
    return known
  }
  return (a, b) => {
    const left = rankOf(a)
    const right = rankOf(b)
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!
    return objectKey(a) < objectKey(b) ? -1 : 1
  }
}

/** A new pod of the set. */
export function replicaPod(set: ReplicaSet): NewObject<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = set.spec.template ?? {}
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace && { namespace: set.metadata.namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: set.metadata })],
    },
    spec: spec ?? { containers: [] },
  }
}

export interface ReplicaSetReport {
  readonly status: ReplicaSetStatus
  /** When a pod that is ready now becomes available. */
  readonly lookAgainAt?: number
}

/** The counts of a set's own pods, and whether making or removing some failed (`undefined`: nothing was tried that could). */
export function reportReplicaSet(
  set: ReplicaSet,
  pods: readonly Pod[],
  now: number,
  failure: { readonly reason: string; readonly message: string } | undefined,
): ReplicaSetReport {
  const active = pods.filter(isActive)
  const minReady = (set.spec.minReadySeconds ?? 0) * 1000
  let ready = 0
  let available = 0
  let labelled = 0
  let next = Number.POSITIVE_INFINITY
  for (const pod of active) {
    if (hasLabels(pod.metadata.labels, set.spec.template?.metadata?.labels)) labelled++
    const since = readySince(pod)
    if (since === undefined) continue
    ready++
    if (since + minReady <= now) available++
    else next = Math.min(next, since + minReady)
  }
  const terminating = pods.filter(pod => pod.metadata.deletionTimestamp && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed').length
  const conditions = failureCondition(set.status.conditions ?? [], now, failure)
  return {
    status: {
      replicas: active.length,
      ...(labelled && { fullyLabeledReplicas: labelled }),
      ...(ready && { readyReplicas: ready }),
      ...(available && { availableReplicas: available }),
      terminatingReplicas: terminating,
      observedGeneration: set.metadata.generation,
      ...(conditions.length && { conditions }),
    },
    ...(next !== Number.POSITIVE_INFINITY && { lookAgainAt: next }),
  }
}

function failureCondition(
  before: readonly ReplicaSetCondition[],
  now: number,
  failure: { readonly reason: string; readonly message: string } | undefined,
): readonly ReplicaSetCondition[] {
  const others = before.filter(({ type }) => type !== 'ReplicaFailure')
  if (!failure) return others
  const old = before.find(({ type }) => type === 'ReplicaFailure')
  if (old?.reason === failure.reason) return before
  return [...others, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime: timeOf(now) }]
}
