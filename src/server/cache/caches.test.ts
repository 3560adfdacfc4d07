import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { storeKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { FakeClock } from '../../base/clock.ts'
import { MemoryStore } from '../../store/memory.ts'
import { Expired } from '../../store/store.ts'
import { openCaches } from './caches.ts'
import type { CachedKind, CacheEvent, Selection, WatchCache, WatchCaches, WatchQuery } from './types.ts'

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly containers?: readonly unknown[] }
}
const PODS: CachedKind<Pod> = { group: '', resource: 'pods', namespaced: true, indexes: { 'spec.nodeName': pod => pod.spec.nodeName ?? '' } }
const NODES: CachedKind = { group: '', resource: 'nodes', namespaced: false }

const podOf = (key: string, node = '', labels: Record<string, string> = {}, more: object = {}): object => {
  const [namespace, name] = key.split('/')
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: { ...(node && { nodeName: node }), ...more } }
}
const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const readEvent = (event: CacheEvent): string =>
  event.type === 'BOOKMARK'
    ? `BOOKMARK ${event.revision}${event.initialEventsEnd ? ' end of state' : ''}`
    : `${event.type} ${event.key} ${event.object.metadata.resourceVersion}${event.previous ? ` was ${event.previous.metadata.resourceVersion}` : ''}`

describe('the watch caches', () => {
  let store: MemoryStore
  let caches: WatchCaches
  let clock: FakeClock
  let stop: AbortController
  const open = async (events?: number) => {
    caches = await openCaches({ store, clock, kinds: [PODS, NODES], ...(events && { events }) })
  }
  beforeEach(() => {
    store = new MemoryStore()
    clock = new FakeClock()
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await caches.close()
    await store.close()
    assert.equal(clock.pending, 0)
  })
  const pods = (): WatchCache<Pod> => caches.of<Pod>(PODS)!
  const write = async (key: string, value: Uint8Array | undefined, object?: object): Promise<number> => {
    const written = await store.write({ key, value, object })
    assert.ok('revision' in written)
    await caches?.reached(written.revision)
    return written.revision
  }
  const put = (key: string, node?: string, labels?: Record<string, string>, more?: object) =>
    write(storeKey(PODS, ...(key.split('/') as [string, string])), encode(podOf(key, node, labels, more)))
  const drop = (key: string) => write(storeKey(PODS, ...(key.split('/') as [string, string])), undefined)
  const putNode = (name: string) => write(`/core/nodes/${name}`, encode({ apiVersion: 'v1', kind: 'Node', metadata: { name } }))
  /** What a watch has to say now, without waiting for more. */
  const watch = (query: Partial<WatchQuery<Pod>>) => {
    const iterator = pods()
      .watch({ after: caches.revision, signal: stop.signal, ...query })
      [Symbol.asyncIterator]()
    const lines: string[] = []
    const events: CacheEvent<Pod>[] = []
    let batches = 0
    const done = (async () => {
      for (;;) {
        const { done, value } = await iterator.next()
        if (done) return 'ended'
        batches++
        events.push(...value)
        lines.push(...value.map(readEvent))
      }
    })().catch((error: unknown) => error)
    return {
      done,
      events,
      take: async () => {
        await settled()
        return lines.splice(0)
      },
      get batches() {
        return batches
      },
    }
  }
  const settled = async () => {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  }

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
    await store.write({ key: '/core/pods/b/one', value: encode(podOf('b/one')) })
    await store.write({ key: '/core/pods/a/two', value: encode(podOf('a/two')) })
    await store.write({ key: '/core/nodes/n1', value: encode({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }) })
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
    assert.equal(caches.of(NODES)?.get('n1')?.metadata.name, 'n1')
    assert.equal(caches.of({ group: 'apps', resource: 'daemonsets' }), undefined)
    assert.equal(caches.revision, 5)
    watch({})
    assert.deepEqual(caches.held(), { objects: 4, events: 1, watches: 1 })
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
    await caches.compact(6)
    assert.throws(() => pods().list({ revision: 5 }), Expired)
  })

  test('give a watch each change of what it selects, and of what enters or leaves it', async () => {
    await open()
    const all = watch({})
    const onNode = watch({ field: { name: 'spec.nodeName', value: 'n1' } })
    const blue = watch({ namespace: 'a', matches: pod => pod.metadata.labels?.['colour'] === 'blue' })
    const one = watch({ namespace: 'a', name: 'one' })
    await put('a/one', '', { colour: 'blue' })
    await put('a/one', 'n1', { colour: 'blue' })
    await put('b/two', 'n1', { colour: 'blue' })
    await put('a/one', 'n2', { colour: 'red' })
    await drop('b/two')
    await drop('a/one')
    assert.deepEqual(await all.take(), [
      'ADDED a/one 2',
      'MODIFIED a/one 3 was 2',
      'ADDED b/two 4',
      'MODIFIED a/one 5 was 3',
      'DELETED b/two 6 was 4',
      'DELETED a/one 7 was 5',
    ])
    assert.deepEqual(await onNode.take(), ['ADDED a/one 3', 'ADDED b/two 4', 'DELETED a/one 5 was 3', 'DELETED b/two 6 was 4'])
    assert.deepEqual(await blue.take(), ['ADDED a/one 2', 'MODIFIED a/one 3 was 2', 'DELETED a/one 5 was 3'])
    assert.deepEqual(await one.take(), ['ADDED a/one 2', 'MODIFIED a/one 3 was 2', 'MODIFIED a/one 5 was 3', 'DELETED a/one 7 was 5'])
    const left = onNode.events[2]
    assert.ok(left?.type === 'DELETED' && left.object.spec.nodeName === 'n1', 'who is left sees the last state that it selected')
  })

  test('begin a watch in the past, as if it had been there', async () => {
    await open()
    await put('a/one', 'n1')
    await put('b/one', 'n1')
    await put('a/one', 'n2')
    assert.deepEqual(await watch({ after: 2 }).take(), ['ADDED b/one 3', 'MODIFIED a/one 4 was 2'])
    assert.deepEqual(await watch({ after: 2, namespace: 'a' }).take(), ['MODIFIED a/one 4 was 2'])
    assert.deepEqual(await watch({ after: 1, field: { name: 'spec.nodeName', value: 'n1' } }).take(), [
      'ADDED a/one 2',
      'ADDED b/one 3',
      'DELETED a/one 4 was 2',
    ])
    assert.deepEqual(await watch({ after: 1, namespace: 'b', name: 'one' }).take(), ['ADDED b/one 3'])
    const ahead = watch({ after: 5 })
    await put('a/one', 'n3')
    await put('a/one', 'n4')
    assert.deepEqual(await ahead.take(), ['MODIFIED a/one 6 was 5'])
    await caches.compact(3)
    assert.throws(() => pods().watch({ after: 2, signal: stop.signal }), Expired)
    assert.deepEqual(await watch({ after: 3, namespace: 'b' }).take(), [])
  })

  test('begin a watch with the present state, and mark its end', async () => {
    for (let i = 0; i < 1200; i++) await store.write({ key: `/core/pods/a/p${i}`, value: encode(podOf(`a/p${i}`, `n${i % 2}`)) })
    await open()
    const state = watch({ after: 'initial', field: { name: 'spec.nodeName', value: 'n1' }, markInitialEnd: true })
    await put('a/p1', 'n0')
    await put('a/p2', 'n1')
    const lines = await state.take()
    assert.equal(lines.filter(line => line.startsWith('ADDED a/p')).length, 601)
    assert.deepEqual(lines.slice(600), ['BOOKMARK 1201 end of state', 'DELETED a/p1 1202 was 3', 'ADDED a/p2 1203'])
    assert.equal(new Set(lines).size, lines.length)
  })

  test('let others have their turn while they look for the few objects that a watch selects', async () => {
    const names = Array.from({ length: 1201 }, (_, n) => `a/p${n}`)
    await Promise.all(names.map(name => store.write({ key: `/core/pods/${name}`, value: encode(podOf(name, '', { last: String(name === 'a/p999') })) })))
    await open()
    const iterator = pods()
      .watch({ after: 'initial', matches: ({ metadata }) => metadata.labels?.['last'] === 'true', signal: stop.signal })
      [Symbol.asyncIterator]()
    let turns = 0
    let found = false
    const count = () => {
      turns++
      if (!found) setImmediate(count)
    }
    setImmediate(count)
    const { value } = await iterator.next()
    found = true
    assert.deepEqual([value.map(readEvent), turns > 1], [['ADDED a/p999 1001'], true])
  })

  test('deliver what one commit wrote as one batch', async () => {
    await open()
    const all = watch({})
    const written = await Promise.all(Array.from({ length: 50 }, (_, i) => store.write({ key: `/core/pods/a/p${i}`, value: encode(podOf(`a/p${i}`)) })))
    await caches.reached(Math.max(...written.map(each => ('revision' in each ? each.revision : 0))))
    assert.equal((await all.take()).length, 50)
    assert.equal(all.batches, 1)
  })

  test('make one event for all who watch', async () => {
    await open()
    const watches = [watch({}), watch({ namespace: 'a' }), watch({ matches: () => true })]
    const onNode = [watch({ field: { name: 'spec.nodeName', value: 'n1' } }), watch({ matches: pod => pod.spec.nodeName === 'n1' })]
    await put('a/one', 'n1')
    await put('a/one', 'n2')
    await settled()
    for (const { events } of watches) assert.equal(events[1], watches[0]!.events[1])
    assert.equal(onNode[0]!.events[1], onNode[1]!.events[1])
    assert.notEqual(onNode[0]!.events[1], watches[0]!.events[1])
  })

  test('drop encodings once a few hundred newer changes have come', async () => {
    await open()
    const all = watch({})
    await put('a/one')
    await settled()
    const event = all.events[0]
    assert.ok(event && event.type !== 'BOOKMARK')
    event.encodings = new Map([['json', 'bytes']])
    for (let i = 0; i < 255; i++) await put('a/two', `n${i}`)
    assert.ok(event.encodings)
    await put('a/two')
    assert.equal(event.encodings, undefined)
  })

  test('serve thousands of watches of one thing in slices, each of them everything in order', async () => {
    await open()
    const watches = Array.from({ length: 1000 }, () => watch({}))
    await put('a/one')
    await put('a/two')
    await drop('a/one')
    await settled()
    await settled()
    for (const each of watches) assert.deepEqual(await each.take(), ['ADDED a/one 2', 'ADDED a/two 3', 'DELETED a/one 4 was 2'])
  })

  test('end a watch that does not keep up, and no other', async () => {
    await open(20_000)
    const good = watch({})
    const bad = pods().watch({ after: caches.revision, signal: stop.signal })[Symbol.asyncIterator]()
    for (let round = 0; round < 11; round++) {
      const written = await Promise.all(Array.from({ length: 1000 }, (_, i) => store.write({ key: '/core/pods/a/one', value: encode(podOf('a/one', `${i}`)) })))
      await caches.reached(Math.max(...written.map(each => ('revision' in each ? each.revision : 0))))
    }
    await assert.rejects(bad.next(), Expired)
    assert.equal((await good.take()).length, 11_000)
  })

  test('tell who asks how far they are, and end a watch at its time with a last word', async () => {
    await open()
    const told = watch({ bookmarks: true, namespace: 'a', timeout: 90_000 })
    const silent = watch({ namespace: 'a', timeout: 90_000 })
    await putNode('n1')
    for (let s = 0; s < 60; s++) clock.advance(1000)
    assert.deepEqual(await told.take(), ['BOOKMARK 2'])
    await putNode('n2')
    for (let s = 0; s < 30; s++) clock.advance(1000)
    assert.deepEqual([await told.take(), await told.done], [['BOOKMARK 3'], 'ended'])
    assert.deepEqual([await silent.take(), await silent.done], [[], 'ended'])
  })

  test('end every watch when its signal says so', async () => {
    await open()
    const waiting = watch({})
    stop.abort()
    assert.equal(await waiting.done, 'ended')
    assert.equal(await watch({}).done, 'ended')
  })

  test('tell whoever keeps no promise waiting that there is something, once', async () => {
    await open()
    const one = pods().watch({ after: caches.revision })
    let told = 0
    const ask = (of = one) => of.whenReady(() => told++)
    ask()
    await putNode('n1')
    assert.equal(told, 0)
    await put('a/one')
    await put('a/two')
    assert.equal(told, 1)
    ask()
    assert.equal(told, 2)
    await one.next()
    ask()
    assert.equal(told, 2)
    await one.return()
    assert.equal(told, 3)
    const state = pods().watch({ after: 'initial' })
    ask(state)
    assert.equal(told, 4)
    await state.next()
    ask(state)
    assert.equal(told, 4)
    await state.return()
    assert.equal(caches.held().watches, 0)
  })

  test('end a watch whose selection fails on an object, and no other', async () => {
    await open()
    const good = watch({})
    const bad = watch({
      matches: () => {
        throw new Error('cannot judge')
      },
    })
    await put('a/one')
    assert.deepEqual(await good.take(), ['ADDED a/one 2'])
    assert.match(String(await bad.done), /cannot judge/)
  })

  test('wait for a revision that is still to come', async () => {
    await open()
    assert.equal(caches.reached(caches.revision), undefined)
    const waiting = caches.reached(3)
    const given = AbortSignal.abort(new Error('given up'))
    await assert.rejects(caches.reached(3, given)!, /given up/)
    await putNode('n1')
    await putNode('n2')
    await waiting
    void store.write({ key: '/core/nodes/n3', value: encode({ metadata: { name: 'n3' } }) })
    await new Promise(resolve => setImmediate(resolve))
    await caches.fresh()
    assert.ok(caches.of(NODES)?.get('n3'))
  })

  test('take the object that comes with a write instead of reading its bytes', async () => {
    await open()
    const bytes = encode({ nothing: 'like it' })
    const object = podOf('a/one', 'n1') as Pod
    await write('/core/pods/a/one', bytes, object)
    assert.equal(pods().get('a/one')?.spec.nodeName, 'n1')
    assert.equal(pods().get('a/one')?.metadata.resourceVersion, '2')
    assert.equal(object.metadata.resourceVersion, undefined)
  })

  test('let objects rest that are no longer new, and hand them out as they were', async () => {
    const rests: CachedKind<Pod> = { ...PODS, restsBy: () => '' }
    await open()
    await put('a/old', 'n0', { app: 'old' })
    await caches.close()
    caches = await openCaches({ store, clock, kinds: [rests, NODES] })
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
    await caches.close()
    caches = await openCaches({ store, clock, kinds: [{ ...PODS, restsBy: () => '' }, NODES] })
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

  test('take a kind that comes later, with what was written while it loaded', async () => {
    for (let i = 0; i < 30; i++) await store.write({ key: `/x.dev/things/t${i}`, value: encode({ metadata: { name: `t${i}` } }) })
    await open()
    const adding = caches.add({ group: 'x.dev', resource: 'things', namespaced: false })
    void store.write({ key: '/x.dev/things/t7', value: undefined })
    void store.write({ key: '/x.dev/things/new', value: encode({ metadata: { name: 'new' } }) })
    const things = await adding
    await caches.fresh()
    assert.deepEqual([things.size, things.get('t7'), things.get('new')?.metadata.resourceVersion], [30, undefined, '33'])
    const watching = things.watch({ after: caches.revision, signal: stop.signal })[Symbol.asyncIterator]().next()
    caches.remove({ group: 'x.dev', resource: 'things' })
    assert.deepEqual(await watching, { done: true, value: undefined })
    assert.equal(caches.of({ group: 'x.dev', resource: 'things' }), undefined)
  })

  test('load again when the store no longer reaches back to where they are', async () => {
    await store.close()
    const changing = { fail: false }
    store = new (class extends MemoryStore {
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

  test('show every watch, whatever it selects, exactly what replaying all changes would show', async () => {
    const step = fc.record({
      key: fc.constantFrom('a/1', 'a/2', 'b/1'),
      node: fc.constantFrom('', 'n1', 'n2'),
      colour: fc.constantFrom('red', 'blue'),
      gone: fc.boolean(),
    })
    await open()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const selections: Selection<Pod>[] = [
          {},
          { namespace: 'a' },
          { namespace: 'a', name: '1' },
          { field: { name: 'spec.nodeName', value: 'n1' } },
          { field: { name: 'spec.nodeName', value: '' }, namespace: 'b' },
          { matches: pod => pod.metadata.labels?.['colour'] === 'blue' },
        ]
        const from = caches.revision
        const before = selections.map(
          query =>
            new Map(
              pods()
                .list(query)
                .items.map(pod => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]),
            ),
        )
        const watches = selections.map(query => watch({ ...query, after: from }))
        for (const { key, node, colour, gone } of steps) {
          if (!gone) await put(key, node, { colour })
          else if (pods().get(key)) await drop(key)
        }
        const late = selections.map(query => watch({ ...query, after: from }))
        await settled()
        for (const [i, each] of watches.entries()) {
          assert.deepEqual(await late[i]!.take(), await each.take(), 'who comes late sees the same')
          const state = before[i]!
          for (const event of each.events) {
            assert.ok(event.type !== 'BOOKMARK')
            assert.equal(event.type === 'ADDED', !state.has(event.key), 'ADDED exactly when it was not there')
            if (event.type === 'DELETED') state.delete(event.key)
            else state.set(event.key, event.object)
          }
          const now = pods().list(selections[i]).items
          assert.deepEqual([...state.values()].map(pod => pod.metadata.resourceVersion).sort(), now.map(pod => pod.metadata.resourceVersion).sort())
        }
      }),
      { numRuns: 40 },
    )
  })
})
