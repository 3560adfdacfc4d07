import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Any, registryRig } from '../../../test/support/registry-rig.ts'
import { ensureOwnService, ensureSystemObjects, keepOwnService } from './system-objects.ts'

test('the Service of the API comes back when it is deleted, and its endpoints when they are changed', { timeout: 20_000 }, async () => {
  const rig = await registryRig()
  const stop = new AbortController()
  const own = { api: rig.api, address: '192.0.2.1', port: 6443, clusterIP: rig.registry.firstServiceAddress }
  await ensureSystemObjects(rig.api)
  await ensureOwnService(own)
  const errors: unknown[] = []
  const keeping = keepOwnService(own, rig.caches, error => errors.push(error), stop.signal)
  const at = (name: string) => ({ kind: rig.kind(name), namespace: 'default', name: 'kubernetes' })
  /** The next state of the object that is as wanted. */
  const becomes = async (name: string, wanted: (object: Any) => boolean): Promise<void> => {
    for await (const events of rig.api.watch<Any>(at(name), { initialEvents: true, signal: stop.signal })) {
      if (events.some(event => event.type !== 'BOOKMARK' && event.type !== 'DELETED' && wanted(event.object))) return
    }
  }
  const before = (await rig.api.get(at('Service'))) as Any
  await rig.api.delete(at('Service'))
  await becomes('Service', service => service.metadata.uid !== before.metadata.uid && service['spec'].clusterIP === own.clusterIP)
  const endpoints = (await rig.api.get(at('Endpoints'))) as Any
  await rig.api.update(at('Endpoints'), { ...endpoints, subsets: [] } as Any)
  await becomes('Endpoints', object => object['subsets']?.[0]?.addresses[0].ip === own.address)
  stop.abort()
  await keeping
  assert.deepEqual(errors, [])
  await rig.close()
})
