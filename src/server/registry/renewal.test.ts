import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryRig } from '../../../test/support/registry-rig.ts'
import { Leases } from '../../api/kinds/coordination/lease.ts'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import type { Lease } from '../../api/types/coordination.ts'
import { FakeClock } from '../../base/clock.ts'
import { MemoryStore } from '../../store/memory.ts'
import { renewedLease } from './renewal.ts'
import type { Update } from './update.ts'

const SPEC = { holderIdentity: 'n1', leaseDurationSeconds: 40 }
const at = (second: number, zone = 'Z') => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000${zone}`
const OWNER = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u' }

describe('a renewal', () => {
  /** Leases that were renewed as they are read off the wire: `Z` says the time as the server writes it, another zone as it does not. */
  async function renewed(zone: string) {
    const clock = new FakeClock()
    const rig = await registryRig({ clock })
    const target = { kind: Leases, namespace: 'default', name: 'n1' }
    const seen: unknown[] = []
    let lease = await rig.api.create(target, { metadata: { name: 'n1', ownerReferences: [OWNER] }, spec: { ...SPEC, renewTime: at(0) } })
    for (let second = 10; second < 60; second += 10) {
      clock.advance(10_000)
      const { managedFields, ...metadata } = lease.metadata
      const sent = second === 30 ? { ...metadata, managedFields } : metadata
      lease = await rig.api.update(target, { ...lease, metadata: sent as Lease['metadata'], spec: { ...lease.spec, renewTime: at(second, zone) } })
      seen.push(structuredClone(lease))
      assert.equal(await rig.api.get(target), lease)
    }
    await rig.close()
    return seen
  }

  it('gives what reading, judging and recording it whole gives', async () => assert.deepEqual(await renewed('Z'), await renewed('+00:00')))

  it('is refused for another revision, as any update', async () => {
    const rig = await registryRig()
    const target = { kind: Leases, namespace: 'default', name: 'n1' }
    const lease = await rig.api.create(target, { metadata: { name: 'n1' }, spec: { ...SPEC, renewTime: at(0) } })
    const next = (second: number) => rig.api.update(target, { ...lease, spec: { ...lease.spec, renewTime: at(second) } })
    await next(10)
    await assert.rejects(next(20), { reason: 'Conflict' })
    await rig.close()
  })
})

describe('a revision that a crash has lost', () => {
  class Recovered extends MemoryStore {
    readonly lostUpTo = 1000
  }
  /** Updates an object with a revision that it does not have, `ahead` of its own. */
  async function updated(kind: typeof Leases | typeof ConfigMaps, ahead: (revision: number) => number, store: MemoryStore, time = at(10)): Promise<string> {
    const rig = await registryRig({ store })
    const target = { kind: kind as typeof Leases, namespace: 'default', name: 'n1' }
    const made = await rig.api.create(target, {
      metadata: { name: 'n1' },
      ...((kind as unknown) === Leases && { spec: { ...SPEC, renewTime: at(0) } }),
    } as Lease)
    const resourceVersion = String(ahead(Number(made.metadata.resourceVersion)))
    const spec = kind === Leases ? { ...made.spec, renewTime: time } : undefined
    const outcome = await rig.api.update(target, { ...made, metadata: { ...made.metadata, resourceVersion }, ...(spec && { spec }) } as Lease).then(
      ({ spec: written }) => `renewed at ${written.renewTime?.slice(17, 19)}`,
      error => error.reason,
    )
    await rig.close()
    return outcome
  }

  for (const [name, expected, outcome] of [
    ['renews a lease as it is stored', 'renewed at 10', () => updated(Leases, own => own + 1, new Recovered())],
    ['does so too where the lease is read whole', 'renewed at 10', () => updated(Leases, own => own + 1, new Recovered(), at(10, '+00:00'))],
    ['is no older one', 'Conflict', () => updated(Leases, own => own - 1, new Recovered())],
    ['is none that was never given out', 'Conflict', () => updated(Leases, () => 1001, new Recovered())],
    ['is none where nothing was lost', 'Conflict', () => updated(Leases, own => own + 1, new MemoryStore())],
    ['is none of an object that is never written lazily', 'Conflict', () => updated(ConfigMaps, own => own + 1, new Recovered())],
  ] as const) {
    it(name, async () => assert.equal(await outcome(), expected))
  }
})

describe('taken for a renewal at a glance', () => {
  const record = {
    manager: 'kubelet',
    operation: 'Update',
    apiVersion: 'coordination.k8s.io/v1',
    fieldsType: 'FieldsV1',
    time: at(0),
    fieldsV1: { 'f:spec': { 'f:renewTime': {} } },
  }
  const metadata = {
    name: 'n1',
    namespace: 'default',
    uid: 'u',
    creationTimestamp: at(0),
    resourceVersion: '7',
    ownerReferences: [OWNER],
    managedFields: [record],
  }
  const stored = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...SPEC, renewTime: at(0) } } as unknown as Lease
  const update = { served: { kind: Leases, at: Leases }, part: 'main', manager: 'kubelet' } as unknown as Update
  const sent = { metadata: { name: 'n1', resourceVersion: '7', ownerReferences: [OWNER] }, spec: { ...SPEC, renewTime: at(10) } }
  const world = { clock: new FakeClock(0), store: new MemoryStore() }
  const isTaken = (value: object, old: object = stored, by: object = update) => renewedLease(world, by as Update, { value }, old as Lease) !== undefined

  for (const [name, taken, value, old, by] of [
    ['another time', true, sent],
    ['the kind said', true, { ...sent, apiVersion: stored.apiVersion, kind: 'Lease' }],
    ['another kind', false, { ...sent, kind: 'Pod' }],
    ['something beside', false, { ...sent, status: {} }],
    ['a time that is none', false, { ...sent, spec: { ...SPEC, renewTime: at(99) } }],
    ['a time in another form', false, { ...sent, spec: { ...SPEC, renewTime: '2026-01-01T00:00:10Z' } }],
    ['another holder', false, { ...sent, spec: { ...sent.spec, holderIdentity: 'n2' } }],
    ['less', false, { ...sent, spec: { holderIdentity: 'n1', renewTime: at(10) } }],
    ['more', false, { ...sent, spec: { ...sent.spec, leaseTransitions: 1 } }],
    ['no revision', false, { ...sent, metadata: { name: 'n1', ownerReferences: [OWNER] } }],
    ['another revision', false, { ...sent, metadata: { ...sent.metadata, resourceVersion: '6' } }],
    ['another uid', false, { ...sent, metadata: { ...sent.metadata, uid: 'v' } }],
    ['no owners', false, { ...sent, metadata: { name: 'n1', resourceVersion: '7' } }],
    ['a label', false, { ...sent, metadata: { ...sent.metadata, labels: { a: 'b' } } }],
    ['a stored label unsaid', false, sent, { ...stored, metadata: { ...metadata, labels: { a: 'b' } } }],
    ['a lease that is being deleted', false, sent, { ...stored, metadata: { ...metadata, deletionTimestamp: at(0) } }],
    ['a lease without a time', false, sent, { ...stored, spec: SPEC }],
    ['a record of two', false, sent, { ...stored, metadata: { ...metadata, managedFields: [record, { ...record, manager: 'other' }] } }],
    ['no record', false, sent, { ...stored, metadata: { ...metadata, managedFields: undefined } }],
    ['another writer', false, sent, stored, { ...update, manager: 'kubectl' }],
    ['a patch of a part', false, sent, stored, { ...update, part: 'status' }],
    ['no object', false, [] as object],
  ] as const)
    it(`${name}: ${taken ? 'yes' : 'no'}`, () => assert.equal(isTaken(value, old, by), taken))
})
