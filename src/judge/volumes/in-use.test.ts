import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { claimsKeptBy } from './in-use.ts'

const pod = (spec: object, phase = 'Running') => ({ metadata: { name: 'p' }, spec, status: { phase } }) as unknown as Pod
const volumes = [
  { name: 'a', persistentVolumeClaim: { claimName: 'c' } },
  { name: 'e', ephemeral: {} },
  { name: 'x', emptyDir: {} },
]

test('a pod keeps its claims from when it is bound until it is gone, and those made for it until it has ended', () => {
  assert.deepEqual(claimsKeptBy(pod({ volumes })), [])
  assert.deepEqual(claimsKeptBy(pod({ nodeName: 'n', volumes })), ['c', 'p-e'])
  assert.deepEqual(claimsKeptBy(pod({ nodeName: 'n', volumes }, 'Succeeded')), ['c'])
})
