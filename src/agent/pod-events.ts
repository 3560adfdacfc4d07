import type { EventRecorder } from '../api/access.ts'
import { allContainers } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { newestByName, type PodPlan } from './plan.ts'
import type { Failure, PodMemory } from './pod-memory.ts'
import type { ObservedPod, StepError } from './runtime/runtime.ts'

/** The reference that events about one container carry. */
export function containerReference(pod: Pod, container: string) {
  const { name, namespace, uid, resourceVersion } = pod.metadata
  const { initContainers, ephemeralContainers } = pod.spec
  const isOf = (containers: readonly { readonly name: string }[] = []) => containers.some(c => c.name === container)
  const list = isOf(initContainers) ? 'spec.initContainers' : isOf(ephemeralContainers) ? 'spec.ephemeralContainers' : 'spec.containers'
  return { apiVersion: 'v1', kind: 'Pod', name, ...(namespace && { namespace }), uid, resourceVersion, fieldPath: `${list}{${container}}` }
}

/** Failures of which an event of its own has told the details. */
const OF_IMAGES: ReadonlySet<string> = new Set(['ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName'])

/** Says, in the kubelet's words, that a container could not be started, or the sandbox when no container is named. */
export function tellFailure(recorder: EventRecorder | undefined, pod: Pod, container: string, { reason, told }: StepError): void {
  if (container === '') {
    recorder?.event(pod, 'Warning', reason, told)
    return
  }
  const about = containerReference(pod, container)
  if (reason === 'ErrImagePull') recorder?.event(about, 'Warning', 'Failed', `Failed to pull image "${imageOf(pod, container)}": ${told}`)
  recorder?.event(about, 'Warning', 'Failed', `Error: ${OF_IMAGES.has(reason) ? reason : told}`)
}

/** Says once that a pod has been active for as long as it may; of other ends those tell who bring them about. `told` is written to. */
export function tellEnd(recorder: EventRecorder | undefined, pod: Pod, end: PodMemory['end'], told: Map<string, string>): void {
  if (!end || told.get('') === end.reason) return
  told.set('', end.reason)
  if (end.reason === 'DeadlineExceeded') recorder?.event(pod, 'Normal', end.reason, end.message)
}

/** Says that something of a pod that is to end could not be ended. */
export function tellNotKilled(recorder: EventRecorder | undefined, pod: Pod, what: string, { reason, told }: StepError): void {
  const verb = reason === 'KillContainerError' ? 'KillContainer' : 'KillPodSandbox'
  recorder?.event(pod, 'Warning', 'FailedKillPod', `error killing pod: failed to "${verb}" for "${what}" with ${reason}: ${JSON.stringify(told)}`)
}

export interface Backoffs {
  readonly waiting: PodPlan['waiting']
  readonly failures: ReadonlyMap<string, Failure>
  readonly observed: ObservedPod | undefined
  /** By container: the failure of which was last told that it is waited for; written to. '' is the pod's end. */
  readonly told: Map<string, string>
}

/** Says, once after each failure, that a container waits until it is tried again. */
export function tellBackoffs(recorder: EventRecorder | undefined, pod: Pod, { waiting, failures, observed, told }: Backoffs): void {
  for (const [container, { reason }] of waiting) {
    if (reason !== 'CrashLoopBackOff' && reason !== 'ImagePullBackOff') continue
    const crashed = reason === 'CrashLoopBackOff'
    const failure = `${reason} ${crashed ? newestByName(observed).get(container)?.id : failures.get(container)?.count}`
    if (told.get(container) === failure) continue
    told.set(container, failure)
    const about = containerReference(pod, container)
    if (crashed) {
      const { name, namespace, uid } = pod.metadata
      recorder?.event(about, 'Warning', 'BackOff', `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`)
    } else {
      recorder?.event(about, 'Normal', 'BackOff', `Back-off pulling image "${imageOf(pod, container)}"`)
      recorder?.event(about, 'Warning', 'Failed', 'Error: ImagePullBackOff')
    }
  }
}

const imageOf = (pod: Pod, container: string): string => allContainers(pod.spec).find(c => c.name === container)?.image ?? ''
