import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { KubeObject } from '../../api/meta/object.ts'
import { Expired } from '../../store/store.ts'
import { cachesWorld, encode, NODES, type Pod, podOf, readEvent } from './test-caches.ts'
import type { Selection, WatchCache } from './types.ts'

describe('watches of the caches', () => {
  const world = cachesWorld()
  const { open, pods, put, drop, putNode, watch, settled } = world

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
    await world.caches.compact(3)
    assert.throws(() => pods().watch({ after: 2, signal: world.stop.signal }), Expired)
    assert.deepEqual(await watch({ after: 3, namespace: 'b' }).take(), [])
  })

  test('begin a watch with the present state, and mark its end', async () => {
    for (let i = 0; i < 1200; i++) await world.store.write({ key: `/core/pods/a/p${i}`, value: encode(podOf(`a/p${i}`, `n${i % 2}`)) })
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
    await Promise.all(names.map(name => world.store.write({ key: `/core/pods/${name}`, value: encode(podOf(name, '', { last: String(name === 'a/p999') })) })))
    await open()
    const iterator = pods()
      .watch({ after: 'initial', matches: ({ metadata }) => metadata.labels?.['last'] === 'true', signal: world.stop.signal })
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
    const written = await Promise.all(Array.from({ length: 50 }, (_, i) => world.store.write({ key: `/core/pods/a/p${i}`, value: encode(podOf(`a/p${i}`)) })))
    await world.caches.reached(Math.max(...written.map(each => ('revision' in each ? each.revision : 0))))
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
    const bad = pods().watch({ after: world.caches.revision, signal: world.stop.signal })[Symbol.asyncIterator]()
    for (let round = 0; round < 11; round++) {
      const written = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => world.store.write({ key: '/core/pods/a/one', value: encode(podOf('a/one', `${i}`)) })),
      )
      await world.caches.reached(Math.max(...written.map(each => ('revision' in each ? each.revision : 0))))
    }
    await assert.rejects(bad.next(), Expired)
    assert.equal((await good.take()).length, 11_000)
  })

  test('tell who asks how far they are, and end a watch at its time with a last word', async () => {
    await open()
    const told = watch({ bookmarks: true, namespace: 'a', timeout: 90_000 })
    const silent = watch({ namespace: 'a', timeout: 90_000 })
    await putNode('n1')
    for (let s = 0; s < 60; s++) world.clock.advance(1000)
    assert.deepEqual(await told.take(), ['BOOKMARK 2'])
    await putNode('n2')
    for (let s = 0; s < 30; s++) world.clock.advance(1000)
    assert.deepEqual([await told.take(), await told.done], [['BOOKMARK 3'], 'ended'])
    assert.deepEqual([await silent.take(), await silent.done], [[], 'ended'])
  })

  test('tell one client of how far they are at one moment, whatever it watches', async () => {
    await open()
    const when: string[] = []
    const begin = <T extends KubeObject>(cache: WatchCache<T>, name: string, client: string) => {
      const one = cache.watch({ after: world.caches.revision, bookmarks: true, client, signal: world.stop.signal })
      one.whenReady({ ready: () => when.push(`${second} ${name}`) })
    }
    let second = 0
    begin(pods(), 'another', 'a')
    begin(pods(), 'pods', 'n1')
    begin(world.caches.of(NODES)!, 'nodes', 'n1')
    for (second = 1; second <= 60; second++) world.clock.advance(1000)
    const [at] = when.filter(text => text.endsWith('pods')).map(text => text.split(' ')[0])
    assert.deepEqual(when.filter(text => !text.endsWith('another')).sort(), [`${at} nodes`, `${at} pods`])
    assert.equal(when.length, 3)
  })

  test('end every watch when its signal says so', async () => {
    await open()
    const waiting = watch({})
    world.stop.abort()
    assert.equal(await waiting.done, 'ended')
    assert.equal(await watch({}).done, 'ended')
  })

  test('tell whoever keeps no promise waiting that there is something, once', async () => {
    await open()
    const one = pods().watch({ after: world.caches.revision })
    let told = 0
    const ask = (of = one) => of.whenReady({ ready: () => told++ })
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
    assert.equal(world.caches.held().watches, 0)
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
        const from = world.caches.revision
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
