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

test('a template is warned of ports that are the same or have one name, and of selectors of nothing', () => {
  const spec = {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'node-role.kubernetes.io/master', operator: 'Exists' }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] } }],
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }],
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    volumes: [{ name: 'p', projected: { sources: [{}] } }],
    containers: [
      { name: 'a', ports: [{ name: 'web', containerPort: 80 }, { containerPort: 80 }, { containerPort: 80, hostPort: 80 }] },
      { name: 'b', ports: [{ name: 'web', containerPort: 81, hostIP: '1.2.3.4' }] },
    ],
  } as unknown as NonNullable<PodTemplateSpec['spec']>
  const found = podTemplateWarnings({ spec }, undefined, 't')
  assert.match(found[1] ?? '', /values\[0\]: - is invalid, a valid label must/)
  assert.deepEqual(
    found.filter((_, i) => i !== 1),
    [
      't.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: node-role.kubernetes.io/master is use "node-role.kubernetes.io/control-plane" instead',
      't.spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      'volume "p" (Projected) has no sources provided',
      't.spec.containers[0].ports[1]: duplicate port definition with t.spec.containers[0].ports[0]',
      't.spec.containers[0].ports[2]: overlapping port definition with t.spec.containers[0].ports[0]',
      't.spec.containers[0].ports[2]: overlapping port definition with t.spec.containers[0].ports[1]',
      't.spec.containers[1].ports[0]: hostIP set without hostPort: 1.2.3.4',
      't.spec.containers[1].ports[0]: duplicate port name "web" with t.spec.containers[0].ports[0], services and probes that select ports by name will use t.spec.containers[0].ports[0]',
      't.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
      't.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
    ],
  )
})
