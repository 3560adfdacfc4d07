import { type FieldError, forbiddenField, invalid, required } from '../../../meta/field-error.ts'
import { differences, semanticEqual } from '../../../meta/semantic-equal.ts'
import { toleratedBy } from '../../../meta/taints.ts'
import type { Container } from '../../../types/core/container.ts'
import type { Pod, PodSpec } from '../../../types/core/pod.ts'

const MAX_INT32 = 2 ** 31 - 1
const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** Whether the list is what it was but for images; reports what is wrong with that. */
function checkImages(containers: readonly Container[], old: readonly Container[], path: string, errors: FieldError[]): boolean {
  if (containers.length !== old.length) {
    errors.push(forbiddenField(path, 'pod updates may not add or remove containers'))
    return false
  }
  containers.forEach(({ image }, i) => {
    if (!image) errors.push(required(`${path}[${i}].image`))
    else if (image.trim().length !== image.length) errors.push(invalid(`${path}[${i}].image`, image, 'must not have leading or trailing whitespace'))
  })
  return true
}

/** Returns false when nothing more can be said of the update. */
function checkDeadline(spec: PodSpec, old: PodSpec, errors: FieldError[]): boolean {
  const path = 'spec.activeDeadlineSeconds'
  const deadline = spec.activeDeadlineSeconds
  if (deadline == null) {
    if (old.activeDeadlineSeconds != null) errors.push(invalid(path, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (deadline < 0 || deadline > MAX_INT32) {
    errors.push(invalid(path, deadline, `must be between 0 and ${MAX_INT32}, inclusive`))
    return false
  }
  if (old.activeDeadlineSeconds == null || deadline <= old.activeDeadlineSeconds) return true
  errors.push(invalid(path, deadline, 'must be less than or equal to previous value'))
  return false
}

function checkAddedTolerations(tolerations: PodSpec['tolerations'], old: PodSpec['tolerations'], errors: FieldError[]): void {
  const there = new Set((tolerations ?? []).map(toleratedBy))
  if ((old ?? []).every(before => there.has(toleratedBy(before)))) return
  errors.push(forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
}

function checkRemovedGates(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const before = new Set(old.schedulingGates?.map(({ name }) => name))
  for (const { name } of spec.schedulingGates ?? []) {
    if (!before.has(name)) {
      errors.push(forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${name}'`))
    }
  }
}

const withImages = (containers: readonly Container[] | undefined, old: readonly Container[] | undefined): readonly Container[] | undefined =>
  containers?.map((container, i) => ({ ...container, image: old?.[i]?.image }))

/** A pod's spec is fixed, but for a few fields; who may change them all is the controller that makes another pod. */
export function checkPodUpdate(pod: Pod, old: Pod, errors: FieldError[]): void {
  const { spec } = pod
  const before = old.spec
  if (!checkImages(spec.containers, before.containers, 'spec.containers', errors)) return
  if (!checkImages(spec.initContainers ?? [], before.initContainers ?? [], 'spec.initContainers', errors)) return
  if (!checkDeadline(spec, before, errors)) return
  checkAddedTolerations(spec.tolerations, before.tolerations, errors)
  checkRemovedGates(spec, before, errors)
  const unnegative = (before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
  const munged: PodSpec = {
    ...spec,
    containers: withImages(spec.containers, before.containers) ?? [],
    initContainers: withImages(spec.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...(unnegative && { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds }),
    ...gatedFields(spec, before),
  }
  if (semanticEqual(munged, before)) return
  const changed = differences(before, munged, 'spec')
  errors.push(forbiddenField('spec', `pod updates may not change fields other than ${CHANGEABLE}\nchanged: ${changed.join(', ')}`))
}

/** While gates hold a pod back from scheduling, where it may go can be narrowed. */
function gatedFields(spec: PodSpec, old: PodSpec): Partial<PodSpec> {
  if (!old.schedulingGates?.length) return {}
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value)
  const required = old.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return { ...(kept && { nodeSelector: old.nodeSelector }), ...(!required && { affinity: old.affinity }) }
}
