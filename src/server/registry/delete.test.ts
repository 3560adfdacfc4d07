import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'

describe('a delete', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const maps = (name?: string) => ({ kind: rig.kind('ConfigMap'), namespace: 'default', ...(name && { name }) })
  const create = (name: string, metadata: object = {}) => rig.api.create(maps(), { metadata: { name, ...metadata } } as never) as Promise<Any>

  it('answers with a Status that names what is gone', async () => {
    const { metadata } = await create('plain')
    assert.deepEqual(await rig.api.delete(maps('plain')), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'plain', kind: 'configmaps', uid: metadata.uid },
    })
    assert.equal(await refusal(rig.api.delete(maps('plain'))), '404 NotFound: configmaps "plain" not found')
  })

  it('answers with the object for the kinds of storage', async () => {
    const classes = { kind: rig.kind('StorageClass') }
    const made = (await rig.api.create(classes, { metadata: { name: 's' }, provisioner: 'p' } as never)) as Any
    const { metadata, ...answer } = (await rig.api.delete({ ...classes, name: 's' })) as Any
    assert.deepEqual([answer['provisioner'], metadata.uid], ['p', made.metadata.uid])
    assert.match(await refusal(rig.api.get({ ...classes, name: 's' })), /^404/)
  })

  it('answers with the object while finalizers hold it, which ends when the last one goes', async () => {
    await create('held', { finalizers: ['a.b/c', 'd.e/f'] })
    const held = (await rig.api.delete(maps('held'))) as Any
    assert.equal(held.metadata.deletionTimestamp, '2026-01-01T00:00:00Z')
    assert.match(
      await refusal(rig.api.patch(maps('held'), { type: 'merge', body: { metadata: { finalizers: ['a.b/c', 'd.e/f', 'g.h/i'] } } })),
      /^422 Invalid: .*metadata.finalizers: Forbidden/,
    )
    await rig.api.patch(maps('held'), { type: 'merge', body: { metadata: { finalizers: ['a.b/c'] } } })
    const last = (await rig.api.patch(maps('held'), { type: 'merge', body: { metadata: { finalizers: null } } })) as Any
    assert.equal(last.metadata.name, 'held')
    assert.match(await refusal(rig.api.get(maps('held'))), /^404/)
  })

  it('refuses when the object is not the one that was meant', async () => {
    const { metadata } = await create('meant')
    assert.match(await refusal(rig.api.delete(maps('meant'), { preconditions: { uid: 'other' } })), /^409 Conflict: .*the UID in the precondition \(other\)/)
    assert.match(
      await refusal(rig.api.delete(maps('meant'), { preconditions: { resourceVersion: '1' } })),
      /^409 Conflict: .*the ResourceVersion in the precondition/,
    )
    await rig.api.delete(maps('meant'), { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } })
  })

  it('keeps the protected namespaces and lets nothing new into one that ends', async () => {
    const namespaces = { kind: rig.kind('Namespace') }
    assert.equal(
      await refusal(rig.api.delete({ ...namespaces, name: 'default' })),
      '403 Forbidden: namespaces "default" is forbidden: this namespace may not be deleted',
    )
    await rig.api.create(namespaces, { metadata: { name: 'ends', finalizers: ['a.b/c'] } } as never)
    const ending = (await rig.api.delete({ ...namespaces, name: 'ends' })) as Any
    assert.equal(ending['status'].phase, 'Terminating')
    const refused = await rig.api.create({ ...maps(), namespace: 'ends' }, { metadata: { name: 'late' } } as never).catch(error => error.status)
    assert.deepEqual(
      [refused.code, refused.details.causes],
      [403, [{ reason: 'NamespaceTerminating', message: 'namespace ends is being terminated', field: 'metadata.namespace' }]],
    )
    assert.match(
      await refusal(rig.api.post({ kind: rig.kind('Pod'), namespace: 'ends', name: 'p', subresource: 'eviction' }, { metadata: { name: 'p' } })),
      /^403 Forbidden: .*because it is being terminated/,
    )
    if (ending['spec'].finalizers?.length) {
      await rig.api.update({ ...namespaces, name: 'ends', subresource: 'finalize' }, { ...ending, spec: { finalizers: [] } } as never)
    }
    await rig.api.patch({ ...namespaces, name: 'ends' }, { type: 'json', body: [{ op: 'remove', path: '/metadata/finalizers' }] })
    assert.match(await refusal(rig.api.get({ ...namespaces, name: 'ends' })), /^404/)
  })

  it('of a collection takes what the selectors say and answers with what was there', async () => {
    await create('a', { labels: { gone: 'yes' } })
    await create('b', { labels: { gone: 'yes' } })
    await create('c', { labels: { gone: 'no' } })
    const { items } = await rig.api.deleteCollection(maps(), { labelSelector: 'gone=yes' })
    assert.deepEqual(items.map(item => item.metadata.name).sort(), ['a', 'b'])
    const left = await rig.api.list(maps(), { labelSelector: 'gone' })
    assert.deepEqual(
      left.items.map(item => item.metadata.name),
      ['c'],
    )
  })

  it('tells watchers with the last state and the revision of the deletion', async () => {
    const made = await create('watched')
    const stop = new AbortController()
    const watch = rig.api.watch(maps(), { resourceVersion: made.metadata.resourceVersion, fieldSelector: 'metadata.name=watched', signal: stop.signal })
    const first = watch[Symbol.asyncIterator]()
    const pending = first.next()
    await rig.api.delete(maps('watched'))
    const [event] = (await pending).value!
    assert.equal(event.type, 'DELETED')
    assert.equal(event.object.metadata.name, 'watched')
    assert.ok(Number(event.object.metadata.resourceVersion) > Number(made.metadata.resourceVersion))
    stop.abort()
  })
})
