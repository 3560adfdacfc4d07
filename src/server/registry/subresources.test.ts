import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'

const pem = (type: string): string => Buffer.from(`-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`).toString('base64')

describe('a subresource', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const pods = (name?: string, subresource?: string) => ({
    kind: rig.kind('Pod'),
    namespace: 'default',
    ...(name && { name }),
    ...(subresource && { subresource }),
  })
  const pod = (name: string, labels: Record<string, string> = {}, spec: object = {}) =>
    rig.api.create(pods(), { metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } } as never) as Promise<Any>
  const bind = (name: string, node = 'n1') => rig.api.post(pods(name, 'binding'), { metadata: { name }, target: { kind: 'Node', name: node } })
  const ready = (name: string) =>
    rig.api.patch(pods(name, 'status'), { type: 'merge', body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } } })

  it('binding puts a pod on a node, once', async () => {
    const made = await pod('bound')
    assert.deepEqual(await bind('bound'), { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
    const found = (await rig.api.get(pods('bound'))) as Any
    assert.deepEqual(
      [found['spec'].nodeName, found['status'].conditions, found.metadata['generation']],
      ['n1', [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }], made.metadata['generation']],
    )
    assert.equal(
      await refusal(bind('bound', 'n2')),
      '409 Conflict: Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n1"',
    )
    assert.match(await refusal(rig.api.post(pods('bound', 'binding'), { target: {} })), /^422 Invalid: Binding "bound" is invalid: target.name: Required value/)
    assert.match(await refusal(bind('nobody')), /^404 NotFound: pods "nobody" not found/)
  })

  it('binding also goes through the collection of bindings', async () => {
    await pod('gathered')
    const bindings = { group: '', version: 'v1', kind: 'Binding', resource: 'bindings', namespaced: true }
    await rig.api.create({ kind: bindings, namespace: 'default' }, { metadata: { name: 'gathered' }, target: { name: 'n3' } } as never)
    assert.equal(((await rig.api.get(pods('gathered'))) as Any)['spec'].nodeName, 'n3')
  })

  it('a pod that is bound is expected on no other node any more', async () => {
    await pod('expected')
    await rig.api.patch(pods('expected', 'status'), { type: 'merge', body: { status: { nominatedNodeName: 'n7' } } })
    await bind('expected')
    assert.equal(((await rig.api.get(pods('expected'))) as Any)['status'].nominatedNodeName, undefined)
  })

  it('eviction of either version begins the deletion and says so on the pod', async () => {
    for (const version of ['v1', 'v1beta1']) {
      const name = `evicted-${version}`
      await pod(name)
      await bind(name)
      await rig.api.post(pods(name, 'eviction'), { apiVersion: `policy/${version}`, kind: 'Eviction', metadata: { name } })
      const { metadata, status } = (await rig.api.get(pods(name))) as Any
      assert.deepEqual([metadata.deletionGracePeriodSeconds, status.conditions.at(-1).reason], [30, 'EvictionByEvictionAPI'])
    }
    await pod('dry')
    await rig.api.post(pods('dry', 'eviction'), { metadata: { name: 'dry' }, deleteOptions: { dryRun: ['All'] } })
    assert.equal(((await rig.api.get(pods('dry'))) as Any).metadata.deletionTimestamp, undefined)
    assert.match(await refusal(rig.api.post(pods('dry', 'eviction'), { metadata: { name: 'wet' } })), /^400 BadRequest: name in URL does not match/)
  })

  it('eviction waits for its disruption budget', async () => {
    const budgets = { kind: rig.kind('PodDisruptionBudget'), namespace: 'default' }
    await rig.api.create(budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } } } as never)
    for (const name of ['x1', 'x2']) {
      await pod(name, { app: 'x' })
      await bind(name)
      await ready(name)
    }
    const evict = (name: string) => rig.api.post(pods(name, 'eviction'), { metadata: { name } })
    const said = (name: string) =>
      evict(name).then(
        () => 'evicted',
        error => [error.status.code, error.status.details.causes[0].message],
      )
    const status = (status: object) => rig.api.patch({ ...budgets, name: 'b', subresource: 'status' }, { type: 'merge', body: { status } })
    assert.deepEqual(await said('x1'), [429, 'The disruption budget b is still being processed by the server.'])
    await status({ observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 })
    assert.deepEqual(await said('x1'), [429, 'The disruption budget b needs 1 healthy pods and has 1 currently'])
    await status({ disruptionsAllowed: 1, currentHealthy: 2 })
    assert.equal(await said('x1'), 'evicted')
    const budget = (await rig.api.get({ ...budgets, name: 'b' })) as Any
    assert.deepEqual([budget['status'].disruptionsAllowed, Object.keys(budget['status'].disruptedPods)], [0, ['x1']])
    assert.deepEqual(await said('x2'), [429, 'The disruption budget b needs 1 healthy pods and has 2 currently'])
    await rig.api.create(budgets, { metadata: { name: 'b2' }, spec: { minAvailable: 1, selector: {} } } as never)
    assert.match(await refusal(evict('x2')), /^500 InternalError: This pod has more than one PodDisruptionBudget/)
    await rig.api.deleteCollection(budgets)
  })

  it('ephemeral containers are added and stay', async () => {
    await pod('debugged')
    const add = (...names: string[]) =>
      rig.api.patch(pods('debugged', 'ephemeralcontainers'), {
        type: 'merge',
        body: { spec: { ephemeralContainers: names.map(name => ({ name, image: 'busybox' })), hostNetwork: true } },
      }) as Promise<Any>
    const patched = await add('d1')
    assert.deepEqual([patched['spec'].ephemeralContainers.length, patched['spec'].hostNetwork], [1, undefined])
    assert.match(await refusal(add('d2')), /^422 Invalid: .*existing ephemeral containers "d1" may not be removed/)
  })

  it('a resize changes the resources of containers, and nothing else', async () => {
    const limits = { cpu: '1', memory: '1Gi' }
    const spec = { containers: [{ name: 'c', image: 'i', resources: { limits: { ...limits, 'example.org/thing': '1' }, requests: { cpu: '100m' } } }] }
    await rig.api.create({ kind: rig.kind('Pod'), namespace: 'default' }, { metadata: { name: 'resized' }, spec } as never)
    const resize = (resources: object) =>
      rig.api.patch(pods('resized', 'resize'), {
        type: 'strategic',
        body: { metadata: { labels: { a: 'b' } }, spec: { hostNetwork: true, containers: [{ name: 'c', image: 'other', resources }] } },
      }) as Promise<Any>
    const { metadata, spec: after } = await resize({ requests: { cpu: '200m' }, limits: { cpu: '2' } })
    assert.deepEqual(
      [metadata['generation'], metadata['labels'], after.hostNetwork, after.containers[0].image, after.containers[0].resources.requests.cpu],
      [2, undefined, undefined, 'i', '200m'],
    )
    assert.deepEqual(after.containers[0].resources.limits, { cpu: '2', memory: '1Gi', 'example.org/thing': '1' })
    for (const [resources, why] of [
      [{ limits: { memory: null } }, /^422 Invalid: .*spec\.containers\[0\]\.resources\.limits: Forbidden: resource limits cannot be removed/],
      [
        { limits: { 'example.org/thing': '2' }, requests: { 'example.org/thing': '2' } },
        /^422 Invalid: .*spec: Forbidden: only cpu and memory resources are mutable/,
      ],
      [{ requests: { cpu: '2', memory: '1Gi' } }, /^422 Invalid: .*Pod QOS Class may not change as a result of resizing/],
      [{ requests: { cpu: '3' } }, /^422 Invalid: .*must be less than or equal to cpu limit/],
    ] as const) {
      assert.match(await refusal(resize(resources)), why)
    }
  })

  it('scale reads and writes the replicas alone', async () => {
    const sets = { kind: rig.kind('ReplicaSet'), namespace: 'default', name: 'r' }
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await rig.api.create({ kind: sets.kind, namespace: 'default' }, {
      metadata: { name: 'r' },
      spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
    } as never)
    const scale = { ...sets, subresource: 'scale' }
    const read = (await rig.api.get(scale)) as Any
    assert.deepEqual([read.kind, read['spec'], read['status']], ['Scale', { replicas: 2 }, { replicas: 0, selector: 'a=b' }])
    await rig.api.update(scale, { ...read, spec: { replicas: 5 } })
    await rig.api.patch(scale, { type: 'merge', body: { spec: { replicas: 6 } } })
    const { spec, metadata } = (await rig.api.get(sets)) as Any
    assert.deepEqual([spec.replicas, spec.selector, metadata.generation], [6, { matchLabels: { a: 'b' } }, 3])
    assert.match(await refusal(rig.api.update(scale, read)), /^409 Conflict/)
    assert.match(
      await refusal(rig.api.patch(scale, { type: 'merge', body: { spec: { replicas: -1 } } })),
      /^422 Invalid: Scale.autoscaling "r" is invalid: spec.replicas/,
    )
  })

  it('of a certificate request: who decides does not sign, who signs does not decide', async () => {
    const requests = { kind: rig.kind('CertificateSigningRequest') }
    const spec = {
      request: pem('CERTIFICATE REQUEST'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      username: 'root',
    }
    const made = (await rig.api.create(requests, { metadata: { name: 'c' }, spec } as never)) as Any
    assert.deepEqual([made['spec'].username, made['spec'].groups], ['alice', ['system:masters']])
    const patch = (subresource: string, status: object) =>
      rig.api.patch({ ...requests, name: 'c', subresource }, { type: 'merge', body: { status } }) as Promise<Any>
    const approved = { type: 'Approved', status: 'True', reason: 'Me', message: '' }
    assert.deepEqual((await patch('status', { conditions: [approved] }))['status'], {})
    const decided = await patch('approval', { conditions: [approved], certificate: pem('CERTIFICATE') })
    assert.deepEqual([decided['status'].conditions.length, decided['status'].certificate], [1, undefined])
    const signed = await patch('status', { certificate: pem('CERTIFICATE'), conditions: [] })
    assert.deepEqual([signed['status'].conditions.length, signed['status'].certificate], [1, pem('CERTIFICATE')])
  })
})
