import type { Pod } from '../api/types/core/pod.ts'
import type { PodStatus } from '../api/types/core/pod-status.ts'
import { equal } from '../base/equal.ts'
import type { ObservedPod } from './runtime/runtime.ts'

/** What a look at a pod saw that left nothing to do. While all of it is the same, another look would find the same. */
export interface Rest {
  readonly pod: Pod
  /** What the pod was to say, with what others say in it. */
  readonly status: PodStatus
  readonly observed: ObservedPod | undefined
  /** When time alone makes something due; infinite when it does not. */
  readonly until: number
}

/** Whether a look would see nothing else: the engine's very answer, and the same pod, which may by now say on the server what it was to say. */
export function isStill({ pod: before, status, observed, until }: Rest, pod: Pod, seen: ObservedPod | undefined, now: number): boolean {
  if (seen !== observed || now >= until) return false
  if (pod === before) return true
  return asksTheSame(pod, before) && equal(pod.status, status)
}

/** Whether nothing differs but the status, and who wrote when. */
function asksTheSame(a: Pod, b: Pod): boolean {
  const left: Record<string, unknown> = a.metadata
  const right: Record<string, unknown> = b.metadata
  for (const key in left) if (key !== 'resourceVersion' && key !== 'managedFields' && !equal(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return equal(a.spec, b.spec)
}
