import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectMeta } from '../types/meta.ts'
import { validateMeta, validateMetaUpdate } from './object-meta.ts'

const good: ObjectMeta = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u' }
const said = (errors: readonly { readonly field: string; readonly message: string }[]): readonly string[] => errors.map(e => `${e.field}: ${e.message}`)

for (const [says, meta, namespaced, ...errors] of [
  ['a name in a namespace is right', good, true],
  ['a name that is generated may end with a dash', { ...good, generateName: 'a-' }, true],
  ['a name is needed', { ...good, name: '' }, true, 'metadata.name: Required value: name or generateName is required'],
  ['a namespace is needed', { ...good, namespace: undefined }, true, 'metadata.namespace: Required value'],
  ['a namespace is not allowed', good, false, 'metadata.namespace: Forbidden: not allowed on this type'],
  [
    'annotations have a bound together',
    { ...good, annotations: { a: 'x'.repeat(200_000), b: 'ä'.repeat(40_000) } },
    true,
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ],
  ['annotation keys may have capitals in their prefix', { ...good, annotations: { 'Example.com/A': 'x' } }, true],
  ['label keys may not', { ...good, labels: { 'Example.com/A': 'x' } }, true, /^metadata\.labels: Invalid value: "Example.com\/A": prefix part /],
  [
    'a finalizer has a prefix',
    { ...good, finalizers: ['mine'] },
    true,
    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    'an owner is named whole',
    { ...good, ownerReferences: [{ ...owner, uid: '' }] },
    true,
    'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  ],
  [
    'one owner controls',
    {
      ...good,
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, name: 'n2', controller: true },
      ],
    },
    true,
    /Only one reference can have Controller set to true\. Found "true" in references for Node\/n1 and Node\/n2$/,
  ],
] as readonly (readonly [string, ObjectMeta, boolean, ...(string | RegExp)[]])[]) {
  test(`of metadata, ${says}`, () => {
    const found = said(validateMeta(meta, { namespaced }))
    assert.equal(found.length, errors.length, found.join('\n'))
    errors.forEach((error, i) => {
      if (typeof error === 'string') assert.equal(found[i], error)
      else assert.match(found[i] ?? '', error)
    })
  })
}

for (const [says, changes, before, ...errors] of [
  ['labels may change', { labels: { a: 'b' } }, {}],
  ['the revision is needed', { resourceVersion: '' }, {}, 'metadata.resourceVersion: Invalid value: "": must be specified for an update'],
  ['the uid is fixed', { uid: 'v' }, {}, 'metadata.uid: Invalid value: "v": field is immutable'],
  ['the generation does not go back', { generation: 1 }, { generation: 2 }, 'metadata.generation: Invalid value: 1: must not be decremented'],
  [
    'what is being deleted gets no new finalizer',
    { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b', 'a/c'] },
    { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] },
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/c"}',
  ],
] as readonly (readonly [string, ObjectMeta, ObjectMeta, ...string[]])[]) {
  test(`in an update, ${says}`, () => assert.deepEqual(said(validateMetaUpdate({ ...good, ...changes }, { ...good, ...before })), errors))
}
