import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daemonSet, NOW, nodesNamed, pod } from '../../../test/support/daemon-world.ts'
import { factsOf } from './facts.ts'
import { Keeper } from './keeper.ts'
import { ration } from './ration.ts'

/** So many nodes; those in `failed` have a pod that failed, those in `running` one that runs, all others none. */
function judged(count: number, { failed = [], running = [] }: { readonly failed?: readonly number[]; readonly running?: readonly number[] }) {
  const set = daemonSet({})
  const nodes = new Map(nodesNamed(count).map(node => [node.metadata.name, node]))
  const names = [...nodes.keys()]
  const pods = new Map([
    ...failed.map(i => [names[i]!, pod(`p@${names[i]} v2 failed`, set)] as const),
    ...running.map(i => [names[i]!, pod(`p@${names[i]} v2 available`, set)] as const),
  ])
  const keeper = new Keeper()
  keeper.follow(factsOf(set, 'v2'))
  for (const name of names) keeper.touch(name)
  keeper.judge({ node: name => nodes.get(name), podsOn: name => (pods.has(name) ? [pods.get(name)!] : []) }, NOW)
  return { keeper, act: () => ration(keeper.facts!, keeper.tallies).actions.map(action => `${action.do} ${action.node}`) }
}

test('of many creations that are due a pass makes the first 250 by name, and looks at no other node', () => {
  const { keeper, act } = judged(600, { running: [0, 2] })
  const actions = act()
  assert.equal(actions.length, 250)
  const wanted = nodesNamed(600)
    .map(({ metadata }) => metadata.name)
    .filter((_, i) => i !== 0 && i !== 2)
    .sort()
  assert.deepEqual(
    actions,
    wanted.slice(0, 250).map(name => `create ${name}`),
  )
  assert.equal(keeper.tallies.due(250).length, 250)
})

test('what is due is found by creation and by deletion, and told node by node', () => {
  const { keeper, act } = judged(9, { failed: [1, 7, 8], running: [4] })
  const nodes = (limit: number) => keeper.tallies.due(limit).map(({ node }) => node)
  assert.deepEqual(nodes(2), ['node-0', 'node-1', 'node-2', 'node-7'])
  assert.deepEqual(nodes(9), ['node-0', 'node-1', 'node-2', 'node-3', 'node-5', 'node-6', 'node-7', 'node-8'])
  assert.deepEqual(act(), [
    'create node-0',
    'delete node-1',
    'create node-2',
    'create node-3',
    'create node-5',
    'create node-6',
    'delete node-7',
    'delete node-8',
  ])
})
