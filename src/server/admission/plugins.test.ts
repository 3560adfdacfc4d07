import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import { FakeClock } from '../../base/clock.ts'
import { deepFreeze } from '../../base/freeze.ts'

describe('admission', () => {
  let rig: RegistryRig
  const clock = new FakeClock()
  before(async () => {
    rig = await registryRig({ clock })
  })
  after(() => rig.close())

  const pods = (namespace = 'default') => ({ kind: rig.kind('Pod'), namespace })
  let made = 0
  const pod = (spec: object = {}, metadata: object = {}) =>
    rig.api.create(pods(), {
      metadata: { name: `p${made++}`, ...metadata },
      spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    } as never) as Promise<Any>

  it('gives a pod its account, the token of it and its pull secrets', async () => {
    const accounts = { kind: rig.kind('ServiceAccount'), namespace: 'default' }
    await rig.api.create(accounts, { metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'registry' }] } as never)
    const { spec } = await pod({ serviceAccountName: 'puller', initContainers: [{ name: 'i', image: 'i' }] })
    const [volume] = spec.volumes
    assert.match(volume.name, /^kube-api-access-[a-z0-9]{5}$/)
    assert.deepEqual(
      volume.projected.sources.map((source: object) => Object.keys(source)[0]),
      ['serviceAccountToken', 'configMap', 'downwardAPI'],
    )
    const mount = { name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
    assert.deepEqual([spec.containers[0].volumeMounts, spec.initContainers[0].volumeMounts, spec.imagePullSecrets], [[mount], [mount], [{ name: 'registry' }]])
    assert.equal((await pod())['spec'].serviceAccountName, 'default')
  })

  it('mounts no token where the pod, or else its account, says so, or where something is mounted there', async () => {
    const accounts = { kind: rig.kind('ServiceAccount'), namespace: 'default' }
    await rig.api.create(accounts, { metadata: { name: 'closed' }, automountServiceAccountToken: false } as never)
    const path = '/var/run/secrets/kubernetes.io/serviceaccount'
    const volumes = async (spec: object) => ((await pod(spec))['spec'].volumes ?? []).map((volume: { name: string }) => volume.name.slice(0, 15))
    assert.deepEqual(await volumes({ automountServiceAccountToken: false }), [])
    assert.deepEqual(await volumes({ serviceAccountName: 'closed' }), [])
    assert.deepEqual(await volumes({ serviceAccountName: 'closed', automountServiceAccountToken: true }), ['kube-api-access'])
    const own = { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'own', mountPath: path }] }], volumes: [{ name: 'own', emptyDir: {} }] }
    assert.deepEqual(await volumes(own), ['own'])
  })

  it('lets pods of one template share what they are made of, also what it adds', async () => {
    const { template } = deepFreeze({ template: { containers: [{ name: 'c', image: 'i', imagePullPolicy: 'Always', resources: {} }] } })
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 's', uid: 'u', controller: true }]
    const specOf = async () => (await pod(template, { ownerReferences }))['spec']
    const first = await specOf()
    const [third, fourth] = [await specOf(), await specOf()].map(spec => ({ ...spec }))
    assert.deepEqual(fourth, first)
    for (const part of ['containers', 'volumes', 'tolerations']) assert.equal(fourth[part], third[part])
    assert.equal(first.containers[0].volumeMounts.length, 1)
    assert.equal('volumeMounts' in template.containers[0]!, false)
  })

  it('names the volume alike for all pods of one owner', async () => {
    const owner = (uid: string) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 's', uid, controller: true }] })
    const name = async (uid: string) => (await pod({}, owner(uid)))['spec'].volumes[0].name
    assert.equal(await name('u1'), await name('u1'))
    assert.notEqual(await name('u1'), await name('u2'))
  })

  it('refuses an account that does not exist, and waits a moment for the default one', async () => {
    assert.match(
      await refusal(pod({ serviceAccountName: 'nobody' })),
      /^403 Forbidden: .*error looking up service account default\/nobody: serviceaccount "nobody" not found/,
    )
    await rig.api.create({ kind: rig.kind('Namespace') }, { metadata: { name: 'new' } } as never)
    const idle = clock.pending
    const waiting = rig.api.create(pods('new'), { metadata: { name: 'early' }, spec: { containers: [{ name: 'c', image: 'i' }] } } as never)
    while (clock.pending === idle) await new Promise(resolve => setImmediate(resolve))
    await rig.api.create({ kind: rig.kind('ServiceAccount'), namespace: 'new' }, { metadata: { name: 'default' } } as never)
    clock.advance(100)
    assert.equal(((await waiting) as Any)['spec'].serviceAccountName, 'default')
  })

  it('computes the priority from the class, and refuses another one', async () => {
    const classes = { kind: rig.kind('PriorityClass') }
    await rig.api.create(classes, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' } as never)
    const said = async (spec: object) => {
      const { priority, preemptionPolicy, priorityClassName } = (await pod(spec))['spec']
      return [priority, preemptionPolicy, priorityClassName]
    }
    assert.deepEqual(await said({}), [0, 'PreemptLowerPriority', undefined])
    assert.deepEqual(await said({ priorityClassName: 'high' }), [1000, 'Never', 'high'])
    assert.match(await refusal(pod({ priorityClassName: 'none' })), /^403 Forbidden: .*no PriorityClass with name none was found/)
    assert.match(await refusal(pod({ priority: 5 })), /^403 Forbidden: .*the integer value of priority \(5\) must not be provided in pod spec/)
    await rig.api.create(classes, { metadata: { name: 'usual' }, value: 7, globalDefault: true } as never)
    assert.deepEqual(await said({}), [7, 'PreemptLowerPriority', 'usual'])
    assert.match(
      await refusal(rig.api.create(classes, { metadata: { name: 'other' }, value: 8, globalDefault: true } as never)),
      /^403 Forbidden: .*PriorityClass usual is already marked as globalDefault/,
    )
    await rig.api.delete({ ...classes, name: 'usual' })
  })

  it('tolerates dead nodes for five minutes where nothing is said', async () => {
    const keys = async (tolerations?: object[]) => ((await pod({ tolerations }))['spec'].tolerations ?? []).map((t: { key?: string }) => t.key ?? 'all')
    assert.deepEqual(await keys(), ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
    assert.deepEqual(await keys([{ operator: 'Exists' }]), ['all'])
    assert.deepEqual(await keys([{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }]), [
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
    ])
  })

  it('taints a new node as not ready, once', async () => {
    const taints = async (name: string, spec: object) =>
      ((await rig.api.create({ kind: rig.kind('Node') }, { metadata: { name }, spec } as never)) as Any)['spec'].taints
    const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
    assert.deepEqual(await taints('n1', {}), [notReady])
    assert.deepEqual(await taints('n2', { taints: [notReady] }), [notReady])
  })

  it('gives a pod the overhead of its runtime class and where that is found, and lets it say neither otherwise', async () => {
    const classes = { kind: rig.kind('RuntimeClass') }
    const heavy = {
      metadata: { name: 'heavy' },
      handler: 'h',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    }
    for (const made of [heavy, { metadata: { name: 'plain' }, handler: 'p' }]) await rig.api.create(classes, made as never)
    const { spec } = await pod({ runtimeClassName: 'heavy', nodeSelector: { disk: 'ssd' }, overhead: { cpu: '0.25' } })
    assert.deepEqual(
      [spec.overhead, spec.nodeSelector, spec.tolerations.at(-1)],
      [{ cpu: '250m' }, { disk: 'ssd', sandbox: 'yes' }, { key: 'sandbox', operator: 'Exists' }],
    )
    assert.equal((await pod({ runtimeClassName: 'plain' }))['spec'].overhead, undefined)
    const refused = (spec: object) => refusal(pod(spec))
    assert.match(await refused({ runtimeClassName: 'none' }), /^403 Forbidden: pods "p\d+" is forbidden: pod rejected: RuntimeClass "none" not found/)
    assert.match(await refused({ runtimeClassName: 'heavy', overhead: { cpu: '1' } }), /Pod's Overhead doesn't match RuntimeClass's defined Overhead/)
    assert.match(await refused({ runtimeClassName: 'plain', overhead: { cpu: '1' } }), /Pod Overhead set without corresponding RuntimeClass defined Overhead/)
    assert.match(await refused({ overhead: { cpu: '1' } }), /Pod Overhead set without corresponding RuntimeClass defined Overhead/)
    assert.match(
      await refused({ runtimeClassName: 'heavy', nodeSelector: { sandbox: 'no' } }),
      /conflict: runtimeClass.scheduling.nodeSelector\[sandbox\] = yes; pod.spec.nodeSelector\[sandbox\] = no/,
    )
  })
})
