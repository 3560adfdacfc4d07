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

test('a set that wants other nodes, or pods ready for longer, must be judged anew; another image, hash, strategy or budget visits no node', () => {
  const { set, keeper, source } = running(1)
  keeper.judge(source, NOW)
  const again = (spec: object, hash = 'v2') => keeper.follow(factsOf({ ...set, spec: { ...set.spec, ...spec } }, hash))
  assert.equal(again({}), false)
  assert.equal(again({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 5, maxSurge: 0 } } }), false)
  assert.equal(again({ updateStrategy: { type: 'OnDelete' } }), false)
  assert.equal(again({ template: daemonSet({ image: 'other' }).spec.template }, 'v3'), false)
  assert.deepEqual([keeper.pending, keeper.visited], [0, 1])
  const withSpec = (pod: object) => ({ template: daemonSet({ pod }).spec.template })
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } }
  for (const pod of [{ nodeName: 'node-0' }, { nodeSelector: { a: 'b' } }, { affinity: { nodeAffinity } }, { tolerations: [{ key: 'a' }] }]) {
    again({})
    assert.equal(again(withSpec(pod)), true, JSON.stringify(pod))
  }
  again({})
  assert.equal(again({ minReadySeconds: 5 }), true)
})

test('a new revision turns ten thousand running pods to old ones at once, and judges only the nodes that have more to them', () => {
  const { set, pods, keeper, source } = running(10_000)
  pods.set('node-5', pod('p@node-5 v2 starting', set))
  pods.set('node-7', pod('p@node-7 v2 available terminating', set))
  keeper.judge(source, NOW)
  assert.equal(keeper.follow(factsOf(set, 'v3')), false)
  assert.equal(keeper.pending, 1)
  keeper.judge(source, NOW)
  assert.equal(keeper.visited, 10_001)
  assert.deepEqual([keeper.tallies.counts.updated, keeper.tallies.get('node-5')?.pods[0]?.reason], [0, 'awaiting-turn'])
  keeper.follow(factsOf(set, 'v2'))
  assert.deepEqual([keeper.tallies.counts.updated, keeper.tallies.get('node-5')?.pods[0]?.reason], [9_999, 'starting'])
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
