import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../../../base/freeze.ts'
import type { FieldError } from '../../../meta/field-error.ts'
import type { PodSpec } from '../../../types/core/pod.ts'
import { checkSpecOfPod } from './known-specs.ts'

const problems = (spec: object): readonly string[] => {
  const errors: FieldError[] = []
  checkSpecOfPod(spec as PodSpec, 'spec', errors)
  return errors.map(({ field }) => field)
}

const parts = () => ({
  containers: [{ name: 'a', image: 'a', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
  volumes: [{ name: 'v', emptyDir: {} }],
  tolerations: [{ key: 'k', operator: 'Exists' }],
  securityContext: {},
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
})
/** A new spec of the parts that all pods of a template have in common. */
const pod = (shared: Partial<ReturnType<typeof parts>>, own: object = {}) => ({ ...shared, ...own })

test('of a pod that is like a good one its placement is looked at', () => {
  const shared = deepFreeze(parts())
  assert.deepEqual(problems(pod(shared)), [])
  assert.deepEqual(problems(pod(shared, { nodeName: 'node-1' })), [])
  assert.deepEqual(problems(pod(shared, { nodeName: 'No Node' })), ['spec.nodeName'])
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } }
  assert.deepEqual(problems(pod(shared, { affinity: { nodeAffinity } })), [
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
  ])
})

test('a pod with the same containers and anything else of its own is looked at whole', () => {
  const shared = deepFreeze(parts())
  assert.deepEqual(problems(pod(shared)), [])
  assert.deepEqual(problems(pod(shared, { volumes: [] })), ['spec.containers[0].volumeMounts[0].name'])
  assert.deepEqual(problems(pod(shared, { tolerations: [...shared.tolerations, { operator: 'Sometimes' }] })).length > 0, true)
  assert.deepEqual(problems(pod(shared, { restartPolicy: 'Perhaps' })), ['spec.restartPolicy'])
  assert.deepEqual(problems(pod(shared, { hostname: 'No Host' })), ['spec.hostname'])
  const { restartPolicy: _, ...without } = shared
  assert.deepEqual(problems(without), ['spec.restartPolicy'])
})

test('lists that are made anew of the same parts count as the same', () => {
  const shared = deepFreeze(parts())
  assert.deepEqual(problems(pod(shared)), [])
  assert.deepEqual(problems(pod(shared, { containers: [...shared.containers], nodeName: 'No Node' })), ['spec.nodeName'])
})

test('what somebody may still change is looked at again', () => {
  const frozen = deepFreeze(parts())
  const { containers } = parts()
  assert.deepEqual(problems(pod(frozen, { containers })), [])
  containers[0]!.name = 'No Name'
  assert.deepEqual(problems(pod(frozen, { containers })), ['spec.containers[0].name'])

  const security: { runAsUser?: number } = {}
  assert.deepEqual(problems(pod(frozen, { securityContext: security })), [])
  security.runAsUser = -1
  assert.deepEqual(problems(pod(frozen, { securityContext: security })), ['spec.securityContext.runAsUser'])
})
