import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unavailable } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { aNode, aPod, onNodes } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runSchedulerController } from './controller.ts'

const nodeOf = (world: ControllerWorld, key: string) => (world.api.all('pods').get(key) as Pod).spec.nodeName
const conditionOf = (world: ControllerWorld, key: string) =>
  (world.api.all('pods').get(key) as Pod).status.conditions?.find(({ type }) => type === 'PodScheduled')

test('a pod is bound to a node and the event says which', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1'))
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('a'))
    await world.settle()
    assert.equal(nodeOf(world, 'default/a'), 'n1')
    assert.deepEqual(world.events, ['Normal Scheduled default/a: Successfully assigned default/a to n1'])
  }))

test('two pods do not share the room of one, and the second says what it waits for until the room is free', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1'))
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('a', { wants: { cpu: '3' } }))
    world.api.put('pods', aPod('b', { wants: { cpu: '3' } }))
    await world.settle()
    assert.equal(nodeOf(world, 'default/b'), undefined)
    const { type, status, reason, message } = conditionOf(world, 'default/b')!
    assert.deepEqual(
      { type, status, reason, message },
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
      },
    )
    world.api.drop('pods', 'default/a')
    await world.pass(2000)
    assert.equal(nodeOf(world, 'default/b'), 'n1')
  }))

test('a daemon pod waits for its own node, and another node does not wake it', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1'))
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('a', { spec: onNodes(['metadata.name In n2']) }))
    await world.settle()
    const attempts = world.events.length
    world.api.put('nodes', aNode('n3'))
    await world.pass(20_000)
    assert.equal(world.events.length, attempts)
    world.api.put('nodes', aNode('n2'))
    await world.settle()
    assert.equal(nodeOf(world, 'default/a'), 'n2')
  }))

test('pods of other schedulers, with gates, or already going are left alone', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1'))
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('other', { spec: { schedulerName: 'mine' } }))
    world.api.put('pods', aPod('gated', { spec: { schedulingGates: [{ name: 'wait' }] } }))
    world.api.put('pods', aPod('going', { terminating: true }))
    await world.settle()
    assert.deepEqual(world.api.lines, [])
    world.api.put('pods', aPod('gated'))
    await world.settle()
    assert.equal(nodeOf(world, 'default/gated'), 'n1')
  }))

test('the most important pod is placed first', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1', { gives: { pods: '1' } }))
    for (const [name, priority] of [
      ['low', 1],
      ['high', 100],
      ['middle', 50],
    ] as const)
      world.api.put('pods', aPod(name, { priority }))
    start(runSchedulerController(world))
    await world.settle()
    assert.equal(world.api.lines[0], 'post pods/binding default/high')
  }))

test('a binding that fails gives its room back and is tried again after a pause', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1', { gives: { pods: '1' } }))
    let failures = 1
    world.api.refuse = line => (line.startsWith('post pods/binding') && failures-- > 0 ? unavailable('not now') : undefined)
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('a'))
    await world.settle()
    assert.equal(nodeOf(world, 'default/a'), undefined)
    await world.pass(1000)
    assert.equal(nodeOf(world, 'default/a'), 'n1')
  }))

test('an important pod sends a lesser one away with its grace, is promised the node, and gets it', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', aNode('n1', { gives: { pods: '1' } }))
    world.api.put('pods', aPod('low', { on: 'n1', priority: 0 }))
    start(runSchedulerController(world))
    await world.settle()
    world.api.put('pods', aPod('high', { priority: 100 }))
    await world.settle()
    const low = world.api.all('pods').get('default/low') as Pod
    assert.equal(low.metadata.deletionGracePeriodSeconds, 30)
    assert.equal(low.status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason, 'PreemptionByScheduler')
    assert.equal((world.api.all('pods').get('default/high') as Pod).status.nominatedNodeName, 'n1')
    world.api.put('pods', aPod('middle', { priority: 50 }))
    await world.pass(20_000)
    assert.equal(world.api.lines.filter(line => line.startsWith('delete')).length, 1)
    world.api.drop('pods', 'default/low')
    await world.pass(12_000)
    assert.equal(nodeOf(world, 'default/high'), 'n1')
    assert.equal(nodeOf(world, 'default/middle'), undefined)
    assert.ok(world.events.includes('Normal Preempted default/low: Preempted by pod default/high on node n1'))
  }))

test('a hundred copies that wait for room are looked at anew when some comes, and as many get it as there is room for', () =>
  inWorld(async (world, start) => {
    for (const name of ['n1', 'n2']) world.api.put('nodes', aNode(name, { gives: { pods: '1' } }))
    world.api.put('pods', aPod('first', { on: 'n1' }))
    world.api.put('pods', aPod('second', { on: 'n2' }))
    start(runSchedulerController(world))
    for (let i = 0; i < 100; i++) world.api.put('pods', aPod(`copy-${i}`))
    await world.pass(1000)
    const placed = () => [...world.api.all('pods').values()].filter(pod => (pod as Pod).spec.nodeName).length
    assert.equal(placed(), 2)
    assert.equal(new Set([...world.api.all('pods').keys()].map(key => conditionOf(world, key)?.message)).size, 2, 'all say the same')
    world.api.put('nodes', aNode('n3', { gives: { pods: '2' } }))
    world.api.drop('pods', 'default/first')
    await world.pass(11_000)
    assert.equal(placed(), 4)
  }))
