import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type RegistryRig, registryRig } from '../../../test/support/registry-rig.ts'
import { FakeClock } from '../../base/clock.ts'

const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}
const events = (rig: RegistryRig) => ({ kind: rig.kind('Event', ''), namespace: 'default' })
const event = (name: string) => ({ metadata: { name }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, reason: 'Why', type: 'Normal' })
const names = async (rig: RegistryRig) => (await rig.api.list(events(rig))).items.map(item => item.metadata.name).join(' ')

it('an event is gone an hour after its last write, also across a restart', async () => {
  const clock = new FakeClock()
  const rig = await registryRig({ clock })
  const stop = new AbortController()
  const running = rig.registry.run(stop.signal)
  await settled()
  await rig.api.create(events(rig), event('a') as never)
  await rig.api.create(events(rig), event('b') as never)
  clock.advance(1800_000)
  await rig.api.patch({ ...events(rig), name: 'b' }, { type: 'merge', body: { count: 2, lastTimestamp: new Date(clock.now()).toISOString() } })
  await rig.api.create(events(rig), event('c') as never)
  await settled()
  clock.advance(1801_000)
  await settled()
  assert.equal(await names(rig), 'b c')
  stop.abort()
  await running

  const again = await registryRig({ clock, store: rig.store })
  const end = new AbortController()
  const second = again.registry.run(end.signal)
  await settled()
  assert.equal(await names(again), 'b c')
  clock.advance(1800_000)
  await settled()
  assert.equal(await names(again), '')
  end.abort()
  await second
  await again.close()
})
