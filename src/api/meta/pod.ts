import type { Pod } from '../types/core/pod.ts'
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
