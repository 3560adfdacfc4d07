import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldError } from '../../../meta/field-error.ts'
import type { Toleration } from '../../../types/core/affinity.ts'
import type { Pod, PodSpec } from '../../../types/core/pod.ts'
import { checkPodUpdate } from './pod-update.ts'

const notReady: Toleration = { key: 'not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }
const spec: PodSpec = {
  containers: [{ name: 'c', image: 'a' }],
  initContainers: [{ name: 'i', image: 'a' }],
  tolerations: [notReady],
  activeDeadlineSeconds: 100,
  terminationGracePeriodSeconds: 30,
}
const pod = (changes: Partial<PodSpec>): Pod => ({ spec: { ...spec, ...changes } }) as Pod

function wrong(changes: Partial<PodSpec>, before: Partial<PodSpec> = {}): readonly string[] {
  const errors: FieldError[] = []
  checkPodUpdate(pod(changes), pod(before), errors)
  return errors.map(e => `${e.field}: ${e.message}`)
}

const allowed: readonly (readonly [says: string, changes: Partial<PodSpec>, before?: Partial<PodSpec>])[] = [
  ['nothing', {}],
  ['an image', { containers: [{ name: 'c', image: 'b' }] }],
  ['an image of an init container', { initContainers: [{ name: 'i', image: 'b' }] }],
  ['a shorter deadline', { activeDeadlineSeconds: 50 }],
  ['a deadline where there was none', { activeDeadlineSeconds: 50 }, { activeDeadlineSeconds: undefined }],
  ['one more toleration', { tolerations: [notReady, { operator: 'Exists' }] }],
  ['how long a toleration lasts', { tolerations: [{ ...notReady, tolerationSeconds: 10 }] }],
  ['a negative grace period into one second', { terminationGracePeriodSeconds: 1 }, { terminationGracePeriodSeconds: -1 }],
  ['a scheduling gate that goes', { schedulingGates: [] }, { schedulingGates: [{ name: 'g' }] }],
  ['a node selector while a gate holds the pod', { schedulingGates: [{ name: 'g' }], nodeSelector: { a: 'b' } }, { schedulingGates: [{ name: 'g' }] }],
]
for (const [says, changes, before] of allowed) {
  test(`an update may change ${says}`, () => assert.deepEqual(wrong(changes, before), []))
}

const OTHERS =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nchanged: '
const refused: readonly (readonly [says: string, changes: Partial<PodSpec>, error: string, before?: Partial<PodSpec>])[] = [
  ['the number of containers', { containers: [] }, 'spec.containers: Forbidden: pod updates may not add or remove containers'],
  ['an image to nothing', { containers: [{ name: 'c', image: '' }] }, 'spec.containers[0].image: Required value'],
  ['a deadline to a later one', { activeDeadlineSeconds: 101 }, 'spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value'],
  [
    'a deadline to none',
    { activeDeadlineSeconds: undefined },
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ],
  ['a toleration away', { tolerations: [] }, 'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  [
    'a scheduling gate in',
    { schedulingGates: [{ name: 'g' }] },
    "spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
  ],
  ['arguments', { containers: [{ name: 'c', image: 'a', args: ['x'] }] }, `${OTHERS}spec.containers[0].args`],
  ['the host network', { hostNetwork: true }, `${OTHERS}spec.hostNetwork`],
  ['the node', { nodeName: 'n2' }, `${OTHERS}spec.nodeName`, { nodeName: 'n1' }],
  ['the grace period', { terminationGracePeriodSeconds: 5 }, `${OTHERS}spec.terminationGracePeriodSeconds`],
]
for (const [says, changes, error, before] of refused) {
  test(`an update may not change ${says}`, () => assert.deepEqual(wrong(changes, before), [error]))
}
