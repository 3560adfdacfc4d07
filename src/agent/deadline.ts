import type { Pod } from '../api/types/core/pod.ts'
import type { PodMemory } from './pod-memory.ts'

/** When a pod has been active as long as it may be, in milliseconds since 1970. */
export function deadlineOf({ spec, status }: Pod): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status.startTime === undefined) return undefined
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000
}

/** Why a pod that has passed its deadline must end. */
export function pastDeadline(pod: Pod, now: number): PodMemory['end'] {
  const deadline = deadlineOf(pod)
  if (deadline === undefined || now < deadline) return undefined
  return { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
}
