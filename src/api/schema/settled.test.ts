import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../base/freeze.ts'
import { Pods } from '../kinds/core/pod.ts'
import type { Draft } from '../meta/object.ts'
import { Pod } from '../types/core/pod.ts'
import { decode } from './decode.ts'
import { fill } from './fill.ts'
import { Settling } from './settled.ts'

/** What the pipeline makes of a pod, which parts of it are the very ones given, and what it says of them. */
function read(given: object, stored?: object) {
  const settling = new Settling(Pod)
  const { value, problems } = decode(Pod, given, { unknown: 'warn', settling, stored })
  fill(Pod, value as Draft<Pod>)
  Pods.defaults!(value as Draft<Pod>)
  settling.settle()
  return { pod: value as Draft<Pod>, problems }
}

const container = () => ({ name: 'a', image: 'i:1', ports: [{ containerPort: 80, protocol: 'TCP' }] })
const podWith = (spec: object, labels: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels }, spec })

test('A frozen part that decoding and defaults leave as it is, is taken itself from the second time on', () => {
  const { pod } = read(podWith({ containers: [container()] }))
  const containers = deepFreeze(pod.spec.containers)
  const labels = deepFreeze({ app: 'a' })
  const [first, second] = [read(podWith({ containers }, labels)).pod, read(podWith({ containers }, labels)).pod]
  assert.notEqual(first.spec.containers, containers)
  assert.equal(second.spec.containers, containers)
  assert.equal(second.metadata.labels, labels)
  assert.deepEqual(second, first)
  assert.equal(Object.isFrozen(second.spec) || Object.isFrozen(second.metadata), false)
})

test('A part that gets defaults, or loses what nobody knows, is read each time; what is settled in it is shared', () => {
  const ports = deepFreeze([{ containerPort: 80, protocol: 'TCP' }])
  const containers = deepFreeze([{ name: 'a', image: 'i:1', ports, strange: 1 }])
  for (let turn = 0; turn < 3; turn++) {
    const { pod, problems } = read(podWith({ containers }))
    assert.deepEqual(problems, ['unknown field "spec.containers[0].strange"'])
    assert.equal(pod.spec.containers[0]!.imagePullPolicy, 'IfNotPresent')
    assert.equal(pod.spec.containers[0]!.ports === ports, turn > 0)
  }
})

test('What is frozen only on the outside is read each time', () => {
  const open = { app: 'a' }
  const references = Object.freeze([{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u', note: open }])
  const given = { ...podWith({ containers: [] }), metadata: { name: 'p', ownerReferences: references } }
  for (let turn = 0; turn < 3; turn++) assert.notEqual(read(given).pod.metadata.ownerReferences, references)
})

test('A part is settled for its place alone', () => {
  const map = deepFreeze({ a: '1' })
  for (let turn = 0; turn < 2; turn++) read(podWith({ containers: [] }, map))
  const { pod } = read({ ...podWith({ containers: [] }), metadata: { name: 'p', annotations: map } })
  assert.notEqual(pod.metadata.annotations, map)
  assert.deepEqual(pod.metadata.annotations, { a: '1' })
})

test('Of a new state of a stored object what it has in its own place is shared, and the outermost parts are fresh', () => {
  const stored = deepFreeze(read(podWith({ containers: [container()] }, { app: 'a' })).pod)
  const { pod } = read({ ...stored, spec: { ...stored.spec, nodeName: 'n' } }, stored)
  assert.equal(pod.spec.containers, stored.spec.containers)
  assert.equal(pod.spec.nodeName, 'n')
  assert.deepEqual(pod.metadata, stored.metadata)
  assert.equal([pod.metadata, pod.spec, pod.status].some(Object.isFrozen), false)
})

test('On the host network the ports of shared containers are opened in a copy', () => {
  const containers = deepFreeze(read(podWith({ containers: [container()] })).pod.spec.containers)
  for (let turn = 0; turn < 2; turn++) read(podWith({ containers }))
  const { pod } = read(podWith({ hostNetwork: true, containers }))
  assert.equal(pod.spec.containers[0]!.ports![0]!.hostPort, 80)
  assert.equal(containers[0]!.ports![0]!.hostPort, undefined)
})
