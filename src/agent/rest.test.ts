import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { isStill, type Rest } from './rest.ts'
import type { ObservedPod } from './runtime/runtime.ts'

const pod = {
  metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' } },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'a:1' }] },
  status: { phase: 'Pending' },
} as unknown as Pod
const observed: ObservedPod = { uid: 'u', name: 'p', namespace: 'ns', sandboxes: [], containers: [] }
const rest: Rest = { pod, status: { phase: 'Running' } as Pod['status'], observed, until: 100 }

const changed = (metadata: object, status: object = rest.status, spec: object = {}): Pod =>
  ({ metadata: { ...pod.metadata, resourceVersion: '2', ...metadata }, spec: { ...pod.spec, ...spec }, status }) as Pod

const rows: readonly (readonly [name: string, still: boolean, pod: Pod, seen?: ObservedPod, now?: number])[] = [
  ['what was seen', true, pod],
  ['what it was to say, said', true, changed({ managedFields: [{ manager: 'agent' }] })],
  ['another status', false, changed({}, { phase: 'Failed' })],
  ['its former status, from another hand', false, changed({}, { phase: 'Pending' })],
  ['a word of somebody else in its status', false, changed({}, { ...rest.status, reason: 'Evicted' })],
  ['a deletion', false, changed({ deletionTimestamp: '2026-01-01T00:00:01Z' })],
  ['other labels', false, changed({ labels: {} })],
  ['another image', false, changed({}, rest.status, { containers: [{ name: 'c', image: 'a:2' }] })],
  ['another answer of the engine', false, pod, { ...observed }],
  ['a time that was waited for', false, pod, observed, 100],
]
for (const [name, still, now, seen = observed, time = 50] of rows) {
  test(`a pod that rested and shows ${name} is ${still ? 'left alone' : 'looked at'}`, () => assert.equal(isStill(rest, now, seen, time), still))
}
