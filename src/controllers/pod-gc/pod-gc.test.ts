import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { aNode, aPod, type PodWords } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runPodGcController } from './controller.ts'

type Words = PodWords & { readonly evicted?: boolean; readonly age?: number }
const put = (world: ControllerWorld, name: string, words: Words) => {
  const pod = aPod(name, words)
  const creationTimestamp = `2025-01-01T00:00:${String(words.age ?? 0).padStart(2, '0')}Z`
  world.api.put('pods', { ...pod, metadata: { ...pod.metadata, creationTimestamp }, status: { ...pod.status, ...(words.evicted && { reason: 'Evicted' }) } })
}
const node = (name: string, isReady: boolean, taints: readonly string[] = []): Node => {
  const plain = aNode(name, { taints })
  return { ...plain, status: { ...plain.status, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] } }
}
const left = (world: ControllerWorld) => [...world.api.all('pods').keys()].map(key => key.slice('default/'.length)).join(' ')
const patched = (world: ControllerWorld) =>
  world.api.lines
    .filter(line => line.startsWith('patch pods/status'))
    .map(line => line.slice('patch pods/status default/'.length))
    .join(' ')

const terminated: readonly (readonly [row: number, pods: Readonly<Record<string, Words>>, threshold: number, left: string])[] = [
  [675, { a: { phase: 'Failed', age: 1 }, b: { phase: 'Succeeded', age: 2 }, c: { phase: 'Failed', age: 3 } }, 1, 'c'],
  [676, { a: { phase: 'Failed' }, b: { phase: 'Succeeded' } }, 0, 'a b'],
  [677, { c: { phase: 'Failed', age: 3 }, a: { phase: 'Failed', age: 1 }, b: { phase: 'Succeeded', age: 2 } }, 1, 'c'],
  [678, { a: { phase: 'Running', age: 1 }, b: { phase: 'Succeeded', age: 2 }, c: { phase: 'Failed', age: 3 } }, 1, 'a c'],
  [679, { a: { phase: 'Failed', age: 1 }, b: { phase: 'Succeeded', age: 2 } }, 1, 'b'],
  [680, { a: { phase: 'Failed' }, b: { phase: 'Succeeded' } }, 5, 'a b'],
  [681, { a: { phase: 'Failed', age: 1 }, b: { phase: 'Succeeded', age: 2 }, c: { phase: 'Failed', evicted: true, age: 3 } }, 1, 'b'],
  [682, { a: { phase: 'Running', age: 1 }, b: { phase: 'Succeeded', age: 2 }, c: { phase: 'Failed', evicted: true, age: 3 } }, 1, 'a b'],
]
for (const [row, pods, terminatedThreshold, expected] of terminated) {
  test(`catalogue #${row}: finished pods over the threshold go, evicted ones first, then the oldest`, () =>
    inWorld(async (world, start) => {
      world.api.put('nodes', node('n1', true))
      for (const [name, words] of Object.entries(pods)) put(world, name, { on: 'n1', ...words })
      start(runPodGcController({ ...world, terminatedThreshold }))
      await world.pass(21_000)
      assert.equal(left(world), expected)
      assert.equal(patched(world), '')
    }))
}

interface Orphans {
  readonly row: number
  readonly name: string
  readonly nodes?: readonly string[]
  readonly pods: Readonly<Record<string, Words>>
  /** Done after the first pass. */
  readonly after?: (world: ControllerWorld) => void
  readonly ms?: number
  readonly left: string
  readonly patched?: string
}
const FINISHED: Readonly<Record<string, Words>> = { a: { on: 'gone', phase: 'Failed' }, b: { on: 'gone', phase: 'Succeeded' } }
const orphaned: readonly Orphans[] = [
  { row: 683, name: 'nodes that are there', nodes: ['gone'], pods: FINISHED, left: 'a b' },
  { row: 685, name: 'finished pods of a missing node go after the quarantine', pods: FINISHED, left: '' },
  { row: 686, name: 'a running one is failed first', pods: { ...FINISHED, c: { on: 'gone', phase: 'Running' } }, left: '', patched: 'c' },
  { row: 687, name: 'the quarantine is not over', pods: FINISHED, ms: 50_000, left: 'a b' },
  { row: 688, name: 'another node exists', nodes: ['n1'], pods: { a: { on: 'gone', phase: 'Running' } }, left: '', patched: 'a' },
  {
    row: 689,
    name: 'only pods of the missing node',
    nodes: ['n1'],
    pods: { a: { on: 'gone', phase: 'Failed' }, b: { on: 'gone', phase: 'Running' }, c: { on: 'n1', phase: 'Running' } },
    left: 'c',
    patched: 'b',
  },
  { row: 691, name: 'the node appears during the quarantine', pods: FINISHED, after: world => void world.api.put('nodes', node('gone', true)), left: 'a b' },
  {
    row: 692,
    name: 'the node is deleted and stays away',
    nodes: ['gone'],
    pods: FINISHED,
    after: world => world.api.drop('nodes', 'gone'),
    ms: 90_000,
    left: '',
  },
  {
    row: 693,
    name: 'the quarantine begins when the node is missed',
    nodes: ['gone'],
    pods: FINISHED,
    after: world => world.api.drop('nodes', 'gone'),
    ms: 60_000,
    left: 'a b',
  },
]
for (const { row, name, nodes = [], pods, after, ms = 65_000, left: expected, patched: failed = '' } of orphaned) {
  test(`catalogue #${row}: orphaned pods, ${name}`, () =>
    inWorld(async (world, start) => {
      for (const name of nodes) world.api.put('nodes', node(name, true))
      for (const [name, words] of Object.entries(pods)) put(world, name, words)
      start(runPodGcController(world))
      await world.pass(21_000)
      after?.(world)
      await world.pass(ms - 21_000)
      assert.equal(left(world), expected)
      assert.equal(patched(world), failed)
    }))
}

for (const [row, when] of [
  [684, 'that only the local copy misses'],
  [690, 'that the server finds after the quarantine'],
] as const) {
  test(`catalogue #${row}: pods of a node ${when} stay`, () =>
    inWorld(async (world, start) => {
      for (const [name, words] of Object.entries(FINISHED)) put(world, name, words)
      const get = world.api.get.bind(world.api)
      world.api.get = (async (target: Parameters<typeof get>[0]) => (target.name === 'gone' ? node('gone', true) : get(target))) as typeof world.api.get
      start(runPodGcController(world))
      await world.pass(120_000)
      assert.equal(left(world), 'a b')
    }))
}

test('catalogue #694: terminating pods that never had a node go, running ones failed first', () =>
  inWorld(async (world, start) => {
    for (const phase of ['Failed', 'Succeeded', 'Running']) put(world, phase.toLowerCase(), { phase, terminating: true })
    start(runPodGcController(world))
    await world.pass(21_000)
    assert.equal(left(world), '')
    assert.equal(patched(world), 'running')
  }))

test('catalogue #695: pods that wait for a node, or terminate on one, are left', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', node('n1', true))
    put(world, 'a', { phase: 'Pending' })
    put(world, 'b', { on: 'n1', terminating: true })
    start(runPodGcController(world))
    await world.pass(61_000)
    assert.equal(left(world), 'a b')
  }))

test('catalogue #696: terminating pods on a node that is only not ready are left', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', node('n1', false))
    put(world, 'a', { on: 'n1', terminating: true })
    start(runPodGcController(world))
    await world.pass(61_000)
    assert.equal(left(world), 'a')
  }))

test('catalogue #697: only terminating pods of nodes not ready and out of service go, whatever the effect and value', () =>
  inWorld(async (world, start) => {
    const out = 'node.kubernetes.io/out-of-service'
    const nodes: Readonly<Record<string, Node>> = {
      execute: node('execute', false, [`${out}:NoExecute`]),
      schedule: node('schedule', false, [`${out}:NoSchedule`]),
      prefer: node('prefer', false, [`${out}:PreferNoSchedule`]),
      value: node('value', false, [`${out}=x:NoExecute`]),
      plain: node('plain', false),
      ready: node('ready', true),
    }
    for (const [name, object] of Object.entries(nodes)) {
      world.api.put('nodes', object)
      put(world, `${name}-going`, { on: name, terminating: true })
      put(world, `${name}-staying`, { on: name })
    }
    start(runPodGcController(world))
    await world.pass(21_000)
    const gone = Object.keys(nodes).filter(name => !world.api.all('pods').has(`default/${name}-going`))
    assert.deepEqual(gone, ['execute', 'schedule', 'prefer', 'value'])
    assert.ok(Object.keys(nodes).every(name => world.api.all('pods').has(`default/${name}-staying`)))
    assert.equal(patched(world), gone.map(name => `${name}-going`).join(' '))
  }))

test('catalogue #698: of those, only the running one is failed first', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', node('n1', false, ['node.kubernetes.io/out-of-service:NoExecute']))
    for (const phase of ['Running', 'Failed', 'Succeeded']) put(world, phase.toLowerCase(), { on: 'n1', phase, terminating: true })
    start(runPodGcController(world))
    await world.pass(21_000)
    assert.equal(left(world), '')
    assert.equal(patched(world), 'running')
  }))

test('catalogue #699: a pod of a missing node fails with the reason before it goes, its conditions kept', () =>
  inWorld(async (world, start) => {
    const pod = aPod('a', { on: 'gone' })
    world.api.put('pods', { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'True' }] } })
    let last: Pod | undefined
    const remove = world.api.delete.bind(world.api)
    world.api.delete = (async (target: Parameters<typeof remove>[0], options: Parameters<typeof remove>[1]) => {
      last = world.api.all('pods').get('default/a') as Pod
      assert.equal(options?.gracePeriodSeconds, 0)
      return remove(target, options)
    }) as typeof world.api.delete
    start(runPodGcController(world))
    await world.pass(65_000)
    assert.equal(last?.status.phase, 'Failed')
    assert.deepEqual(
      last?.status.conditions?.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
      [
        { type: 'Ready', status: 'True', reason: undefined, message: undefined },
        { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' },
      ],
    )
  }))
