import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '../../meta/status.ts'
import { readJson } from '../../schema/read-json.ts'
import type { ControllerRevision } from '../../types/apps/controller-revision.ts'
import { validateCreate, validateUpdate } from '../validate.ts'
import { ControllerRevisions } from './controller-revision.ts'

interface Words {
  readonly name?: string
  readonly namespace?: string
  readonly revision?: number
  readonly data?: unknown
  readonly resourceVersion?: string
}
const revision = ({ name = 'test', namespace = 'default', revision = 0, resourceVersion = '1', ...rest }: Words = {}): ControllerRevision => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name, namespace, resourceVersion, uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
  revision,
  data: ('data' in rest ? rest.data : { foo: 'bar' }) as ControllerRevision['data'],
})
const fields = (errors: readonly { readonly field: string }[]): string => errors.map(e => e.field).join(' ')
const context = { now: 0 }

for (const [row, says, words, wrong] of [
  ['#216 #288', 'an object with a number is right', {}, ''],
  ['#217 #289', 'the number is not negative', { revision: -1 }, 'revision'],
  ['#218 #290', 'a name is needed', { name: '' }, 'metadata.name'],
  ['#219 #291', 'the name is a subdomain', { name: 'NoUppercaseOrSpecialCharsLike=Equals' }, 'metadata.name'],
  ['#220 #292', 'a namespace is needed', { namespace: '' }, 'metadata.namespace'],
  ['#221 #293', 'the namespace is a label', { namespace: 'NoUppercaseOrSpecialCharsLike=Equals' }, 'metadata.namespace'],
  ['#222 #294', 'data are needed', { data: undefined }, 'data'],
  ['#224', 'data are no boolean', { data: true }, 'data'],
  ['#225', 'data are no integer', { data: 0 }, 'data'],
  ['#226', 'data are no number', { data: 0.5 }, 'data'],
  ['#227', 'data are not null', { data: null }, 'data'],
  ['#228', 'data are no list', { data: [] }, 'data'],
  ['#229', 'data are no text', { data: 'test' }, 'data'],
  ['#230', 'data may be empty', { data: {} }, ''],
] as const) {
  test(`catalogue ${row}: of a revision, ${says}`, () => {
    assert.equal(fields(validateCreate(ControllerRevisions, revision(words), context)), wrong)
  })
}

for (const [row, says, words, wrong] of [
  ['#231 #295', 'nothing need change', {}, ''],
  ['#232', 'the version it was read at is needed', { resourceVersion: '' }, 'metadata.resourceVersion'],
  ['#233 #296', 'the data are fixed', { data: { foo: 'baz' } }, 'data'],
  ['#234 #297', 'the number may change', { revision: 1 }, ''],
] as const) {
  test(`catalogue ${row}: in an update of a revision, ${says}`, () => {
    assert.equal(fields(validateUpdate(ControllerRevisions, revision(words), revision(), context)), wrong)
  })
}

test('catalogue #286 #287: revisions lie in a namespace and are not created by an update', () => {
  assert.equal(ControllerRevisions.namespaced, true)
  assert.equal(ControllerRevisions.createOnUpdate ?? false, false)
})

test('catalogue #223: data that are no JSON do not get as far as a rule', () => {
  assert.throws(() => readJson('{"data": {'), StatusError)
})
