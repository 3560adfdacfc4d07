import { matchesNodeSelectorAndAffinity } from '../api/meta/node-affinity.ts'
import { isFinished } from '../api/meta/pod.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { hostPortsOf } from '../judge/scheduling/host-ports.ts'
import { type Shortage, shortagesOf } from '../judge/scheduling/node-filters.ts'
import { NodeInfo } from '../judge/scheduling/node-info.ts'
import { isStatic } from './pod-source.ts'
import { isCritical, missingText, planPreemption } from './preempt.ts'

/** Why a node refuses a pod that was assigned to it: the reason and the message that the kubelet gives. */
export interface Refused {
  readonly reason: string
  readonly message: string
  readonly refused: true
}

/** The pods that must have ended before the node takes a critical one. */
export interface Preemption {
  readonly preempt: readonly Pod[]
}

const ORDER = ['pods', 'cpu', 'memory', 'ephemeral-storage']

/**
 * Whether a node takes a pod that arrives beside those admitted before; the first rule it breaks, in the kubelet's order and words.
 * Taints are not asked: the server evicts. Others make room for a static or critical pod if nothing else keeps it out.
 */
export function admit(pod: Pod, node: Node, admitted: Iterable<Pod>): Refused | Preemption | undefined {
  const info = new NodeInfo(node)
  for (const other of admitted) if (other.metadata.uid !== pod.metadata.uid && !isFinished(other)) info.add(other)
  const short = shortagesOf(pod, info)
    .filter(s => !isUnknownExtended(s.resource, info))
    .sort(inOrder)
  if (short[0] && !isCritical(pod)) return outOf(short[0])
  if (!isStatic(pod) && !matchesNodeSelectorAndAffinity(pod.spec, node)) return broken('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (pod.spec.nodeName !== node.metadata.name) return broken('NodeName', "node(s) didn't match the requested node name")
  if (hostPortsOf(pod).some(port => info.portTaken(port))) return broken('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  if (short.length === 0) return undefined
  const preempt = planPreemption(pod, info.pods.values(), short)
  return preempt ? { preempt } : refused('UnexpectedAdmissionError', NO_ROOM + missingText(short))
}

const NO_ROOM =
  'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: '

/** As upstream: what a node has never heard of is another component's business. */
const isUnknownExtended = (resource: string, info: NodeInfo): boolean =>
  resource.includes('/') && !/(^|\.)kubernetes\.io\//.test(resource) && !info.allocatable.has(resource)

const rank = ({ resource }: Shortage): number => (ORDER.includes(resource) ? ORDER.indexOf(resource) : ORDER.length)
const inOrder = (a: Shortage, b: Shortage): number => rank(a) - rank(b) || (a.resource < b.resource ? -1 : 1)

const outOf = ({ resource, requested, free, allocatable }: Shortage): Refused =>
  refused(`OutOf${resource}`, `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${allocatable - free}, capacity: ${allocatable}`)
const broken = (rule: string, why: string): Refused => refused(rule, `Predicate ${rule} failed: ${why}`)
const refused = (reason: string, message: string): Refused => ({ reason, message, refused: true })
