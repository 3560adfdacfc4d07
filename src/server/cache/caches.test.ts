import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MemoryStore } from '../../store/memory.ts'
import { Expired } from '../../store/store.ts'
import { cachesWorld, encode, NODES, type Pod, podOf } from './test-caches.ts'
import type { WatchCache } from './types.ts'

describe('the watch caches', () => {
  const world = cachesWorld()
  const { open, pods, put, drop, putNode, watch } = world

  test('list everything as it is, however often they are asked', async () => {
    await open()
    const all = () =>
      pods()
        .list()
        .items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
    assert.deepEqual(all(), [])
    await put('a/two', 'n1')
    assert.deepEqual(all(), ['two@2'])
    assert.equal(pods().list().items, pods().list().items)
    await put('a/one', 'n1')
    await put('a/two', 'n2')
    assert.deepEqual(all(), ['one@3', 'two@4'])
    await drop('a/two')
    assert.deepEqual(all(), ['one@3'])
    assert.equal(pods().list().revision, 5)
  })

  test('hold what the store has, from before and since, in order of key', async () => {
    await world.store.write({ key: '/core/pods/b/one', value: encode(podOf('b/one')) })
    await world.store.write({ key: '/core/pods/a/two', value: encode(podOf('a/two')) })
    await world.store.write({ key: '/core/nodes/n1', value: encode({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }) })
    await open()
    await put('a/one', 'n1')
    assert.deepEqual(
      pods()
        .list()
        .items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`),
      ['a/one@5', 'a/two@3', 'b/one@2'],
    )
    assert.deepEqual(pods().get('b/one'), { ...podOf('b/one'), metadata: { name: 'one', namespace: 'b', labels: {}, resourceVersion: '2' } })
    assert.equal(pods().get('b/two'), undefined)
    assert.equal(world.caches.of(NODES)?.get('n1')?.metadata.name, 'n1')
    assert.equal(world.caches.of({ group: 'apps', resource: 'daemonsets' }), undefined)
    assert.equal(world.caches.revision, 5)
    watch({})
    assert.deepEqual(world.caches.held(), { objects: 4, events: 1, watches: 1 })
  })

  test('hand out what cannot be changed', async () => {
    await open()
    await put('a/one', '', {}, { containers: [{ name: 'x', ports: [{ containerPort: 80 }] }] })
    const frozen = (value: unknown): boolean => typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen))
    assert.ok(frozen(pods().get('a/one')))
  })

  test('list one page after the other at the revision of the first', async () => {
    await open()
    for (const key of ['a/1', 'a/2', 'a/3', 'b/1']) await put(key, 'n1')
    const first = pods().list({ limit: 2 })
    assert.deepEqual([first.items.map(pod => pod.metadata.name), first.revision, first.next, first.remaining], [['1', '2'], 5, 'a/2', 2])
    await drop('a/3')
    await put('b/1', 'n2')
    await put('c/1', 'n1')
    const names = (query: Parameters<WatchCache<Pod>['list']>[0]) =>
      pods()
        .list(query)
        .items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`)
    assert.deepEqual(names({ limit: 2, after: 'a/2', revision: 5 }), ['a/3@4', 'b/1@5'])
    assert.deepEqual(names({ after: 'a/2' }), ['b/1@7', 'c/1@8'])
    assert.deepEqual(names({ field: { name: 'spec.nodeName', value: 'n1' }, revision: 5, after: 'a/1' }), ['a/2@3', 'a/3@4', 'b/1@5'])
    assert.deepEqual(names({ field: { name: 'spec.nodeName', value: 'n1' } }), ['a/1@2', 'a/2@3', 'c/1@8'])
    assert.deepEqual(names({ namespace: 'a' }), ['a/1@2', 'a/2@3'])
    assert.deepEqual(names({ namespace: 'a', name: '2' }), ['a/2@3'])
    assert.deepEqual(names({ name: '1' }), ['a/1@2', 'b/1@7', 'c/1@8'])
    assert.throws(() => pods().list({ revision: 99 }), RangeError)
    await world.caches.compact(6)
    assert.throws(() => pods().list({ revision: 5 }), Expired)
  })

  test('wait for a revision that is still to come', async () => {
    await open()
    assert.equal(world.caches.reached(world.caches.revision), undefined)
    const waiting = world.caches.reached(3)
    const given = AbortSignal.abort(new Error('given up'))
    await assert.rejects(world.caches.reached(3, given)!, /given up/)
    await putNode('n1')
    await putNode('n2')
    await waiting
    void world.store.write({ key: '/core/nodes/n3', value: encode({ metadata: { name: 'n3' } }) })
    await new Promise(resolve => setImmediate(resolve))
    await world.caches.fresh()
    assert.ok(world.caches.of(NODES)?.get('n3'))
  })

  test('take a kind that comes later, with what was written while it loaded', async () => {
    for (let i = 0; i < 30; i++) await world.store.write({ key: `/x.dev/things/t${i}`, value: encode({ metadata: { name: `t${i}` } }) })
    await open()
    const adding = world.caches.add({ group: 'x.dev', resource: 'things', namespaced: false })
    void world.store.write({ key: '/x.dev/things/t7', value: undefined })
    void world.store.write({ key: '/x.dev/things/new', value: encode({ metadata: { name: 'new' } }) })
    const things = await adding
    await world.caches.fresh()
    assert.deepEqual([things.size, things.get('t7'), things.get('new')?.metadata.resourceVersion], [30, undefined, '33'])
    const watching = things.watch({ after: world.caches.revision, signal: world.stop.signal })[Symbol.asyncIterator]().next()
    world.caches.remove({ group: 'x.dev', resource: 'things' })
    assert.deepEqual(await watching, { done: true, value: undefined })
    assert.equal(world.caches.of({ group: 'x.dev', resource: 'things' }), undefined)
  })

  test('load again when the store no longer reaches back to where they are', async () => {
    await world.store.close()
    const changing = { fail: false }
    world.store = new (class extends MemoryStore {
      override async *watch(...[prefix, options]: Parameters<MemoryStore['watch']>) {
        for await (const events of super.watch(prefix, options)) {
          if (changing.fail) {
            changing.fail = false
            throw new Expired(1, 2)
          }
          yield events
        }
      }
    })()
    await open()
    await put('a/one', 'n1')
    const watching = watch({})
    const cache = pods()
    changing.fail = true
    await put('a/two', 'n2')
    assert.ok((await watching.done) instanceof Expired)
    assert.deepEqual(
      cache.list().items.map(pod => pod.metadata.name),
      ['one', 'two'],
    )
    await put('a/three', 'n3')
    assert.equal(cache.size, 3)
  })
})
