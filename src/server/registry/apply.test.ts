import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'

describe('server-side apply', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const at = (name: string, subresource?: string) => ({ kind: rig.kind('ConfigMap'), namespace: 'default', name, ...(subresource && { subresource }) })
  const config = (name: string, data: object, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data })
  const apply = (name: string, data: object, fieldManager: string, options: { force?: boolean; dryRun?: boolean } = {}) =>
    rig.api.patch(
      at(name),
      { type: 'apply', body: config(name, data), ...(options.force && { force: true }) },
      { fieldManager, ...(options.dryRun && { dryRun: true }) },
    ) as Promise<Any>
  const owners = (object: Any) =>
    object.metadata.managedFields!.map(entry => `${entry.manager} ${entry.operation} ${Object.keys((entry.fieldsV1 as Any)['f:data'] ?? {}).join(' ')}`)

  it('creates, co-owns what is equal, refuses what differs, takes it by force, and drops what is applied no more', async () => {
    const made = await apply('x', { a: '1', b: '2' }, 'one')
    assert.deepEqual(owners(made), ['one Apply f:a f:b'])
    assert.deepEqual(owners(await apply('x', { a: '1' }, 'two')), ['two Apply f:a', 'one Apply f:a f:b'])
    assert.equal(await refusal(apply('x', { a: '9' }, 'two')), '409 Conflict: Apply failed with 1 conflict: conflict with "one": .data.a')
    const forced = await apply('x', { a: '9' }, 'two', { force: true })
    assert.deepEqual([forced['data'], owners(forced)], [{ a: '9', b: '2' }, ['one Apply f:b', 'two Apply f:a']])
    assert.deepEqual((await apply('x', { c: '3' }, 'one'))['data'], { a: '9', c: '3' })
  })

  it('changes nothing, and no revision, when the same is applied again', async () => {
    const first = await apply('same', { a: '1' }, 'm')
    assert.equal(await apply('same', { a: '1' }, 'm'), first)
  })

  it('sees what others write: the writer of a field owns it', async () => {
    await apply('seen', { a: '1' }, 'm')
    const updated = (await rig.api.patch(at('seen'), { type: 'merge', body: { data: { a: '2', b: '3' } } }, { fieldManager: 'hand' })) as Any
    assert.deepEqual(owners(updated), ['hand Update f:a f:b'])
    assert.match(await refusal(apply('seen', { a: '1' }, 'm')), /^409 Conflict: Apply failed with 1 conflict: conflict with "hand" using v1.*: .data.a$/)
  })

  it('is refused without a manager, without a kind, for another version, with another identity', async () => {
    const patch = (body: unknown, options: object = { fieldManager: 'm' }) => refusal(rig.api.patch(at('no'), { type: 'apply', body }, options))
    assert.equal(
      await patch(config('no', {}), {}),
      '422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
    assert.equal(await patch({ metadata: { name: 'no' } }), "400 BadRequest: Object 'Kind' is missing in the apply patch")
    assert.match(await patch({ ...config('no', {}), apiVersion: 'v2' }), /^(400|422)/)
    assert.match(await patch(config('no', {}, { uid: 'u' })), /^409 Conflict: .*uid mismatch/)
    assert.match(await patch(config('other', {})), /^400 BadRequest: the name of the object \(other\) does not match/)
    assert.match(await patch([]), /^400 BadRequest/)
    assert.match(await refusal(rig.api.get(at('no'))), /^404/)
    assert.ok(await apply('no', { a: 'b' }, 'm', { dryRun: true }))
    assert.match(await refusal(rig.api.get(at('no'))), /^404/)
  })

  it('is refused for another kind before anybody hears of conflicts', async () => {
    const at = { kind: rig.kind('ConfigMap'), namespace: 'default', name: 'kind' }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kind' }, data: { a: '1' } }
    await rig.api.patch(at, { type: 'apply', body }, { fieldManager: 'one' })
    const other = { ...body, kind: 'Wrong', data: { a: '2' } }
    assert.equal(
      await refusal(rig.api.patch(at, { type: 'apply', body: other }, { fieldManager: 'two' })),
      '400 BadRequest: invalid object type: v1, Kind=Wrong; wanted: Kind=ConfigMap',
    )
  })

  it('of a status leaves the spec alone, and the other way round', async () => {
    const sets = { kind: rig.kind('DaemonSet'), namespace: 'default', name: 's' }
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const whole = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 's' } }
    await rig.api.patch(sets, { type: 'apply', body: { ...whole, spec: { selector: { matchLabels: { a: 'b' } }, template } } }, { fieldManager: 'm' })
    const patched = (await rig.api.patch(
      { ...sets, subresource: 'status' },
      { type: 'apply', body: { ...whole, status: { numberReady: 4, currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0 } } },
      { fieldManager: 'c' },
    )) as Any
    assert.deepEqual([patched['status'].numberReady, patched['spec'].template.spec.containers[0].image], [4, 'i'])
    const said = patched.metadata.managedFields!.map(entry => `${entry.manager} ${entry.subresource ?? ''} ${Object.keys(entry.fieldsV1!).join(' ')}`)
    assert.deepEqual(said, ['c status f:status', 'm  f:spec'])
  })

  it('of a Scale owns the replicas of the object', async () => {
    const deployments = { kind: rig.kind('Deployment', 'apps'), namespace: 'default', name: 'd' }
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const whole = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }
    const spec = { selector: { matchLabels: { a: 'b' } }, template }
    await rig.api.patch(deployments, { type: 'apply', body: { ...whole, spec: { ...spec, replicas: 2 } } }, { fieldManager: 'm' })
    const scale = (replicas: number, force = false) =>
      rig.api.patch(
        { ...deployments, subresource: 'scale' },
        { type: 'apply', body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas } }, force },
        { fieldManager: 'scaler' },
      ) as Promise<Any>
    assert.equal(await refusal(scale(5)), '409 Conflict: Apply failed with 1 conflict: conflict with "m": .spec.replicas')
    assert.equal((await scale(5, true))['spec'].replicas, 5)
    const found = (await rig.api.get(deployments)) as Any
    const said = found.metadata.managedFields!.map(entry => `${entry.manager} ${entry.subresource ?? ''} ${'f:replicas' in (entry.fieldsV1 as Any)['f:spec']}`)
    assert.deepEqual([found['spec'].replicas, said], [5, ['m  false', 'scaler scale true']])
    assert.match(
      await refusal(rig.api.patch(deployments, { type: 'apply', body: { ...whole, spec: { ...spec, replicas: 3 } } }, { fieldManager: 'm' })),
      /conflict with "scaler" with subresource "scale"/,
    )
  })
})
