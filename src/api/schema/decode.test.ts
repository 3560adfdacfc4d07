import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isStatus } from '../meta/status.ts'
import { DaemonSet } from '../types/apps/daemon-set.ts'
import { Lease } from '../types/coordination.ts'
import { ConfigMap, Secret } from '../types/core/config.ts'
import { Pod } from '../types/core/pod.ts'
import type { Message } from './build.ts'
import { decode } from './decode.ts'

const refusal = (message: Message, json: unknown, unknown: 'strict' | 'drop' = 'drop'): string => {
  try {
    decode(message, json, { unknown })
  } catch (error) {
    if (isStatus(error, 'BadRequest')) return error.message
    throw error
  }
  return 'accepted'
}
const container = (fields: object) => ({ spec: { containers: [{ name: 'a' }, { name: 'b', ...fields }] } })

test('a value of the wrong type is refused in the words of upstream, naming the field', () => {
  const cases: [Message, unknown, string][] = [
    [DaemonSet, { spec: { minReadySeconds: 'x' } }, 'json: cannot unmarshal string into Go struct field DaemonSetSpec.spec.minReadySeconds of type int32'],
    [
      DaemonSet,
      { spec: { minReadySeconds: 2 ** 31 } },
      'json: cannot unmarshal number 2147483648 into Go struct field DaemonSetSpec.spec.minReadySeconds of type int32',
    ],
    [DaemonSet, { spec: { minReadySeconds: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DaemonSetSpec.spec.minReadySeconds of type int32'],
    [DaemonSet, [], 'json: cannot unmarshal array into Go value of type v1.DaemonSet'],
    [DaemonSet, { spec: [] }, 'json: cannot unmarshal array into Go struct field DaemonSet.spec of type v1.DaemonSetSpec'],
    [DaemonSet, { kind: 1 }, 'json: cannot unmarshal number into Go struct field DaemonSet.kind of type string'],
    [Pod, container({ args: 'x' }), 'json: cannot unmarshal string into Go struct field Container.spec.containers.args of type []string'],
    [Pod, container({ env: [{ name: 'A', value: true }] }), 'json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string'],
    [Pod, container({ tty: 'yes' }), 'json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool'],
    [Pod, { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string'],
    [
      Pod,
      { metadata: { creationTimestamp: '2026-02-30T00:00:00Z' } },
      'metadata.creationTimestamp: parsing time "2026-02-30T00:00:00Z": must be RFC 3339, like "2006-01-02T15:04:05Z"',
    ],
    [Secret, { data: { a: 'AAA' } }, 'data.a: illegal base64 data'],
  ]
  for (const [message, json, text] of cases) {
    const kind = message.name.split('.').at(-1)
    assert.equal(refusal(message, json), `${kind} in version "v1" cannot be handled as a ${kind}: ${text}`)
  }
})

test('a quantity that is none is refused by its whole path', () => {
  assert.match(refusal(Pod, container({ resources: { limits: { cpu: '1 core' } } })), /spec\.containers\[1\]\.resources\.limits\.cpu: quantities must match/)
})

test('unknown fields are refused together, told or dropped, as asked', () => {
  const pod = { spec: { nodeSelectors: {}, containers: [{ name: 'a', foo: 1 }] }, extra: { deep: 1 } }
  const problems = ['unknown field "spec.nodeSelectors"', 'unknown field "spec.containers[0].foo"', 'unknown field "extra"']
  assert.equal(refusal(Pod, pod, 'strict'), `Pod in version "v1" cannot be handled as a Pod: strict decoding error: ${problems.join(', ')}`)
  const value = { spec: { containers: [{ name: 'a' }] } }
  assert.deepEqual(decode(Pod, pod, { unknown: 'warn' }), { value, problems })
  assert.deepEqual(decode(Pod, pod, { unknown: 'drop' }), { value, problems: [] })
})

test('duplicates found by the reader count like unknown fields', () => {
  const duplicates = ['duplicate field "metadata.name"']
  assert.deepEqual(decode(Pod, {}, { unknown: 'warn', duplicates }).problems, duplicates)
  assert.throws(() => decode(Pod, {}, { unknown: 'strict', duplicates }), /strict decoding error: duplicate field "metadata.name"/)
})

test('null is absent, and the zero value inside lists and maps', () => {
  const { value } = decode(
    Pod,
    { metadata: { labels: { a: null }, creationTimestamp: null }, spec: { containers: [{ name: 'a', args: [null], env: null }] } },
    { unknown: 'drop' },
  )
  assert.deepEqual(value, { metadata: { labels: { a: '' } }, spec: { containers: [{ name: 'a', args: [''] }] } })
})

test('times take the form that the API writes', () => {
  const times = {
    '2026-01-01T00:00:00.000Z': '2026-01-01T00:00:00Z',
    '2026-01-01T01:30:00+02:00': '2025-12-31T23:30:00Z',
    '2026-01-01t00:00:00z': '2026-01-01T00:00:00Z',
  }
  for (const [given, written] of Object.entries(times)) {
    assert.equal(decode(Pod, { metadata: { creationTimestamp: given } }, { unknown: 'drop' }).value.metadata?.creationTimestamp, written)
  }
  const lease = decode(Lease, { spec: { renewTime: '2026-01-01T00:00:00.12+00:00' } }, { unknown: 'drop' }).value
  assert.equal(lease.spec?.renewTime, '2026-01-01T00:00:00.120000Z')
})

test('members named __proto__ or constructor stay what they are: data', () => {
  const json: unknown = JSON.parse('{"data":{"__proto__":"a","constructor":"b"},"__proto__":{"polluted":true},"constructor":1}')
  const { value, problems } = decode(ConfigMap, json, { unknown: 'warn' })
  assert.equal(JSON.stringify(value), '{"data":{"__proto__":"a","constructor":"b"}}')
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.equal(Object.getPrototypeOf(value.data), Object.prototype)
  assert.deepEqual(problems, ['unknown field "__proto__"', 'unknown field "constructor"'])
})

test('what is nested without end is refused and does not overflow', () => {
  const json: unknown = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`)
  assert.match(refusal(Pod, { metadata: { managedFields: [{ fieldsV1: json }] } }), /exceeded max depth/)
})

test('any JSON is decoded or refused as a bad request, and decoding twice changes nothing', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: false, key: fc.constantFrom('metadata', 'spec', 'name', 'containers', 'labels', 'a', '__proto__') }), json => {
      let once: unknown
      try {
        once = decode(Pod, json, { unknown: 'drop' }).value
      } catch (error) {
        if (isStatus(error, 'BadRequest')) return
        throw error
      }
      assert.deepEqual(decode(Pod, once, { unknown: 'strict' }).value, once)
    }),
  )
})
