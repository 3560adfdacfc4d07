import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../../base/freeze.ts'
import type { Message } from '../../schema/build.ts'
import { decode } from '../../schema/decode.ts'
import { fill } from '../../schema/fill.ts'
import { DaemonSet } from '../../types/apps/daemon-set.ts'
import { ConfigMap } from '../../types/core/config.ts'
import { Node } from '../../types/core/node.ts'
import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { trackUpdate } from './track.ts'

type Fields = Record<string, unknown>
interface World extends Fields {
  metadata: { managedFields?: readonly ManagedFieldsEntry[] | undefined } & Fields
}
const stored = (message: Message, json: unknown): World => {
  const { value } = decode<object>(message, json, { unknown: 'strict' })
  fill<object>(message, value)
  return value as World
}
/** Writes `json` as `manager` would at this minute, over `old`. */
const write = (
  message: Message,
  old: World | undefined,
  json: Fields,
  manager: string,
  minute = 0,
  more: { subresource?: string; ignore?: (member: string) => boolean } = {},
): World => {
  const object = stored(message, json)
  const managedFields = trackUpdate({
    versions: { message: () => message, convert: one => one },
    stored: 'v1',
    old: deepFreeze(old),
    object,
    manager,
    apiVersion: 'v1',
    now: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
    ...more,
  })
  return { ...object, metadata: { ...object.metadata, managedFields } }
}
/** `manager/operation[/subresource] minute: fields`. */
const shown = (object: World): Record<string, unknown> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map(e => [`${e.manager}${e.subresource ? `/${e.subresource}` : ''} ${e.time?.slice(14, 16)}`, e.fieldsV1]),
  )

const config = (data: Fields, metadata: Fields = {}) => ({ metadata: { name: 'c', namespace: 'd', uid: 'u', ...metadata }, data })

test('the record of a created DaemonSet has the form that upstream gives it', () => {
  const set = write(
    DaemonSet,
    undefined,
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'a', labels: { app: 'a' } },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], args: ['x'], resources: { limits: { cpu: '1' } } }],
            nodeSelector: { a: 'b' },
            tolerations: [{ operator: 'Exists' }],
          },
        },
      },
    },
    'kubectl-create',
  )
  const port = { '.': {}, 'f:containerPort': {}, 'f:protocol': {} }
  assert.deepEqual(shown(set), {
    'kubectl-create 00': {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"c"}': {
                '.': {},
                'f:args': {},
                'f:image': {},
                'f:name': {},
                'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': port },
                'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:cpu': {} } },
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:nodeSelector': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
            'f:tolerations': {},
          },
        },
        'f:updateStrategy': { 'f:rollingUpdate': { '.': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
      },
    },
  })
})

test('what a write changes is taken from the others, what it removes belongs to nobody', () => {
  const one = write(ConfigMap, undefined, config({ a: '1', b: '1' }), 'first')
  const two = write(ConfigMap, one, config({ a: '2', c: '1' }), 'second', 1)
  assert.deepEqual(shown(two), { 'first 00': { 'f:data': {} }, 'second 01': { 'f:data': { 'f:a': {}, 'f:c': {} } } })
  const three = write(ConfigMap, two, config({}), 'third', 2)
  assert.deepEqual(shown(three), {})
})

test('a write that changes nothing keeps the very record', () => {
  const one = write(ConfigMap, undefined, config({ a: '1' }), 'first')
  assert.equal(write(ConfigMap, one, config({ a: '1' }), 'second', 5).metadata.managedFields, one.metadata.managedFields)
})

test('writes through a subresource have entries of their own', () => {
  const condition = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
  const one = write(Node, undefined, { metadata: { name: 'n', uid: 'u' } }, 'agent')
  const two = write(
    Node,
    {
      ...one,
      metadata: {
        ...one.metadata,
        labels: { a: 'b' },
        managedFields: [
          { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } } },
        ],
      },
    },
    { metadata: { name: 'n', uid: 'u', labels: { a: 'b' } }, ...condition('True') },
    'agent',
    1,
    { subresource: 'status' },
  )
  assert.deepEqual(shown(two)['agent/status 01'], {
    'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
  })
})

test('a record that was reset stays empty, one that is left out does not', () => {
  const one = write(ConfigMap, undefined, config({ a: '1' }), 'first')
  const reset = write(ConfigMap, one, config({ a: '1' }, { managedFields: [{}] }), 'second')
  assert.equal(reset.metadata.managedFields, undefined)
  assert.equal(write(ConfigMap, reset, config({ a: '2' }), 'second').metadata.managedFields, undefined)
  assert.deepEqual(write(ConfigMap, one, config({ a: '1' }, { managedFields: [] }), 'second').metadata.managedFields, one.metadata.managedFields)
})

test('a record that a client sends replaces the old one, unless it is none', () => {
  const one = write(ConfigMap, undefined, config({ a: '1' }), 'first')
  const sent = {
    manager: 'other',
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
    time: '2026-01-01T00:09:00Z',
  }
  assert.deepEqual(shown(write(ConfigMap, one, config({ a: '1' }, { managedFields: [sent] }), 'second')), { 'other 09': sent.fieldsV1 })
  for (const wrong of [
    { ...sent, fieldsType: 'FieldsV2' },
    { ...sent, fieldsV1: { data: {} } },
    { ...sent, operation: 'Read' },
  ]) {
    assert.deepEqual(write(ConfigMap, one, config({ a: '1' }, { managedFields: [wrong] }), 'second').metadata.managedFields, one.metadata.managedFields)
  }
})

test('the eleventh writer melts the two oldest entries together', () => {
  let object = write(ConfigMap, undefined, config({ 'k-0': 'x' }), 'm-0')
  const data: Fields = { 'k-0': 'x' }
  for (let i = 1; i <= 11; i++) {
    data[`k-${i}`] = 'x'
    object = write(ConfigMap, object, config({ ...data }), `m-${i}`, i)
  }
  const record = shown(object)
  assert.deepEqual(record['ancient-changes 02'], { 'f:data': { '.': {}, 'f:k-0': {}, 'f:k-1': {}, 'f:k-2': {} } })
  assert.equal(Object.keys(record).length, 10)
})

test('objects of one form share one record', () => {
  const fieldsOf = (object: World) => object.metadata.managedFields?.[0]?.fieldsV1
  const a = write(ConfigMap, undefined, config({ a: '1' }), 'm')
  const b = write(ConfigMap, undefined, config({ a: '2' }, { name: 'other' }), 'm')
  assert.equal(fieldsOf(a), fieldsOf(b))
})
