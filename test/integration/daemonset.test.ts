/** DAEMONSET.md 7.10: the DaemonSet controller and the scheduler of a started server, over HTTPS; the test plays the nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { controllerOf } from '../../src/api/meta/owner.ts'
import type { DaemonSetSpec } from '../../src/api/types/apps/daemon-set.ts'
import { revisionData, revisionHash } from '../../src/judge/daemonset/revision.ts'
import { eventually } from '../support/cluster.ts'
import { OverHttp, type Place } from '../support/over-http.ts'

let over: OverHttp
before(async () => {
  over = await OverHttp.start()
})
after(() => over.close())

type Strategy = NonNullable<DaemonSetSpec['updateStrategy']>
const STRATEGIES: readonly Strategy[] = [{ type: 'OnDelete' }, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }]
const SURGE: Strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
let places = 0

function row(name: string, body: (place: Place) => Promise<void>): void {
  test(`catalogue ${name}`, { timeout: 60_000 }, async () => {
    const place = await over.place(`place${++places}`)
    try {
      await body(place)
    } finally {
      over.marks = () => true
      await place.leave()
    }
  })
}
const both = (name: string, body: (place: Place, strategy: Strategy) => Promise<void>) => {
  for (const strategy of STRATEGIES) row(`${name} (${strategy.type})`, place => body(place, strategy))
}

async function owned(place: Place): Promise<void> {
  const { uid } = (await place.set()).metadata
  for (const pod of await place.pods()) {
    assert.equal(pod.metadata.ownerReferences?.length, 1)
    assert.deepEqual([controllerOf(pod)?.kind, controllerOf(pod)?.uid], ['DaemonSet', uid])
  }
}

both('#379: one node that comes after its set gets one pod', async (place, strategy) => {
  await place.create({ strategy })
  await place.nodes(1)
  await place.settles(1, { numberReady: 1 })
  await owned(place)
})

both('#380: five nodes get five pods', async (place, strategy) => {
  await place.create({ strategy })
  await place.nodes(5)
  await place.settles(5, { numberReady: 5 })
  await owned(place)
})

for (const [number, phase, finalizers] of [
  ['#381', 'Succeeded', undefined],
  ['#382', 'Failed', undefined],
  ['#383', 'Succeeded', ['test.k8s.io/finalizer']],
] as const) {
  both(`${number}: a pod that ends as ${phase} is replaced${finalizers ? ' though a finalizer holds it' : ''}`, async (place, strategy) => {
    await place.nodes(3)
    await place.create({ strategy, ...(finalizers && { finalizers }) })
    await place.settles(3, { numberReady: 3 })
    const [first] = await place.pods()
    await over.setPhase(first!, phase)
    await eventually(
      () => place.active(),
      pods => pods.length === 3 && pods.every(({ metadata }) => metadata.uid !== first!.metadata.uid),
    )
    await place.settles(3, { numberReady: 3 })
    const left = (await place.pods()).some(({ metadata }) => metadata.uid === first!.metadata.uid)
    assert.equal(left, finalizers !== undefined)
  })
}

both('#384: terms of the required affinity are alternatives, by label or by name', async (place, strategy) => {
  const names = await place.nodes(6)
  const zoned = names.slice(2, 4)
  for (const name of zoned) await over.cluster.kubectl('label', 'node', name, 'zone=test')
  const nodeSelectorTerms = [
    { matchExpressions: [{ key: 'zone', operator: 'In', values: ['test'] }] },
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: [names[1]!] }] },
  ]
  await place.create({ strategy, pod: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } })
  await place.settles(3, { numberReady: 3 })
  assert.deepEqual((await place.pods()).map(pod => pod.spec.nodeName).sort(), names.slice(1, 4))
})

both('#385: a node that is not ready and has no taint gets its pod', async (place, strategy) => {
  await place.create({ strategy, pod: { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }] } })
  await place.nodes(1, { ready: false })
  await place.settles(1, { numberReady: 1 })
})

both('#386: a pod that does not fit is created, and the scheduler says why it waits', async (place, strategy) => {
  const requests = { memory: '120M', cpu: '75m' }
  await place.create({ strategy, pod: { containers: [{ name: 'foo', image: 'bar', resources: { requests } }] } })
  await place.node(`${place.name}-small`, { allocatable: { pods: '100', memory: '100M', cpu: '200m' } })
  const [pod] = await eventually(
    () => place.pods(),
    pods =>
      pods[0]?.status.conditions?.some(({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable') ?? false,
  )
  assert.match(pod!.status.conditions!.find(({ type }) => type === 'PodScheduled')!.message!, /Insufficient memory/)
  await place.node(`${place.name}-large`, { allocatable: { pods: '100', memory: '200M', cpu: '2000m' } })
  await place.settles(2, { numberReady: 1 })
})

row('#387: a template whose revision meets a taken name gets another one', async place => {
  await place.nodes(1)
  await place.create({ pod: { terminationGracePeriodSeconds: 1 } })
  await place.settles(1, { numberReady: 1 })
  const set = await place.set()
  const [first] = await place.revisions()
  const next = { ...set, spec: { ...set.spec, template: { ...set.spec.template, spec: { ...set.spec.template.spec!, terminationGracePeriodSeconds: 2 } } } }
  const hash = revisionHash(revisionData(next), set.status.collisionCount)
  await over.api.create(
    { kind: ControllerRevisions, namespace: place.name },
    {
      metadata: { name: `foo-${hash}`, labels: first!.metadata.labels!, ownerReferences: first!.metadata.ownerReferences! },
      data: first!.data!,
      revision: first!.revision + 1,
    },
  )
  await over.api.update({ kind: DaemonSets, namespace: place.name, name: 'foo' }, { ...(await place.set()), spec: next.spec })
  await eventually(
    () => place.active(),
    pods => pods.length === 1 && pods[0]!.spec.terminationGracePeriodSeconds === 2,
  )
  assert.equal((await place.set()).status.collisionCount, (set.status.collisionCount ?? 0) + 1)
})

row('#388: of two revisions with the same data the newest stays, and the pods become its own', async place => {
  await place.nodes(1)
  await place.create()
  await place.settles(1, { numberReady: 1 })
  const [current] = await place.revisions()
  await over.api.create(
    { kind: ControllerRevisions, namespace: place.name },
    {
      metadata: {
        name: 'foo-copy',
        labels: { ...current!.metadata.labels, 'controller-revision-hash': 'copy' },
        ownerReferences: current!.metadata.ownerReferences!,
      },
      data: current!.data!,
      revision: current!.revision + 1,
    },
  )
  await place.nodes(1)
  await eventually(
    async () => ({ pods: await place.pods(), revisions: await place.revisions() }),
    ({ pods, revisions }) =>
      revisions.length === 1 && pods.length === 2 && pods.every(({ metadata }) => metadata.labels?.['controller-revision-hash'] === 'copy'),
  )
  assert.equal((await place.revisions())[0]?.metadata.name, 'foo-copy')
})

both('#389: a tainted node gets its pod when the taint goes', async (place, strategy) => {
  await place.create({ strategy })
  const taints = [{ key: 'key1', value: 'val1', effect: 'NoSchedule' }]
  await place.node(`${place.name}-tainted`, { taints })
  await place.nodes(1)
  await place.settles(1, { numberReady: 1 })
  await over.taint(`${place.name}-tainted`, [])
  await place.settles(2, { numberReady: 2 })
})

both('#390: cordoned nodes and nodes without a network get a daemon of the host network', async (place, strategy) => {
  await place.create({ strategy, pod: { hostNetwork: true, tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }] } })
  await place.node(`${place.name}-cordoned`, { cordoned: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] })
  await place.node(`${place.name}-offline`, {
    ready: false,
    taints: [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }],
    conditions: [{ type: 'NetworkUnavailable', status: 'True' }],
  })
  await place.settles(2, { numberReady: 2 })
})

const zone = (...names: readonly string[]) => names.map(name => ({ key: `zone-${name}`, operator: 'Exists', effect: 'NoSchedule' }))
const zones = (pods: Awaited<ReturnType<Place['pods']>>) =>
  pods.map(({ spec }) => (spec.tolerations ?? []).flatMap(({ key }) => (key?.startsWith('zone-') ? [key.slice(5)] : [])).join('+')).sort()

for (const [number, says, tolerated, first, last] of [
  ['#393', 'z in the place of y', ['z', 'common'], 7, 4],
  ['#394', 'y, z and common', ['y', 'z', 'common'], 7, 6],
  ['#395', 'none', [], undefined, 0],
] as const) {
  row(`${number}${number === '#393' ? ' #392' : ''}: a surge to other tolerations: ${says}`, async place => {
    const nodes = await place.nodes(6)
    for (const [i, name] of ['y', 'y', 'z', 'z', 'common', 'common'].entries()) await over.taint(nodes[i]!, [{ key: `zone-${name}`, effect: 'NoSchedule' }])
    await place.create({ strategy: SURGE, pod: { tolerations: zone('y', 'common') } })
    await place.settles(4, { numberReady: 4, updatedNumberScheduled: 4 })
    assert.deepEqual(zones(await place.active()), Array(4).fill('y+common'))
    const old = new Set((await place.active()).map(({ metadata }) => metadata.uid))
    over.marks = pod => old.has(pod.metadata.uid)
    await place.patch([{ op: 'replace', path: '/spec/template/spec/tolerations', value: zone(...tolerated) }], 'json')
    if (first !== undefined)
      await eventually(
        () => place.active(),
        pods => pods.length === first,
      )
    over.marks = () => true
    await over.markAll()
    await place.settles(last, { numberReady: last, updatedNumberScheduled: last })
    assert.deepEqual(zones(await place.active()), Array(last).fill(tolerated.join('+')))
  })
}
