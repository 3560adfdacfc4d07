import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pod } from '../../types/core/pod.ts'
import type { FieldSet } from './fields.ts'
import { sharedSet } from './shared-sets.ts'

const of = (...names: string[]): FieldSet => Object.fromEntries(names.map(name => [`f:${name}`, {}]))
const status = (ip: string): FieldSet => ({
  'f:status': {
    'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, ...of('type', 'status') } },
    'f:podIPs': { [`k:{"ip":"${ip}"}`]: { '.': {}, ...of('ip') } },
  },
})

test('equal sets of one kind are one set, frozen', () => {
  const first = sharedSet(Pod, undefined, { 'f:spec': of('nodeName', 'hostname') })
  assert.deepEqual(first, { 'f:spec': { 'f:nodeName': {}, 'f:hostname': {} } })
  assert.equal(Object.isFrozen(first['f:spec']!['f:nodeName']), true)
  sharedSet(Pod, undefined, { 'f:spec': of('nodeName') })
  assert.equal(sharedSet(Pod, undefined, { 'f:spec': of('hostname', 'nodeName') }), first)
})

test('sets that differ in the addresses they name have everything else in common', () => {
  const [one, other] = [sharedSet(Pod, 'status', status('10.0.0.1')), sharedSet(Pod, 'status', status('10.0.0.2'))]
  assert.deepEqual([one, other], [status('10.0.0.1'), status('10.0.0.2')])
  assert.equal(one['f:status']!['f:conditions'], other['f:status']!['f:conditions'])
  assert.equal(Object.isFrozen(other['f:status']!['f:podIPs']!['k:{"ip":"10.0.0.2"}']), true)
})

test('names beyond what is looked up stay as they are', () => {
  const many = { 'f:metadata': { 'f:annotations': of('a') }, ...of(...Array.from({ length: 100 }, (_, i) => `x${i}`)) }
  const nested = Object.fromEntries(Object.keys(many).map(name => [name, of('y')]))
  assert.deepEqual(sharedSet(Pod, 'other', nested), nested)
  assert.deepEqual(sharedSet(Pod, 'other', { 'f:late': of('y') }), { 'f:late': of('y') })
})
