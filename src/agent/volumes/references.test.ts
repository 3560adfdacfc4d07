import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api, WatchOptions } from '../../api/access.ts'
import { INITIAL_EVENTS_END } from '../../api/access.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { References } from './references.ts'

const turn = () => new Promise(setImmediate)
const pod = (uid: string): Pod =>
  ({
    metadata: { uid, namespace: 'default', name: uid },
    spec: { containers: [], volumes: [{ name: 'v', configMap: { name: 'settings' } }] },
  }) as unknown as Pod

/** A server with one config map, that says which watches it has; with `mute` it answers none. */
function world({ mute = false } = {}) {
  const log: string[] = []
  const api = {
    async *watch(_: unknown, { fieldSelector, signal }: WatchOptions) {
      log.push(`open ${fieldSelector}`)
      const metadata = { name: 'settings', namespace: 'default', uid: 'm', resourceVersion: '1' }
      if (!mute)
        yield [
          { type: 'ADDED', object: { metadata } },
          { type: 'BOOKMARK', object: { metadata: { resourceVersion: '2', annotations: { [INITIAL_EVENTS_END]: 'true' } } } },
        ]
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
      log.push(`closed ${fieldSelector}`)
    },
  } as unknown as Api
  const clock = new FakeClock()
  const stop = new AbortController()
  const saved = { metadata: { name: 'settings', namespace: 'default', uid: 'old' } }
  const store = { load: async () => saved, save: async () => {} }
  const references = new References({ api, clock, log: silentLog, signal: stop.signal, onChange: () => {}, ...(mute && { store: store as never }) })
  return { references, clock, log, stop }
}

test('what pods refer to is watched once, and a little longer than a pod refers to it', async () => {
  const { references, clock, log } = world()
  const found = await references.of(pod('a'))
  assert.equal(found.configMap('settings')?.metadata.uid, 'm')
  await references.of(pod('b'))
  references.release('a')
  references.release('b')
  clock.advance(9_999)
  await turn()
  assert.deepEqual(log, ['open metadata.name=settings'])
  await references.of(pod('c'))
  clock.advance(60_000)
  references.release('c')
  clock.advance(10_000)
  await turn()
  assert.deepEqual(log, ['open metadata.name=settings', 'closed metadata.name=settings'])
  assert.equal(clock.pending, 0)
})

test('who waits for a server that does not answer gets what was kept after five seconds', async () => {
  const { references, clock } = world({ mute: true })
  const found = references.of(pod('a'))
  await turn()
  clock.advance(5000)
  assert.equal((await found).configMap('settings')?.metadata.uid, 'old')
})

test('when the agent stops every watch ends, and no timer is left', async () => {
  const { references, clock, log, stop } = world()
  await references.of(pod('a'))
  references.release('a')
  stop.abort()
  await turn()
  assert.deepEqual(log, ['open metadata.name=settings', 'closed metadata.name=settings'])
  assert.equal(clock.pending, 0)
})
