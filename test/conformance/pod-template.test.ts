/** DAEMONSET.md 7.3: the pod a set creates for a node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Affinity } from '../../src/api/types/core/affinity.ts'
import { daemonPod, pinnedTo } from '../../src/judge/daemonset/daemon-pod.ts'
import { factsOf } from '../../src/judge/daemonset/facts.ts'
import { daemonSet, L1 } from '../support/daemon-world.ts'

test('catalogue #138: without a hash a pod carries only the template generation', () => {
  const { metadata } = daemonPod(factsOf(daemonSet({ templateGeneration: 1 }), ''), 'n1')
  assert.deepEqual(metadata.labels, { ...L1, 'pod-template-generation': '1' })
})

test('catalogue #139: with one it carries both', () => {
  const { metadata } = daemonPod(factsOf(daemonSet({ templateGeneration: 2 }), '3242341807'), 'n1')
  assert.deepEqual(metadata.labels, { ...L1, 'pod-template-generation': '2', 'controller-revision-hash': '3242341807' })
})

const term = (name: string) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] })
const required = (...nodeSelectorTerms: object[]): Affinity => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } })
const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host_1'] }] } }]
const only = required(term('host_1'))

const pins: readonly (readonly [row: string, says: string, before: Affinity | undefined, after: Affinity])[] = [
  ['#140', 'no affinity becomes the one term', undefined, only],
  ['#141', 'required labels give way', required({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host_1'] }] }), only],
  [
    '#142',
    'preferences stay',
    { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
    { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred, ...only.nodeAffinity } },
  ],
  ['#143', 'two names give way to the one', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['host_1', 'host_2'] }] }), only],
  ['#144', 'an affinity without a word becomes the one term', {}, only],
  ['#145', 'two terms give way', required({ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, term('host_2')), only],
  ['#146', 'NotIn gives way', required({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['host_2'] }] }), only],
  ['#147', 'an unknown field gives way', required({ matchFields: [{ key: 'metadata.foo', operator: 'In', values: ['bar'] }] }), only],
]
for (const [row, says, before, after] of pins) {
  test(`catalogue ${row}: pinning to a node: ${says}`, () => assert.deepEqual(pinnedTo(before, 'host_1'), after))
}

test('catalogue #139: the whole pod: the template, the automatic tolerations, the pin, the owner', () => {
  const set = daemonSet({
    pod: {
      hostNetwork: true,
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
    },
    templateGeneration: 3,
  })
  const exists = (key: string, effect: string) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect })
  assert.deepEqual(daemonPod(factsOf(set, 'abc'), 'n1'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'foo-',
      namespace: 'default',
      labels: { ...L1, 'pod-template-generation': '3', 'controller-revision-hash': 'abc' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'foo', uid: 'uid-foo', controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      containers: [{ name: 'main', image: 'foo/bar:1' }],
      hostNetwork: true,
      nodeSelector: { disk: 'ssd' },
      affinity: required(term('n1')),
      tolerations: [
        exists('not-ready', 'NoExecute'),
        exists('unreachable', 'NoExecute'),
        exists('disk-pressure', 'NoSchedule'),
        exists('memory-pressure', 'NoSchedule'),
        exists('pid-pressure', 'NoSchedule'),
        exists('unschedulable', 'NoSchedule'),
        exists('network-unavailable', 'NoSchedule'),
      ],
    },
  })
})
