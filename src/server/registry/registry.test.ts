import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'

describe('the registry', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const map = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data })
  const maps = (name?: string) => ({ kind: rig.kind('ConfigMap'), namespace: 'default', ...(name && { name }) })
  const create = (name: string, data?: Record<string, string>) => rig.api.create(maps(), map(name, data)) as Promise<Any>

  it('sets identity, time and revision of a new object and answers with the frozen one that is then read', async () => {
    const made = await create('made', { a: 'b' })
    assert.deepEqual(made, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'made',
        namespace: 'default',
        uid: made.metadata.uid,
        creationTimestamp: '2026-01-01T00:00:00Z',
        resourceVersion: made.metadata.resourceVersion,
        ...(made.metadata.managedFields && { managedFields: made.metadata.managedFields }),
      },
      data: { a: 'b' },
    })
    assert.ok(Object.isFrozen(made) && Object.isFrozen(made.data))
    assert.equal(await rig.api.get(maps('made')), made)
  })

  it('takes the object as JSON would and keeps nothing of the caller', async () => {
    const data: Record<string, string> = { a: '1' }
    const given = { metadata: { name: 'taken', labels: undefined, creationTimestamp: new Date(0) }, data, binaryData: undefined }
    const made = await rig.api.create(maps(), given as never)
    data['a'] = '2'
    assert.deepEqual((made as Any)['data'], { a: '1' })
    assert.equal(made.metadata.labels, undefined)
  })

  it('refuses a name that is taken, a revision on create, a foreign namespace, a missing one', async () => {
    await create('twice')
    assert.equal(await refusal(create('twice')), '409 AlreadyExists: configmaps "twice" already exists')
    assert.equal(
      await refusal(rig.api.create(maps(), { metadata: { name: 'x', resourceVersion: '1' } } as never)),
      '400 BadRequest: resourceVersion should not be set on objects to be created',
    )
    assert.equal(
      await refusal(rig.api.create(maps(), { metadata: { name: 'x', namespace: 'other' } } as never)),
      '400 BadRequest: the namespace of the provided object does not match the namespace sent on the request',
    )
    assert.equal(await refusal(rig.api.create({ ...maps(), namespace: 'nowhere' }, map('x') as never)), '404 NotFound: namespaces "nowhere" not found')
    assert.equal(
      await refusal(rig.api.create(maps(), { metadata: {} } as never)),
      '422 Invalid: ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    )
  })

  it('drops a namespace that a cluster-scoped object says it is in', async () => {
    const made = await rig.api.create({ kind: rig.kind('PriorityClass') }, { metadata: { name: 'p', namespace: 'default' }, value: 1 } as never)
    assert.equal(made.metadata.namespace, undefined)
  })

  it('generates names and tries again when one is taken, eight times at most', async () => {
    const numbers: number[] = []
    const own = await registryRig({ random: n => (numbers.shift() ?? 0) % n })
    const target = { kind: own.kind('ConfigMap'), namespace: 'default' }
    const generate = () => own.api.create(target, { metadata: { generateName: 'x-' } } as never)
    assert.equal((await generate()).metadata.name, 'x-bbbbb')
    numbers.push(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
    assert.equal((await generate()).metadata.name, 'x-ccccc')
    assert.match(await refusal(generate()), /^409 AlreadyExists: configmaps "x-bbbbb" already exists, the server was not able to generate a unique name/)
    await own.close()
  })

  it('refuses a stale update and an other identity, lets one without revision through', async () => {
    const first = await create('stale', { n: '0' })
    const second = (await rig.api.update(maps('stale'), { ...first, data: { n: '1' } })) as Any
    assert.equal(
      await refusal(rig.api.update(maps('stale'), { ...first, data: { n: '2' } })),
      '409 Conflict: Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
    )
    const { resourceVersion: _, ...metadata } = first.metadata
    const third = (await rig.api.update(maps('stale'), { ...first, metadata, data: { n: '3' } } as unknown as Any)) as Any
    assert.deepEqual([second['data'], third['data']], [{ n: '1' }, { n: '3' }])
    assert.match(
      await refusal(rig.api.update(maps('stale'), { ...third, metadata: { ...third.metadata, uid: 'another' } })),
      /^409 Conflict: .*UID in precondition: another/,
    )
    assert.equal(
      await refusal(rig.api.update(maps('stale'), { ...third, metadata: { ...third.metadata, name: 'other' } })),
      '400 BadRequest: the name of the object (other) does not match the name on the URL (stale)',
    )
  })

  it('keeps the revision of an object when nothing changes', async () => {
    const made = await create('same', { a: 'b' })
    assert.equal(await rig.api.update(maps('same'), { ...made }), made)
    assert.equal(await rig.api.patch(maps('same'), { type: 'merge', body: { data: { a: 'b' } } }), made)
  })

  it('creates with PUT only the kinds that allow it', async () => {
    assert.match(await refusal(rig.api.update(maps('none'), map('none') as never)), /^404 NotFound/)
    const lease = { kind: rig.kind('Lease'), namespace: 'default', name: 'l' }
    const made = (await rig.api.update(lease, { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } } as never)) as Any
    assert.equal(made['spec'].holderIdentity, 'me')
  })

  it('wants a revision with a PUT over what is there, for the kinds that upstream wants it for', async () => {
    const budget = { metadata: { name: 'b' }, spec: { selector: {}, maxUnavailable: 1 } }
    const budgets = { kind: rig.kind('PodDisruptionBudget'), namespace: 'default' }
    const made = (await rig.api.create(budgets, budget as never)) as Any
    assert.equal(
      await refusal(rig.api.update({ ...budgets, name: 'b' }, budget as never)),
      '422 Invalid: PodDisruptionBudget.policy "b" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
    assert.equal(await rig.api.update({ ...budgets, name: 'b' }, made), made)
    const runtime = { kind: rig.kind('RuntimeClass'), name: 'r' }
    await rig.api.update(runtime, { metadata: { name: 'r' }, handler: 'r' } as never)
    assert.match(await refusal(rig.api.update(runtime, { metadata: { name: 'r' }, handler: 'r' } as never)), /must be specified for an update$/)
  })

  it('drops unknown fields with a warning, or refuses them', async () => {
    rig.warnings.length = 0
    const made = (await rig.api.create(maps(), { ...map('unknown'), colour: 'red' } as never)) as Any
    assert.equal('colour' in made, false)
    assert.deepEqual(rig.warnings, ['unknown field "colour"'])
    assert.match(
      await refusal(rig.api.create(maps(), { ...map('strict'), colour: 'red' } as never, { fieldValidation: 'Strict' })),
      /^400 BadRequest: .*strict decoding error: unknown field "colour"$/,
    )
    assert.match(await refusal(rig.api.get(maps('strict'))), /^404/)
  })

  it('runs everything on a dry run and stores nothing', async () => {
    const dry = await rig.api.create(maps(), map('dry') as never, { dryRun: true })
    assert.equal(dry.metadata.resourceVersion, undefined)
    assert.ok(dry.metadata.uid)
    assert.match(await refusal(rig.api.get(maps('dry'))), /^404/)
    const made = await create('wet', { a: '1' })
    const patched = (await rig.api.patch(maps('wet'), { type: 'merge', body: { data: { a: '2' } } }, { dryRun: true })) as Any
    assert.deepEqual([patched['data'], patched.metadata.resourceVersion], [{ a: '2' }, made.metadata.resourceVersion])
    await rig.api.delete(maps('wet'), { dryRun: true })
    assert.equal(await rig.api.get(maps('wet')), made)
  })

  it('counts the generation up with the spec only', async () => {
    const sets = { kind: rig.kind('DaemonSet'), namespace: 'default' }
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const made = (await rig.api.create(sets, { metadata: { name: 's' }, spec: { selector: { matchLabels: { a: 'b' } }, template } } as never)) as Any
    const patch = async (body: object, subresource?: string) =>
      ((await rig.api.patch({ ...sets, name: 's', subresource }, { type: 'merge', body })) as Any).metadata['generation']
    assert.equal(made.metadata['generation'], 1)
    assert.equal(await patch({ metadata: { labels: { x: 'y' } } }), 1)
    assert.equal(await patch({ spec: { minReadySeconds: 3 } }), 2)
    assert.equal(await patch({ status: { numberReady: 1 }, spec: { minReadySeconds: 9 } }, 'status'), 2)
    const now = (await rig.api.get({ ...sets, name: 's' })) as Any
    assert.deepEqual([now['spec'].minReadySeconds, now['status'].numberReady], [3, 1])
  })

  it('keeps the status out of the main resource', async () => {
    const nodes = { kind: rig.kind('Node') }
    await rig.api.create(nodes, { metadata: { name: 'n' } } as never)
    await rig.api.patch({ ...nodes, name: 'n' }, { type: 'merge', body: { status: { phase: 'Running' }, metadata: { labels: { a: 'b' } } } })
    const node = (await rig.api.get({ ...nodes, name: 'n' })) as Any
    assert.deepEqual([node['status'].phase, node.metadata.labels], [undefined, { a: 'b' }])
  })

  it('lets every one of many writers of one object through', async () => {
    await create('contended', {})
    await Promise.all(Array.from({ length: 60 }, (_, i) => rig.api.patch(maps('contended'), { type: 'merge', body: { data: { [`k${i}`]: 'v' } } })))
    assert.equal(Object.keys(((await rig.api.get(maps('contended'))) as Any)['data']).length, 60)
  })

  it('creates once and updates then when many put or apply what is missing', async () => {
    const role = { kind: rig.kind('Role'), namespace: 'default', name: 'shared' }
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        rig.api.update(role, { metadata: { name: 'shared' }, rules: [{ apiGroups: [''], resources: [`r${i}`], verbs: ['get'] }] } as never),
      ),
    )
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } }
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        rig.api.patch(maps('applied'), { type: 'apply', body: { ...body, data: { [`k${i}`]: 'v' } } }, { fieldManager: `m${i}` }),
      ),
    )
    assert.equal(Object.keys(((await rig.api.get(maps('applied'))) as Any)['data']).length, 12)
  })

  it('lets exactly one of many creators of one name through', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => create('raced')))
    assert.equal(results.filter(result => result.status === 'fulfilled').length, 1)
  })

  it('lets exactly one of many writers with one revision through', async () => {
    const made = await create('locked', { n: '' })
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => rig.api.update(maps('locked'), { ...made, data: { n: String(i) } })))
    assert.equal(results.filter(result => result.status === 'fulfilled').length, 1)
  })

  it('refuses what is not served: an unknown subresource, a verb the kind lacks, apply', async () => {
    await create('plain')
    assert.match(await refusal(rig.api.get({ ...maps('plain'), subresource: 'status' })), /^404 NotFound: the server could not find the requested resource/)
    assert.match(await refusal(rig.api.list({ kind: rig.registry.served('', 'v1', 'bindings')!.kind as never })), /^405 MethodNotAllowed/)
  })

  it('keeps what is spelled out to be nothing, and counts no change of it', async () => {
    const at = { kind: rig.kind('DaemonSet'), namespace: 'default' }
    const labels = { a: 'b' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i', terminationMessagePolicy: 'File' }] } }
    await rig.api.create(at, { metadata: { name: 'zeros' }, spec: { selector: { matchLabels: labels }, template } } as never)
    const counted = ({ metadata, spec }: Any) => [
      metadata.generation,
      metadata.annotations!['deprecated.daemonset.template.generation'],
      spec.template.spec.hostNetwork,
      spec.minReadySeconds,
    ]
    const patch = (spec: object) => rig.api.patch({ ...at, name: 'zeros' }, { type: 'merge', body: { spec } }) as Promise<Any>
    assert.deepEqual(counted(await patch({ minReadySeconds: 0, template: { spec: { hostNetwork: false } } })), [1, '1', false, 0])
    assert.deepEqual(counted(await patch({ template: { spec: { hostNetwork: null } } })), [1, '1', undefined, 0])
    assert.deepEqual(counted(await patch({ minReadySeconds: 1 })), [2, '1', undefined, 1])
    assert.deepEqual(counted(await patch({ template: { spec: { hostNetwork: true } } })), [3, '2', true, 1])
  })
})
