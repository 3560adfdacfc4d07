import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeOf } from '../../api/meta/time.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { aNode, aPod } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runNodeLifecycleController } from './controller.ts'
import { runTaintEvictionController } from './taint-eviction.ts'

const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }]
const readyNode = (name: string): Node => ({ ...aNode(name), status: { ...aNode(name).status, conditions: READY } })
const renew = (world: ControllerWorld, ...names: readonly string[]) => {
  for (const name of names)
    world.api.put('leases', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { renewTime: timeOf(world.clock.now()) },
    })
}
const readinessAndTaints = (world: ControllerWorld, name: string) => {
  const node = world.api.all('nodes').get(name) as Node
  const taints = (node.spec.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)
  return [node.status.conditions?.find(({ type }) => type === 'Ready')?.status, ...taints].join(' ')
}
const readyPod = (name: string, on: string, tolerationSeconds?: number): Pod => {
  const tolerations = tolerationSeconds === undefined ? [] : [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds }]
  const pod = aPod(name, { on, spec: { tolerations } })
  return { ...pod, status: { ...pod.status, conditions: READY } }
}

test('a node whose lease stands still for the grace period becomes unknown, is tainted, and its pods are not ready', () =>
  inWorld(async (world, start) => {
    for (const name of ['n1', 'n2', 'n3']) world.api.put('nodes', readyNode(name))
    world.api.put('pods', readyPod('a', 'n1'))
    renew(world, 'n1', 'n2', 'n3')
    start(runNodeLifecycleController(world))
    await world.settle()
    for (let i = 0; i < 4; i++) {
      await world.pass(10_000)
      renew(world, 'n2', 'n3')
    }
    assert.equal(readinessAndTaints(world, 'n1'), 'True', 'not before the grace period is over')
    await world.pass(6_000)
    assert.equal(readinessAndTaints(world, 'n1'), 'Unknown unreachable:NoSchedule unreachable:NoExecute')
    assert.equal(readinessAndTaints(world, 'n2'), 'True')
    const pod = world.api.all('pods').get('default/a') as Pod
    assert.deepEqual(
      pod.status.conditions?.map(({ type, status }) => [type, status]),
      [['Ready', 'False']],
    )
    assert.deepEqual(world.events, ['Normal NodeNotReady n1: Node n1 status is now: NodeNotReady', 'Warning NodeNotReady default/a: Node is not ready'])
    renew(world, 'n1', 'n2', 'n3')
    await world.settle()
    world.api.put('nodes', { ...(world.api.all('nodes').get('n1') as Node), status: { conditions: READY } })
    await world.pass(1_000)
    assert.equal(readinessAndTaints(world, 'n1'), 'True')
  }))

test('the time in which nodes may have to wait until they are heard is not silence, up to two minutes of it', () =>
  inWorld(async (world, start) => {
    for (const name of ['n1', 'n2']) world.api.put('nodes', readyNode(name))
    renew(world, 'n1', 'n2')
    let crowded = true
    start(runNodeLifecycleController({ ...world, crowded: () => crowded }))
    await world.settle()
    const silentFor = async (seconds: number) => {
      for (let i = 0; i < seconds; i += 5) {
        await world.pass(5_000)
        renew(world, 'n2')
      }
      return readinessAndTaints(world, 'n1')
    }
    assert.equal(await silentFor(60), 'True')
    crowded = false
    assert.equal(await silentFor(35), 'True')
    crowded = true
    assert.equal(await silentFor(60), 'True', 'the crowd is back')
    assert.equal(await silentFor(15), 'Unknown unreachable:NoSchedule unreachable:NoExecute', 'and stays')
    assert.equal(readinessAndTaints(world, 'n2'), 'True')
  }))

test('nodes that fall silent together are evicted one after the other, and not at all when nobody is heard of', () =>
  inWorld(async (world, start) => {
    for (const name of ['n1', 'n2', 'n3']) world.api.put('nodes', readyNode(name))
    renew(world, 'n1', 'n2', 'n3')
    start(runNodeLifecycleController(world))
    await world.settle()
    for (let i = 0; i < 5; i++) {
      renew(world, 'n3')
      await world.pass(9_000)
    }
    renew(world, 'n3')
    const evicting = () => ['n1', 'n2', 'n3'].filter(name => readinessAndTaints(world, name).includes('NoExecute')).length
    assert.equal(evicting(), 1)
    await world.pass(11_000)
    assert.equal(evicting(), 2)
    await world.pass(45_000)
    assert.deepEqual(
      ['n1', 'n2', 'n3'].map(name => readinessAndTaints(world, name)),
      Array(3).fill('Unknown unreachable:NoSchedule'),
    )
  }))

test('a lease renewal writes nothing', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', readyNode('n1'))
    start(runNodeLifecycleController(world))
    for (let i = 0; i < 30; i++) {
      renew(world, 'n1')
      await world.pass(10_000, 10_000)
    }
    assert.deepEqual(world.api.lines, [])
  }))

test('a NoExecute taint deletes pods that do not tolerate it, at once or when their time is over', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', readyNode('n1'))
    world.api.put('pods', readyPod('never', 'n1'))
    world.api.put('pods', readyPod('a-minute', 'n1', 60))
    world.api.put('pods', readyPod('two-minutes', 'n1', 120))
    start(runTaintEvictionController(world))
    await world.settle()
    world.api.put('nodes', aNode('n1', { taints: ['gone:NoExecute'] }))
    await world.settle()
    const deleted = () => world.api.lines.filter(line => line.startsWith('delete')).map(line => line.slice('delete pods default/'.length))
    assert.deepEqual(deleted(), ['never'])
    await world.pass(59_000)
    assert.deepEqual(deleted(), ['never'])
    await world.pass(2_000)
    assert.deepEqual(deleted(), ['never', 'a-minute'])
    world.api.put('nodes', aNode('n1'))
    await world.pass(120_000)
    assert.deepEqual(deleted(), ['never', 'a-minute'])
    assert.deepEqual(world.events.at(-1), 'Normal TaintManagerEviction default/two-minutes: Cancelling deletion of Pod default/two-minutes')
  }))
