import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, INITIAL_EVENTS_END, type WatchEvent, type WatchOptions } from '../api/access.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { expired, unavailable } from '../api/meta/status.ts'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Informer } from './informer.ts'

const settle = () => new Promise<void>(resolve => setImmediate(resolve))
const halt = (stop: AbortController, ended: Promise<void>) => {
  stop.abort()
  return ended
}
const object = (name: string, revision: number, node = ''): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(revision), creationTimestamp: '2026-01-01T00:00:00Z', labels: { node } },
})
type Thing = ReturnType<typeof object>
const bookmark = (revision: number, end = false): WatchEvent<Thing> => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(revision), ...(end && { annotations: { [INITIAL_EVENTS_END]: 'true' } }) } },
})

/** What a watch says before it is cut off. */
interface CutOff {
  readonly says: WatchEvent<Thing>[]
  readonly end: Error
}

/** One scripted answer per watch that is opened; after the script every watch stays open and silent. */
function scripted(...answers: (Error | CutOff | WatchEvent<Thing>[])[]) {
  const asked: string[] = []
  const api = {
    async *watch(_: unknown, o: WatchOptions) {
      asked.push(o.initialEvents ? 'all' : `after ${o.resourceVersion}`)
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      if (answer) {
        yield 'says' in answer ? answer.says : answer
        if ('says' in answer) throw answer.end
        return
      }
      if (!o.signal.aborted) await new Promise(resolve => o.signal.addEventListener('abort', resolve, { once: true }))
    },
  } as unknown as Api
  return { api, asked }
}

function informerOver(api: Api) {
  const clock = new FakeClock(0)
  const stop = new AbortController()
  const kind = { group: '', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true } as { readonly of?: Thing } & Informer0
  const informer = new Informer<Thing>({ api, clock, log: silentLog, target: { kind }, indexes: { node: o => o.metadata.labels?.['node'] || undefined } })
  const changes: string[] = []
  informer.subscribe(({ key, object: now, old }) => changes.push(`${key} ${old?.metadata.resourceVersion ?? '-'}→${now?.metadata.resourceVersion ?? '-'}`))
  const ended = informer.run(stop.signal)
  return { informer, clock, changes, stop: () => halt(stop, ended) }
}
type Informer0 = { group: string; version: string; kind: string; resource: string; namespaced: boolean }

test('an informer shows the initial state only when it is whole, then follows the changes', async () => {
  const { api } = scripted([
    { type: 'ADDED', object: object('a', 1, 'n1') },
    { type: 'ADDED', object: object('b', 2, 'n1') },
    bookmark(5, true),
    { type: 'MODIFIED', object: object('a', 6, 'n2') },
    { type: 'DELETED', object: object('b', 7) },
  ])
  const { informer, changes, stop } = informerOver(api)
  await informer.synced
  await settle()
  assert.deepEqual(changes, ['ns/a -→1', 'ns/b -→2', 'ns/a 1→6', 'ns/b 2→-'])
  assert.deepEqual([...informer.by('node', 'n1')], [])
  assert.deepEqual(
    [...informer.by('node', 'n2')].map(o => o.metadata.name),
    ['a'],
  )
  assert.equal(informer.revision, 7)
  await stop()
})

test('an index finds what has a value, one or many, as it is now', async () => {
  const { api } = scripted([
    { type: 'ADDED', object: object('a', 1, 'n1') },
    bookmark(2, true),
    { type: 'ADDED', object: object('b', 3, 'n1') },
    { type: 'ADDED', object: object('c', 4, 'n1') },
    { type: 'ADDED', object: object('d', 5) },
    { type: 'MODIFIED', object: object('a', 6, 'n1') },
    { type: 'DELETED', object: object('b', 7, 'n1') },
  ])
  const { informer, stop } = informerOver(api)
  const found = (node: string) => [...informer.by('node', node)].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
  const seen: string[] = []
  informer.subscribe(() => seen.push(found('n1').join(' ')))
  await informer.synced
  await settle()
  assert.deepEqual(seen, ['a@1', 'a@1 b@3', 'a@1 b@3 c@4', 'a@1 b@3 c@4', 'a@6 b@3 c@4', 'a@6 c@4'])
  assert.deepEqual(found(''), [])
  await stop()
})

test('a watch that breaks goes on from the last revision; an expired one takes the whole state again and drops what vanished', async () => {
  const { api, asked } = scripted(
    [{ type: 'ADDED', object: object('a', 1) }, { type: 'ADDED', object: object('b', 2) }, bookmark(5, true)],
    unavailable('away'),
    expired('too old'),
    [{ type: 'ADDED', object: object('b', 2) }, { type: 'ADDED', object: object('c', 9) }, bookmark(10, true)],
  )
  const { informer, clock, changes, stop } = informerOver(api)
  await informer.synced
  for (let i = 0; i < 6; i++) {
    await settle()
    clock.advance(1000)
  }
  await settle()
  assert.deepEqual(asked, ['all', 'after 5', 'after 5', 'all', 'after 10'])
  assert.deepEqual(changes, ['ns/a -→1', 'ns/b -→2', 'ns/c -→9', 'ns/a 1→-'])
  await stop()
})

for (const [held, asked] of [
  [16, ['all', 'all', 'after 99']],
  [17, ['all', 'after 50', 'after 50']],
] as const) {
  test(`after a lost connection ${held} objects held lead to: ${asked.join(', ')}`, async () => {
    const all = (revision: number): WatchEvent<Thing>[] => [
      ...Array.from({ length: held }, (_, i): WatchEvent<Thing> => ({ type: 'ADDED', object: object(`o${i}`, 1) })),
      bookmark(revision, true),
    ]
    const script = scripted({ says: all(50), end: unavailable('the connection was closed') }, asked[1] === 'all' ? all(99) : [])
    const { informer, clock, changes, stop } = informerOver(script.api)
    await informer.synced
    for (let i = 0; i < 4; i++) {
      await settle()
      clock.advance(1000)
    }
    assert.deepEqual(script.asked, asked)
    assert.equal(changes.length, held)
    await stop()
  })
}

test('caughtUp waits for the revision, and rejects when it does not come', async () => {
  const { api } = scripted([bookmark(5, true)])
  const { informer, clock, stop } = informerOver(api)
  await informer.synced
  const { signal } = new AbortController()
  await informer.caughtUp(5, signal)
  const late = assert.rejects(informer.caughtUp(6, signal), /has not reached revision 6/)
  clock.advance(30_000)
  await late
  assert.equal(clock.pending, 0)
  await stop()
})

test('a server that closes every watch at once is asked ever more slowly', async () => {
  const { api, asked } = scripted(...Array.from({ length: 50 }, () => []))
  const { clock, stop } = informerOver(api)
  for (let i = 0; i < 100; i++) {
    await settle()
    clock.advance(100)
  }
  assert.ok(asked.length < 10, `${asked.length} watches in 10 s`)
  await stop()
})
