import assert from 'node:assert/strict'
import { it } from 'node:test'
import { registryRig } from '../../../test/support/registry-rig.ts'

it('events that rest are found by their fields, as those that are new', async () => {
  const rig = await registryRig()
  const events = { kind: rig.kind('Event', ''), namespace: 'default' }
  const event = (name: string, more: object) => ({ metadata: { name }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, ...more })
  const about = (name: string) => ({ involvedObject: { kind: 'Pod', namespace: 'default', name } })
  await rig.api.create(events, event('a.1', { reason: 'Why', type: 'Normal', ...about('a') }) as never)
  await rig.api.create(events, event('a.2', { reason: 'Why', type: 'Warning', ...about('a') }) as never)
  await rig.api.create(events, event('b.1', { reason: 'Else', type: 'Normal', source: { component: 'tester' }, ...about('b') }) as never)
  const reporter = { reportingComponent: 'x', reportingInstance: 'y', source: { component: 'x' } }
  await rig.api.create(events, event('c.1', { reason: 'Only', type: 'Normal', ...reporter, ...about('c') }) as never)
  for (let i = 0; i < 260; i++) await rig.api.create(events, event(`z.${i}`, { reason: 'Else', type: 'Normal' }) as never)
  const find = async (fieldSelector: string) => (await rig.api.list(events, { fieldSelector })).items.map(({ metadata }) => metadata.name).join(' ')
  assert.equal(await find('involvedObject.name=a'), 'a.1 a.2')
  assert.equal(await find('involvedObject.name=a,type=Warning'), 'a.2')
  assert.equal(await find('involvedObject.name!=p'), 'a.1 a.2 b.1 c.1')
  assert.equal(await find('involvedObject.name!=p,reason=Else'), 'b.1')
  assert.equal(await find('source=tester'), 'b.1')
  assert.equal(await find('metadata.name=a.2'), 'a.2')
  assert.equal(await find('type=Normal,metadata.namespace=default,involvedObject.fieldPath=,reason=Why'), 'a.1')
  assert.equal(await find('reason=Only,involvedObject.fieldPath='), 'c.1')
  const { items } = await rig.api.list({ ...events, namespace: '' }, { fieldSelector: 'metadata.namespace=default,reason=Why' })
  assert.equal(items.length, 2)
  await rig.close()
})
