import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployments } from '../../api/kinds/apps/deployment.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { REVISION } from '../../judge/deployment/revisions.ts'
import { aNode } from '../../judge/scheduling/terse-world.ts'
import { runReplicaSetController } from '../replicaset/controller.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runDeploymentController } from './controller.ts'

const at = { kind: Deployments, namespace: 'default', name: 'web' }
const templateOf = (image: string): Deployment['spec']['template'] => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image }] },
})
const put = (world: ControllerWorld, spec: Partial<Deployment['spec']> = {}, annotations: Readonly<Record<string, string>> = {}) =>
  world.api.put<Deployment>('deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', generation: 1, annotations },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: templateOf('v1'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 600,
      ...spec,
    },
    status: {},
  })
const change = (world: ControllerWorld, spec: object) => world.api.patch(at, { type: 'merge', body: { spec } })
const all = <T>(world: ControllerWorld, resource: string) => [...world.api.all(resource).values()] as unknown as readonly T[]
const images = (world: ControllerWorld) =>
  all<Pod>(world, 'pods')
    .map(({ spec }) => spec.containers[0]!.image)
    .sort()
    .join(' ')
const sets = (world: ControllerWorld) =>
  all<ReplicaSet>(world, 'replicasets')
    .map(({ metadata, spec }) => `${spec.template?.spec?.containers[0]?.image} r${metadata.annotations?.[REVISION]} x${spec.replicas}`)
    .sort()
const current = (world: ControllerWorld) => world.api.all('deployments').get('default/web') as unknown as Deployment
const condition = (world: ControllerWorld, type: string) => {
  const found = current(world).status.conditions?.find(other => other.type === type)
  return `${found?.status} ${found?.reason}`
}

/** Makes waiting pods ready, one round; says how many there were. */
async function makeReady(world: ControllerWorld, image?: string): Promise<number> {
  let count = 0
  for (const pod of all<Pod>(world, 'pods')) {
    if (pod.status.conditions || (image && pod.spec.containers[0]!.image !== image)) continue
    count++
    world.api.put('pods', {
      ...pod,
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeOf(world.clock.now()) }] },
    })
  }
  await world.settle()
  return count
}
async function untilReady(world: ControllerWorld): Promise<void> {
  await world.settle()
  for (let i = 0; i < 20 && (await makeReady(world)) > 0; i++) await world.settle()
  await world.settle()
}
const begin = (world: ControllerWorld, start: (controller: Promise<void>) => void) => {
  start(runDeploymentController(world))
  start(runReplicaSetController(world))
}

test('a Deployment gets a set, the set its pods, and the status says when it is done', () =>
  inWorld(async (world, start) => {
    put(world)
    begin(world, start)
    await world.settle()
    assert.deepEqual(sets(world), ['v1 r1 x3'])
    assert.equal(images(world), 'v1 v1 v1')
    assert.equal(condition(world, 'Available'), 'False MinimumReplicasUnavailable')
    await untilReady(world)
    const { conditions, ...counts } = current(world).status
    assert.deepEqual(counts, { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, terminatingReplicas: 0 })
    assert.equal(condition(world, 'Available'), 'True MinimumReplicasAvailable')
    assert.equal(condition(world, 'Progressing'), 'True NewReplicaSetAvailable')
    assert.equal(current(world).metadata.annotations?.[REVISION], '1')
    const writes = world.api.lines.length
    await world.pass(60_000, 10_000)
    assert.equal(world.api.lines.length, writes, 'what is done is left alone')
  }))

test('a roll keeps within surge and unavailability, numbers its sets, and forgets beyond the limit', () =>
  inWorld(async (world, start) => {
    put(world)
    begin(world, start)
    await untilReady(world)
    await change(world, { template: templateOf('v2') })
    await world.settle()
    assert.deepEqual(sets(world), ['v1 r1 x2', 'v2 r2 x2'])
    for (let i = 0; i < 8; i++) {
      const pods = all<Pod>(world, 'pods')
      assert.ok(pods.length <= 4, 'at most one more')
      assert.ok(pods.filter(({ status }) => status.conditions).length >= 2, 'at most one less')
      await makeReady(world)
    }
    assert.deepEqual(sets(world), ['v1 r1 x0', 'v2 r2 x3'])
    await change(world, { template: templateOf('v3') })
    await untilReady(world)
    assert.deepEqual(sets(world), ['v2 r2 x0', 'v3 r3 x3'])
    assert.equal(images(world), 'v3 v3 v3')
  }))

test('going back uses the set that there was, under a new number', () =>
  inWorld(async (world, start) => {
    put(world, { revisionHistoryLimit: 10 })
    begin(world, start)
    await untilReady(world)
    await change(world, { template: templateOf('v2') })
    await untilReady(world)
    await change(world, { template: templateOf('v1') })
    await untilReady(world)
    assert.deepEqual(sets(world), ['v1 r3 x3', 'v2 r2 x0'])
    const [first] = all<ReplicaSet>(world, 'replicasets').filter(({ spec }) => spec.replicas === 3)
    assert.equal(first?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1')
    assert.equal(current(world).metadata.annotations?.[REVISION], '3')
  }))

test('a bad version stops the roll, and is said to be late after the deadline', () =>
  inWorld(async (world, start) => {
    put(world)
    begin(world, start)
    await untilReady(world)
    await change(world, { template: templateOf('bad') })
    await world.settle()
    assert.equal(images(world), 'bad bad v1 v1')
    await world.pass(610_000, 10_000)
    assert.equal(images(world), 'bad bad v1 v1')
    assert.equal(condition(world, 'Progressing'), 'False ProgressDeadlineExceeded')
    await change(world, { template: templateOf('v1') })
    await untilReady(world)
    assert.equal(images(world), 'v1 v1 v1')
    assert.equal(condition(world, 'Progressing'), 'True NewReplicaSetAvailable')
  }))

test('Recreate takes all old pods away before it makes new ones', () =>
  inWorld(async (world, start) => {
    put(world, { strategy: { type: 'Recreate' } })
    begin(world, start)
    await untilReady(world)
    for (const pod of all<Pod>(world, 'pods')) world.api.put('pods', { ...pod, spec: { ...pod.spec, nodeName: 'n1' } })
    await change(world, { template: templateOf('v2') })
    await world.settle()
    assert.equal(images(world), 'v1 v1 v1')
    assert.ok(all<Pod>(world, 'pods').every(({ metadata }) => metadata.deletionTimestamp))
    for (const key of [...world.api.all('pods').keys()]) world.api.drop('pods', key)
    await untilReady(world)
    assert.equal(images(world), 'v2 v2 v2')
  }))

test('a paused Deployment scales and does not roll', () =>
  inWorld(async (world, start) => {
    put(world)
    begin(world, start)
    await untilReady(world)
    await change(world, { paused: true, replicas: 5, template: templateOf('v2') })
    await untilReady(world)
    assert.equal(images(world), 'v1 v1 v1 v1 v1')
    assert.equal(condition(world, 'Progressing'), 'Unknown DeploymentPaused')
    await change(world, { paused: false })
    await untilReady(world)
    assert.equal(images(world), 'v2 v2 v2 v2 v2')
  }))

test('scaling in the middle of a roll is shared out between old and new', () =>
  inWorld(async (world, start) => {
    put(world, { replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 2 } } })
    begin(world, start)
    await untilReady(world)
    await change(world, { template: templateOf('bad') })
    await world.settle()
    assert.deepEqual(sets(world), ['bad r2 x4', 'v1 r1 x8'])
    await change(world, { replicas: 20 })
    await world.settle()
    const [bad, good] = sets(world).map(text => Number(text.split('x')[1]))
    assert.equal(bad! + good!, 22)
    assert.ok(good! >= 14 && bad! >= 6, `${bad} and ${good}`)
  }))

test('a deleted pod is replaced, and orphans that match are adopted', () =>
  inWorld(async (world, start) => {
    put(world)
    begin(world, start)
    await untilReady(world)
    world.api.drop('pods', [...world.api.all('pods').keys()][0]!)
    await untilReady(world)
    assert.equal(images(world), 'v1 v1 v1')
    const [pod] = all<Pod>(world, 'pods')
    const { ownerReferences: _, ...metadata } = pod!.metadata
    world.api.put('pods', { ...pod, metadata })
    await untilReady(world)
    assert.ok(all<Pod>(world, 'pods').every(({ metadata }) => metadata.ownerReferences?.length === 1))
    assert.equal(images(world), 'v1 v1 v1')
  }))

test('replicas follow the nodes that the annotation selects', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1', { labels: { role: 'edge' } }))
    world.api.put('nodes', aNode('n2'))
    put(world, { replicas: 7 }, { 'everynode.dev/replicas-follow-nodes': 'role=edge' })
    begin(world, start)
    await untilReady(world)
    assert.equal(current(world).spec.replicas, 1)
    world.api.put('nodes', aNode('n2', { labels: { role: 'edge' } }))
    world.api.put('nodes', aNode('n3', { labels: { role: 'edge' } }))
    await untilReady(world)
    assert.equal(images(world), 'v1 v1 v1')
    world.api.drop('nodes', 'n1')
    await untilReady(world)
    assert.equal(images(world), 'v1 v1')
    await world.api.patch(at, { type: 'merge', body: { metadata: { annotations: { 'everynode.dev/replicas-follow-nodes': 'role in' } } } })
    await untilReady(world)
    assert.equal(images(world), 'v1 v1')
    assert.match(
      world.events.at(-1) ?? '',
      /^Warning InvalidReplicasFollowNodes default\/web: annotation everynode.dev\/replicas-follow-nodes is not a label selector: /,
    )
  }))
