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
  return equal(pod.status, status) && equal(pod.spec, before.spec) && equal(asked(pod), asked(before))
}

/** Of the metadata, what is not merely a trace of who wrote when. */
function asked({ metadata }: Pod): object {
  const { resourceVersion: _, managedFields: __, ...rest } = metadata
  return rest
}
