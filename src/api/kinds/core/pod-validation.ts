import { type FieldError, forbiddenField } from '../../meta/field-error.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { EphemeralContainer } from '../../types/core/container.ts'
import type { Pod } from '../../types/core/pod.ts'
import type { ContainerStatus } from '../../types/core/pod-status.ts'
import { checkIP } from '../addresses.ts'
import type { ValidationContext } from '../kind.ts'
import { checkSpecOfPod } from './pod-spec/known-specs.ts'
import { checkPodAnnotations, checkPodSpec } from './pod-spec/pod-spec.ts'
import { checkPodUpdate } from './pod-spec/pod-update.ts'

export function validatePod(pod: Pod, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkPodAnnotations(pod.metadata.annotations, 'metadata.annotations', errors)
  checkSpecOfPod(pod.spec, 'spec', errors)
  if (old) return errors
  if (pod.spec.ephemeralContainers?.length) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

export function validatePodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = []
  checkPodUpdate(pod, old, errors)
  return errors
}

/** An update through `pods/ephemeralcontainers`: containers are only added. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = []
  checkPodSpec(pod.spec, true, 'spec', errors)
  const now = new Map((pod.spec.ephemeralContainers ?? []).map(c => [c.name, c] as const))
  old.spec.ephemeralContainers?.forEach((before: EphemeralContainer, i) => {
    const after = now.get(before.name)
    const path = 'spec.ephemeralContainers'
    if (!after) errors.push(forbiddenField(path, `existing ephemeral containers ${JSON.stringify(before.name)} may not be removed`))
    else if (!semanticEqual(before, after)) {
      errors.push(forbiddenField(`${path}[${i}]`, `existing ephemeral containers ${JSON.stringify(before.name)} may not be changed`))
    }
  })
  return errors
}

const isDone = (status: ContainerStatus | undefined): boolean => status?.state?.terminated !== undefined

/** Containers that never start again cannot come back from having ended. */
function checkStates(pod: Pod, old: Pod, errors: FieldError[]): void {
  if (old.spec.restartPolicy === 'Always') return
  old.status.containerStatuses?.forEach(before => {
    if (!isDone(before)) return
    if (old.spec.restartPolicy === 'OnFailure' && before.state?.terminated?.exitCode !== 0) return
    const container = old.spec.containers.find(c => c.name === before.name)
    if (container?.restartPolicy != null || container?.restartPolicyRules) return
    const after = pod.status.containerStatuses?.find(c => c.name === before.name)
    if (after && !isDone(after)) errors.push(forbiddenField('status.containerStatuses.state', 'may not be transitioned to non-terminated state'))
  })
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = []
  if ((pod.spec.nodeName ?? '') !== (old.spec.nodeName ?? '')) {
    errors.push(forbiddenField('status.nodeName', 'may not be changed directly'))
  }
  pod.status.podIPs?.forEach(({ ip }, i) => {
    checkIP(ip, `status.podIPs[${i}]`, errors)
  })
  checkStates(pod, old, errors)
  return errors
}
