import { objectKey } from '../../api/meta/key.ts'
import { OUT_OF_SERVICE } from '../../api/meta/taints.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'

/** Why a pod is collected; `orphaned` ones belong to a node that must be confirmed gone. */
export type PodGcReason = 'terminated' | 'out-of-service' | 'orphaned' | 'unscheduled'

export interface PodGcAction {
  readonly pod: Pod
  readonly reason: PodGcReason
  /** What is written before the deletion, if the pod is not finished: the phase and, where the node took it along, why. */
  readonly fail: { readonly because?: string } | undefined
}

export interface PodGcWorld {
  readonly pods: Iterable<Pod>
  readonly node: (name: string) => Node | undefined
  /** Nodes that have been missing for the whole quarantine and were confirmed gone. */
  readonly gone: ReadonlySet<string>
  /** Finished pods beyond this many are collected; 0 or less switches that off. */
  readonly terminatedThreshold: number
}

const GONE = 'PodGC: node no longer exists'
const WAITING: ReadonlySet<string | undefined> = new Set(['Pending', 'Running', 'Unknown', undefined, ''])

const isFinished = (pod: Pod): boolean => !WAITING.has(pod.status.phase)

/** Which pods nobody will ever finish or clean up; each once. */
export function planPodGc({ pods, node, gone, terminatedThreshold }: PodGcWorld): readonly PodGcAction[] {
  const actions: PodGcAction[] = []
  const finished: Pod[] = []
  const take = (pod: Pod, reason: PodGcReason, because?: string) =>
    actions.push({ pod, reason, fail: isFinished(pod) ? undefined : because ? { because } : {} })
  for (const pod of pods) {
    const { nodeName } = pod.spec
    const terminating = pod.metadata.deletionTimestamp !== undefined
    if (isFinished(pod)) finished.push(pod)
    if (!nodeName) {
      if (terminating) take(pod, 'unscheduled')
    } else if (gone.has(nodeName)) take(pod, 'orphaned', GONE)
    else if (terminating && isOutOfService(node(nodeName))) take(pod, 'out-of-service')
  }
  const taken = new Set(actions.map(({ pod }) => pod))
  const surplus = terminatedThreshold > 0 ? finished.length - terminatedThreshold : 0
  if (surplus > 0) for (const pod of finished.sort(leastWorthFirst).slice(0, surplus)) if (!taken.has(pod)) take(pod, 'terminated')
  return actions
}

/** Names of nodes that pods are bound to and that are not there. */
export function missingNodes(pods: Iterable<Pod>, node: (name: string) => Node | undefined): ReadonlySet<string> {
  const missing = new Set<string>()
  for (const { spec } of pods) if (spec.nodeName && !node(spec.nodeName)) missing.add(spec.nodeName)
  return missing
}

const isReady = (node: Node): boolean => node.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
const isOutOfService = (node: Node | undefined): boolean =>
  node !== undefined && !isReady(node) && (node.spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE)

/** Evicted pods first, then the oldest. */
function leastWorthFirst(a: Pod, b: Pod): number {
  const evicted = Number(b.status.reason === 'Evicted') - Number(a.status.reason === 'Evicted')
  if (evicted !== 0) return evicted
  const created = a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : a.metadata.creationTimestamp > b.metadata.creationTimestamp ? 1 : 0
  return created || (objectKey(a) < objectKey(b) ? -1 : 1)
}
