import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registryRig } from '../../../test/support/registry-rig.ts'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import type { Log } from '../../base/log.ts'
import { MemoryStore } from '../../store/memory.ts'
import { Closed, Unwritable } from '../../store/store.ts'

class FailingStore extends MemoryStore {
  failure: Error | undefined
  override write(...given: Parameters<MemoryStore['write']>): ReturnType<MemoryStore['write']> {
    return this.failure ? Promise.reject(this.failure) : super.write(...given)
  }
}

for (const [what, failure, logged] of [
  ['a store that is closed', new Closed(), []],
  ['a disk that is full', new Unwritable('no space'), []],
  ['a fault of the store', new Error('a fault'), ['the store failed a write']],
] as const) {
  test(`${what} refuses a write with a 503, and the log says: ${logged.join() || 'nothing'}`, async () => {
    const told: string[] = []
    const log: Log = { debug() {}, info() {}, warn() {}, error: message => told.push(message), with: () => log }
    const store = new FailingStore()
    const rig = await registryRig({ store, log })
    store.failure = failure
    await assert.rejects(rig.api.create({ kind: ConfigMaps, namespace: 'default' }, { metadata: { name: 'a' } }), {
      reason: 'ServiceUnavailable',
      message: `the store cannot write at the moment: ${failure.message}`,
    })
    assert.deepEqual(told, logged)
    await rig.close()
  })
}

test('a server that stops before it has seen what it wrote says that it stops, and so it does to whoever looks for that', async () => {
  const rig = await registryRig()
  await rig.caches.close()
  const stops = { code: 503, reason: 'ServiceUnavailable', message: 'the server is stopping' }
  const maps = { kind: ConfigMaps, namespace: 'default' }
  await assert.rejects(rig.api.create(maps, { metadata: { name: 'a' } }), stops)
  await assert.rejects(rig.api.list(maps), stops)
  await assert.rejects(rig.api.watch(maps, { signal: new AbortController().signal })[Symbol.asyncIterator]().next(), stops)
  await rig.close()
})
