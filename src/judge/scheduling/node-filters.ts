import { matchesNodeSelectorAndAffinity } from '../../api/meta/node-affinity.ts'
import { findUntolerated, isTolerated, UNSCHEDULABLE as UNSCHEDULABLE_KEY } from '../../api/meta/taints.ts'
import type { Taint, Toleration } from '../../api/types/core/affinity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { hostPortsOf } from './host-ports.ts'
import type { NodeInfo } from './node-info.ts'
import { requestsOf } from './resources.ts'

/** The rules a node is held against, by upstream's names of them. */
export type Rule =
  | 'NodeUnschedulable'
  | 'NodeName'
  | 'TaintToleration'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesFit'
  | 'PodTopologySpread'
  | 'InterPodAffinity'

/** Why a node does not take a pod. */
export interface Refusal {
  readonly rule: Rule
  /** In upstream's words, as FailedScheduling counts them. */
  readonly reasons: readonly string[]
  /** Whether it could help that other pods leave the node. */
  readonly preemptible: boolean
}

const refusal = (rule: Rule, reason: string, preemptible = false): Refusal => Object.freeze({ rule, reasons: Object.freeze([reason]), preemptible })
const UNSCHEDULABLE = refusal('NodeUnschedulable', 'node(s) were unschedulable')
const OTHER_NAME = refusal('NodeName', "node(s) didn't match the requested node name")
const TAINTED = refusal('TaintToleration', 'node(s) had untolerated taint(s)')
const AFFINITY = refusal('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
const PORTS = refusal('NodePorts', "node(s) didn't have free ports for the requested pod ports", true)

export const UNSCHEDULABLE_TAINT: Taint = { key: UNSCHEDULABLE_KEY, effect: 'NoSchedule' }

/** The first rule that a node itself breaks, whatever runs elsewhere; in upstream's order. */
export function refusalOfNode(pod: Pod, info: NodeInfo): Refusal | undefined {
  const node = info.node!
  const { spec } = pod
  if (node.spec.unschedulable && !isTolerated(spec.tolerations, UNSCHEDULABLE_TAINT)) return UNSCHEDULABLE
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return OTHER_NAME
  if (node.spec.taints?.length && untoleratedTaint(node.spec.taints, spec.tolerations)) return TAINTED
  if (!matchesNodeSelectorAndAffinity(spec, node)) return AFFINITY
  for (const port of hostPortsOf(pod)) if (info.portTaken(port)) return PORTS
  return refusalOfResources(pod, info)
}

/** The first taint that keeps a pod with these tolerations from being placed. */
export const untoleratedTaint = (taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined): Taint | undefined =>
  findUntolerated(taints, tolerations, taint => taint.effect !== 'PreferNoSchedule')

export interface Shortage {
  readonly resource: string
  readonly requested: number
  readonly free: number
  readonly allocatable: number
}

/** Every resource that a node is short of for a pod; `pods` is the number of pods it takes. */
export function shortagesOf(pod: Pod, info: NodeInfo): readonly Shortage[] {
  let found: Shortage[] | undefined
  const places = info.allocatable.get('pods') ?? 0
  if (info.pods.size + 1 > places) found = [{ resource: 'pods', requested: 1, free: places - info.pods.size, allocatable: places }]
  for (const [resource, requested] of requestsOf(pod)) {
    if (requested <= 0) continue
    const free = info.free(resource)
    if (requested <= free) continue
    found ??= []
    found.push({ resource, requested, free, allocatable: info.allocatable.get(resource) ?? 0 })
  }
  return found ?? []
}

function refusalOfResources(pod: Pod, info: NodeInfo): Refusal | undefined {
  const short = shortagesOf(pod, info)
  if (short.length === 0) return undefined
  return {
    rule: 'NodeResourcesFit',
    reasons: short.map(({ resource }) => (resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`)),
    preemptible: short.every(({ requested, allocatable }) => requested <= allocatable),
  }
}
