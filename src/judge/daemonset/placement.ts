import { matchesNodeSelector } from '../../api/meta/node-affinity.ts'
import { toleratesAll } from '../../api/meta/taints.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { PodSpec } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'

/** Why a node is, or is not, one that the set wants. */
export type PlacementReason =
  | 'wanted'
  /** The template names another node. */
  | 'other-node-name'
  | 'node-selector'
  | 'node-affinity'
  /** A taint keeps new pods away; one that runs stays. */
  | 'untolerated-taint'
  /** A taint drives out running pods too. */
  | 'evicting-taint'
  /** There is no such node. */
  | 'node-missing'

/** Two facts, not one: whether a pod is to be there, and whether one that is there may stay. */
export interface Placement {
  readonly run: boolean
  readonly stay: boolean
  readonly because: PlacementReason
}

const place = (run: boolean, stay: boolean, because: PlacementReason): Placement => Object.freeze({ run, stay, because })
const WANTED = place(true, true, 'wanted')
const OTHER_NODE_NAME = place(false, false, 'other-node-name')
const NODE_SELECTOR = place(false, false, 'node-selector')
const NODE_AFFINITY = place(false, false, 'node-affinity')
const UNTOLERATED = place(false, true, 'untolerated-taint')
const EVICTING = place(false, false, 'evicting-taint')
export const NODE_MISSING = place(false, false, 'node-missing')

/** What a node is to a set. `podSpec` carries the automatic tolerations; nothing else of the node counts (DAEMONSET.md 2.8). */
export function placementOf(podSpec: PodSpec, node: Node): Placement {
  if (podSpec.nodeName && podSpec.nodeName !== node.metadata.name) return OTHER_NODE_NAME
  if (podSpec.nodeSelector) {
    const labels = node.metadata.labels
    for (const key in podSpec.nodeSelector) if (labels?.[key] !== podSpec.nodeSelector[key]) return NODE_SELECTOR
  }
  const required = podSpec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required && !matchesNodeSelector(required, node)) return NODE_AFFINITY
  const taints = node.spec.taints
  if (!taints?.length) return WANTED
  if (!toleratesAll(podSpec.tolerations, taints, 'NoExecute')) return EVICTING
  return toleratesAll(podSpec.tolerations, taints, 'NoSchedule') ? WANTED : UNTOLERATED
}

/** Whether every node is to both what it is to the other. */
export const wantSameNodes = (a: PodSpec, b: PodSpec): boolean => equal(wishesOf(a), wishesOf(b))

const wishesOf = ({ nodeName, nodeSelector, affinity, tolerations }: PodSpec): object => ({
  nodeName,
  nodeSelector,
  required: affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
  tolerations,
})
