import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daemonSet, NOW, nodesNamed, pod } from '../../../test/support/daemon-world.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { factsOf } from './facts.ts'
import { Keeper } from './keeper.ts'
import { ration } from './ration.ts'
import { report } from './report.ts'

/** A keeper over so many nodes, each with an available pod of the current revision. */
function running(count: number, minReadySeconds = 0) {
  const set = daemonSet({ maxUnavailable: '10%', minReadySeconds })
  const nodes = new Map(nodesNamed(count).map(node => [node.metadata.name, node]))
  const pods = new Map<string, Pod>([...nodes.keys()].map(name => [name, pod(`${name}-p@${name} v2 available`, set)]))
  const keeper = new Keeper()
  keeper.follow(factsOf(set, 'v2'))
  for (const name of nodes.keys()) keeper.touch(name)
  const source = { node: (name: string) => nodes.get(name), podsOn: (name: string) => (pods.has(name) ? [pods.get(name)!] : []) }
  return { set, nodes, pods, keeper, source }
}

test('one changed pod among 10,000 nodes is judged and reported by visiting one node', () => {
  const { set, pods, keeper, source } = running(10_000)
  assert.equal(keeper.judge(source, NOW), true)
  assert.equal(keeper.visited, 10_000)
  pods.set('node-77', pod('node-77-p@node-77 v2 starting', set))
  keeper.touch('node-77')
  keeper.judge(source, NOW)
  assert.equal(keeper.visited, 10_001)
  assert.deepEqual(ration(keeper.facts!, keeper.tallies).actions, [])
  assert.equal(report(set, keeper.tallies.counts).numberAvailable, 9_999)
})

test('judging goes in slices, each until somebody says that it is enough', () => {
  const { keeper, source } = running(1_000)
  let [slices, judged] = [1, 0]
  while (!keeper.judge(source, NOW, () => ++judged % 300 === 0)) slices++
  assert.deepEqual([slices, keeper.visited, keeper.tallies.counts.desired], [4, 1_000, 1_000])
})

test('time alone changes a verdict, at the moment told and on that node alone', () => {
  const { set, pods, keeper, source } = running(10, 15)
  pods.set('node-3', pod('a@node-3 v2 ready ready=0', set))
  keeper.judge(source, NOW)
  assert.deepEqual([keeper.tallies.counts.available, keeper.lookAgainAt], [9, NOW + 15_000])
  keeper.judge(source, NOW + 14_999)
  assert.deepEqual([keeper.tallies.counts.available, keeper.visited], [9, 10])
  keeper.judge(source, NOW + 15_000)
  assert.deepEqual([keeper.tallies.counts.available, keeper.visited, keeper.lookAgainAt], [10, 11, undefined])
})

test('a set whose template, hash or strategy changed must be judged anew, one whose budget changed need not', () => {
  const { set, keeper } = running(1)
  const again = (spec: object) => keeper.follow(factsOf({ ...set, spec: { ...set.spec, ...spec } }, 'v2'))
  assert.equal(again({}), false)
  assert.equal(again({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 5, maxSurge: 0 } } }), false)
  assert.equal(again({ updateStrategy: { type: 'OnDelete' } }), true)
  assert.equal(again({ template: daemonSet({ image: 'other' }).spec.template }), true)
  assert.equal(keeper.follow(factsOf(set, 'v3')), true)
})

test('a node that is gone and has no pods is forgotten', () => {
  const { nodes, pods, keeper, source } = running(2)
  keeper.judge(source, NOW)
  nodes.delete('node-0')
  keeper.touch('node-0')
  keeper.judge(source, NOW)
  assert.deepEqual([keeper.tallies.size, keeper.tallies.counts.desired, keeper.tallies.get('node-0')?.placement.because], [2, 1, 'node-missing'])
  pods.delete('node-0')
  keeper.touch('node-0')
  keeper.judge(source, NOW)
  assert.equal(keeper.tallies.size, 1)
})
