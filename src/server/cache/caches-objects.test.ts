import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openCaches } from './caches.ts'
import { cachesWorld, encode, NODES, PODS, type Pod, podOf } from './test-caches.ts'
import type { CachedKind } from './types.ts'

describe('what the caches hold', () => {
  const world = cachesWorld()
  const { open, pods, write, put, drop, watch } = world

  test('take the object that comes with a write instead of reading its bytes', async () => {
    await open()
    const bytes = encode({ nothing: 'like it' })
    const object = podOf('a/one', 'n1') as Pod
    await write('/core/pods/a/one', bytes, object)
    assert.equal(pods().get('a/one')?.spec.nodeName, 'n1')
    assert.equal(pods().get('a/one')?.metadata.resourceVersion, '2')
    assert.equal(object.metadata.resourceVersion, undefined)
  })

  for (const [what, restsBy, renewed] of [
    ['objects whose parts others have, too', undefined, false],
    ['objects that will rest', () => '', false],
    ['objects that are renewed', undefined, true],
  ] as const) {
    test(`store ${what} without their revision, frozen whole, and leave whoever made them the members of their metadata`, async () => {
      world.caches = await openCaches({ store: world.store, clock: world.clock, kinds: [{ ...PODS, ...(restsBy && { restsBy }) }] })
      const labels = { app: 'a' }
      const fresh = podOf('a/p', 'n1', labels, { containers: [Object.freeze({ name: 'c' })], gone: undefined })
      const metadata = { name: 'p', namespace: 'a', labels }
      const draft = (more: object) => ({ ...fresh, metadata: Object.assign(metadata, more) }) as unknown as Pod
      world.caches.pack(PODS, draft({}), undefined, renewed)
      const { value, object } = world.caches.pack(PODS, draft({ resourceVersion: '7' }), undefined, renewed)
      const bare = podOf('a/p', 'n1', labels, { containers: [{ name: 'c' }] })
      assert.deepEqual(JSON.parse(Buffer.from(value).toString()), bare)
      assert.deepEqual(JSON.parse(JSON.stringify(object)), bare)
      await write('/core/pods/a/p', value, object)
      const { spec, metadata: held } = pods().get('a/p')!
      assert.ok([spec, spec.containers, held, held.labels].every(Object.isFrozen))
    })
  }

  test('let objects rest that are no longer new, and hand them out as they were', async () => {
    const rests: CachedKind<Pod> = { ...PODS, restsBy: () => '' }
    await open()
    await put('a/old', 'n0', { app: 'old' })
    await world.caches.close()
    world.caches = await openCaches({ store: world.store, clock: world.clock, kinds: [rests, NODES] })
    await put('a/p', 'n1', { app: 'one' })
    await put('b/q', 'n2', { app: 'two' })
    const before = ['a/old', 'a/p', 'b/q'].map(key => pods().get(key))
    assert.equal(pods().get('a/p'), before[1])
    for (let i = 0; i < 256; i++) await put(`c/${i}`, 'n3')
    assert.notEqual(pods().get('a/p'), pods().get('a/p'))
    assert.deepEqual(
      ['a/old', 'a/p', 'b/q'].map(key => pods().get(key)),
      before,
    )
    const { items } = pods().list()
    assert.equal(items.length, 259)
    assert.deepEqual(items.slice(0, 2), before.slice(0, 2))

    const past = watch({ after: Number(before[1]!.metadata.resourceVersion) - 1, namespace: 'a' })
    await past.take()
    const [again] = past.events
    assert.ok(again?.type === 'ADDED')
    const once = again.object
    assert.notEqual(again.object, once)
    assert.deepEqual(once, before[1])

    const asked: string[] = []
    const matches = ({ metadata, spec }: Pod) => asked.push(metadata.name) > 0 && spec.nodeName === 'n2'
    assert.deepEqual(pods().list({ matches, texts: ['n2'] }).items, [before[2]])
    assert.ok(!asked.includes('p') && !asked.includes('old'))

    const seen = watch({ after: 'initial', namespace: 'a' })
    assert.equal((await seen.take()).length, 2)
    const revision = await put('a/p', 'n4')
    assert.deepEqual(await seen.take(), [`MODIFIED a/p ${revision} was ${before[1]!.metadata.resourceVersion}`])
    await drop('a/old')
    assert.match((await seen.take()).join(), /^DELETED a\/old/)
    assert.equal(pods().get('a/old'), undefined)
  })

  test('list very many objects at rest with turns for others, as they were at the beginning', async () => {
    await open()
    for (let i = 0; i < 1200; i++) await put(`a/${i}`, i % 2 ? 'odd' : 'even')
    await world.caches.close()
    world.caches = await openCaches({ store: world.store, clock: world.clock, kinds: [{ ...PODS, restsBy: () => '' }, NODES] })
    const { items: all, revision } = pods().list({})
    let turns = 0
    let listing = true
    const counting = (async () => {
      for (; listing; turns++) await new Promise(setImmediate)
    })()
    const asked = pods().listInTurns({})
    await drop('a/7')
    const listed = await asked
    listing = false
    await counting
    assert.ok(turns >= 2)
    assert.deepEqual(listed, { items: all, revision, next: undefined, remaining: undefined })
    const odd = { matches: ({ spec }: Pod) => spec.nodeName === 'odd', texts: ['odd'], limit: 5 }
    assert.deepEqual(await pods().listInTurns(odd), pods().list(odd))
    assert.deepEqual(await pods().listInTurns({ limit: 3, after: 'a/1' }), pods().list({ limit: 3, after: 'a/1' }))
  })

  test('share equal parts between objects, and between versions of one', async () => {
    await open()
    const containers = () => [{ name: 'main', image: 'nginx:1.27', args: ['--one', '--two'], resources: { limits: { memory: '64Mi', cpu: '100m' } } }]
    for (let i = 0; i < 5; i++) await put(`a/p${i}`, `n${i}`, { app: 'web' }, { containers: containers() })
    const [third, fourth] = [pods().get('a/p3'), pods().get('a/p4')]
    assert.equal(third?.spec.containers, fourth?.spec.containers)
    assert.equal(third?.metadata.labels, fourth?.metadata.labels)
    await put('a/p0', 'n0', { app: 'web', changed: 'yes' }, { containers: containers() })
    await put('a/p0', 'n0', { app: 'web', changed: 'again' }, { containers: containers() })
    const now = pods().get('a/p0')
    await put('a/p0', 'n0', { app: 'web' }, { containers: containers() })
    assert.equal(pods().get('a/p0')?.spec, now?.spec)
    assert.deepEqual(pods().get('a/p0')?.metadata.labels, { app: 'web' })
  })
})
