import { qosClassOf } from '../../api/meta/qos.ts'
import { isTolerated, MEMORY_PRESSURE } from '../../api/meta/taints.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Refused } from '../admit.ts'
import { isCritical } from '../preempt.ts'
import type { Pressures } from './shortfalls.ts'

const CONDITIONS = [
  ['memoryPressure', 'MemoryPressure'],
  ['diskPressure', 'DiskPressure'],
  ['pidPressure', 'PIDPressure'],
] as const

/**
 * Why a node that is short of something takes no further pod, in the kubelet's words. Critical pods come in whatever it lacks;
 * where that is memory alone, so do those that asked for some, and those that tolerate it.
 */
export function refusedByPressure(pod: Pod, pressures: Partial<Pressures>): Refused | undefined {
  const conditions = CONDITIONS.filter(([pressure]) => pressures[pressure]).map(([, condition]) => condition)
  if (conditions.length === 0 || isCritical(pod)) return undefined
  if (conditions.length === 1 && conditions[0] === 'MemoryPressure') {
    if (qosClassOf(pod.spec) !== 'BestEffort') return undefined
    if (isTolerated(pod.spec.tolerations, { key: MEMORY_PRESSURE, effect: 'NoSchedule' })) return undefined
  }
  return { reason: 'Evicted', message: `The node had condition: [${conditions.join(' ')}]. `, refused: true }
}
