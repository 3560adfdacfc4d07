import type { Pod } from '../../api/types/core/pod.ts'
import { hostPortsOf } from './host-ports.ts'
import { requestsOf } from './resources.ts'

/** A text that two pods share only when the same cluster gives both the same answer, whether it has a place for them. */
export function likeness(pod: Pod): string {
  const { namespace, labels } = pod.metadata
  const { priority, preemptionPolicy, nodeName, nodeSelector, affinity, tolerations, topologySpreadConstraints } = pod.spec
  const parts = [namespace, labels, priority, preemptionPolicy, nodeName, nodeSelector, affinity, tolerations, topologySpreadConstraints]
  return JSON.stringify([...parts, [...requestsOf(pod)], hostPortsOf(pod)])
}
