import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodTemplateSpec } from '../../types/core/pod.ts'
import { podTemplateWarnings } from './pod-warnings.ts'

const template: PodTemplateSpec = {
  metadata: { annotations: { 'scheduler.alpha.kubernetes.io/critical-pod': '' } },
  spec: {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux', disk: 'ssd' },
    volumes: [{ name: 'repo', gitRepo: { repository: 'r' } }],
    containers: [
      {
        name: 'c',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
          { name: 'PATH', value: '/bin' },
          { name: 'PATH', value: '/usr/bin:$(PATH)' },
        ],
        resources: { limits: { memory: '100m' } },
      },
    ],
  },
}

test('a template is warned of what is old, hidden or will not do', () => {
  assert.deepEqual(podTemplateWarnings(template, undefined, 'spec.template'), [
    'spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.template.spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    'spec.template.spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ])
})

test('a template that an update leaves as it is gets no warning again', () => {
  assert.deepEqual(podTemplateWarnings(template, structuredClone(template), 'spec.template'), [])
})
