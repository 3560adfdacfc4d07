import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../api/meta/object.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { MemoryStore } from '../../store/memory.ts'
import { Expired } from '../../store/store.ts'
import { openCaches } from './caches.ts'
import { COMPACTION, runCompaction } from './compaction.ts'

test('the past is kept for five minutes and forgotten within ten', async () => {
  const clock = new FakeClock()
  const store = new MemoryStore()
  const caches = await openCaches({ store, clock, kinds: [{ group: '', resource: 'nodes', namespaced: false }] })
  const stop = new AbortController()
  const running = runCompaction({ caches, clock, log: silentLog, signal: stop.signal })
  const pass = async () => {
    await new Promise(setImmediate)
    clock.advance(COMPACTION)
    await new Promise(setImmediate)
  }
  const write = async () => {
    const written = await store.write({ key: '/core/nodes/n', value: Buffer.from(JSON.stringify({ metadata: { name: 'n' } })) })
    await caches.fresh()
    return 'revision' in written ? written.revision : 0
  }
  const nodes = caches.of<KubeObject>({ group: '', resource: 'nodes' })!
  await write()
  const revision = await write()
  await write()
  await pass()
  assert.equal(nodes.list({ revision }).items[0]?.metadata.resourceVersion, String(revision))
  await write()
  await pass()
  assert.throws(() => nodes.list({ revision }), Expired)
  await assert.rejects(store.list('/', { revision }), Expired)
  assert.equal(nodes.list({ revision: revision + 1 }).items.length, 1)
  stop.abort()
  await running
  await caches.close()
  await store.close()
})
