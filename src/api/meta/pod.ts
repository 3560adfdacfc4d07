import type { Container } from '../types/core/container.ts'
import type { Pod, PodSpec } from '../types/core/pod.ts'
import type { PodCondition } from '../types/core/pod-status.ts'

export function podCondition({ status: { conditions } }: Pod, type: string): PodCondition | undefined {
  if (conditions) for (const condition of conditions) if (condition.type === type) return condition
  return undefined
}

export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True'

/** Since when a pod is ready, in milliseconds since 1970; 0 when its condition does not say; undefined when it is not ready. */
export function readySince(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  return ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0
}

/** A pod's priority; 0 when nothing is said. */
export const podPriority = (pod: { readonly spec: { readonly priority?: number | undefined } }): number => pod.spec.priority ?? 0

/** Every container of a pod: its own, those of its start, and those that were added while it ran. */
export const allContainers = ({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): readonly Container[] => [
  ...containers,
  ...initContainers,
  ...ephemeralContainers,
]

/** From this priority on a pod is critical to the system. */
export const SYSTEM_CRITICAL = 2_000_000_000

/** Whether a pod has ended for good: nothing of it runs again. */
export const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

/** Whether a pod still counts: it has not ended and is not going. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !pod.metadata.deletionTimestamp
