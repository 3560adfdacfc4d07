import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OwnerReference } from '../../api/types/meta.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { aPod } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runDisruptionController } from './controller.ts'

const putPod = (world: ControllerWorld, name: string, ready: boolean, owner?: OwnerReference) => {
  const pod = aPod(name, { on: 'n1', labels: { app: 'a' } })
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }]
  world.api.put('pods', { ...pod, metadata: { ...pod.metadata, ...(owner && { ownerReferences: [owner] }) }, status: { ...pod.status, conditions } })
}
const putBudget = (world: ControllerWorld, spec: Partial<PodDisruptionBudget['spec']>) =>
  world.api.put('poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default', generation: 1 },
    spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
    status: {},
  })
const owner = (kind: string, name: string): OwnerReference => ({ apiVersion: 'apps/v1', kind, name, uid: `${name}-uid`, controller: true })
const seen = (world: ControllerWorld) => {
  const { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed } = (
    world.api.all('poddisruptionbudgets').get('default/b') as unknown as PodDisruptionBudget
  ).status
  return `${currentHealthy}/${desiredHealthy} of ${expectedPods}, allows ${disruptionsAllowed}`
}

test('a budget follows its pods and what their Deployment wants', () =>
  inWorld(async (world, start) => {
    const deployment = (replicas: number) =>
      world.api.put('deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'default' }, spec: { replicas }, status: {} })
    deployment(4)
    const metadata = { name: 'rs', namespace: 'default', ownerReferences: [owner('Deployment', 'd')] }
    world.api.put('replicasets', { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas: 2 }, status: {} })
    for (const name of ['a', 'b', 'c', 'd']) putPod(world, name, true, owner('ReplicaSet', 'rs'))
    putBudget(world, { maxUnavailable: '25%' })
    start(runDisruptionController(world))
    await world.settle()
    assert.equal(seen(world), '4/3 of 4, allows 1')
    putPod(world, 'a', false, owner('ReplicaSet', 'rs'))
    await world.settle()
    assert.equal(seen(world), '3/3 of 4, allows 0')
    deployment(2)
    await world.settle()
    assert.equal(seen(world), '3/1 of 2, allows 2')
    const writes = world.api.lines.length
    await world.pass(10_000)
    assert.equal(world.api.lines.length, writes)
  }))

test('daemons count as what their set wants, and pods of nobody cannot be counted', () =>
  inWorld(async (world, start) => {
    world.api.put('daemonsets', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'ds', namespace: 'default' },
      spec: {},
      status: { desiredNumberScheduled: 3 },
    })
    for (const name of ['a', 'b', 'c']) putPod(world, name, true, owner('DaemonSet', 'ds'))
    putBudget(world, { maxUnavailable: 1 })
    start(runDisruptionController(world))
    await world.settle()
    assert.equal(seen(world), '3/2 of 3, allows 1')
    putPod(world, 'stray', true)
    await world.settle()
    assert.equal(seen(world), '3/2 of 3, allows 0')
    assert.deepEqual(world.events, [
      'Warning CalculateExpectedPodCountFailed default/b: Failed to calculate the number of expected pods: found no controller ref for pod "stray"',
    ])
  }))

test('an eviction allowed meanwhile is not forgotten', () =>
  inWorld(async (world, start) => {
    putPod(world, 'a', true)
    putPod(world, 'b', true)
    putBudget(world, { minAvailable: 1 })
    start(runDisruptionController(world))
    await world.settle()
    assert.equal(seen(world), '2/1 of 2, allows 1')
    const budget = world.api.all('poddisruptionbudgets').get('default/b') as unknown as PodDisruptionBudget
    const disruptedPods = { a: '2026-01-01T00:00:00Z' }
    world.api.put('poddisruptionbudgets', { ...budget, status: { ...budget.status, disruptionsAllowed: 0, disruptedPods } })
    await world.settle()
    assert.equal(seen(world), '1/1 of 2, allows 0')
    await world.pass(121_000, 10_000)
    assert.equal(seen(world), '2/1 of 2, allows 1')
  }))
