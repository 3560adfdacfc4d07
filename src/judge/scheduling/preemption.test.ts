import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { place } from './place.ts'
import { planPreemption } from './preemption.ts'
import { aCluster, aNode, aPod, onNodes, type PodWords } from './terse-world.ts'

const [n1, n2] = [aNode('n1'), aNode('n2')]
const aBudget = (allowed: number, labels: Readonly<Record<string, string>>): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'budget', namespace: 'default', uid: 'b', resourceVersion: '1', creationTimestamp: '' },
  spec: { selector: { matchLabels: labels } },
  status: { disruptionsAllowed: allowed },
})
const on = (node: string, name: string, cpu: string, priority: number, more: PodWords = {}) => aPod(name, { on: node, wants: { cpu }, priority, ...more })
const wants = (cpu: string, priority: number, more: PodWords = {}) => aPod('new', { wants: { cpu }, priority, ...more })
const apart: Partial<PodSpec> = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }],
    },
  },
}

const outcome = (pod: Pod, nodes: readonly Node[], pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): string => {
  const cluster = aCluster(nodes, pods)
  const found = place(pod, cluster)
  if ('node' in found) return `fits ${found.node}`
  const before = JSON.stringify([...cluster.placed()])
  const preemption = planPreemption(pod, cluster, found, budgets)
  assert.equal(JSON.stringify([...cluster.placed()]), before, 'asking changes nothing')
  return 'message' in preemption ? preemption.message : `${preemption.node}: ${preemption.victims.map(({ metadata }) => metadata.name).join(' ')}`
}

type Row = readonly [name: string, pod: Pod, nodes: readonly Node[], pods: readonly Pod[], expected: string, budgets?: readonly PodDisruptionBudget[]]
const guarded = [aBudget(0, { app: 'db' })]
const db = { labels: { app: 'db' } }
const rows: readonly Row[] = [
  ['one of lower priority makes way', wants('2', 10), [n1], [on('n1', 'low', '3', 0)], 'n1: low'],
  ['the same priority does not', wants('2', 10), [n1], [on('n1', 'same', '3', 10)], '0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
  ['as few as needed, the least important', wants('2', 10), [n1], [on('n1', 'a', '2', 1), on('n1', 'b', '1', 2), on('n1', 'c', '1', 3)], 'n1: a'],
  ['not enough room even so', wants('3', 10), [n1], [on('n1', 'high', '3', 99), on('n1', 'low', '1', 0)], '0/1 nodes are available: 1 Insufficient cpu.'],
  [
    'more than the node has is hopeless',
    wants('9', 10),
    [n1],
    [on('n1', 'low', '1', 0)],
    '0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  ],
  ['the node whose victims matter least', wants('4', 10), [n1, n2], [on('n1', 'a', '3', 5), on('n2', 'b', '3', 4)], 'n2: b'],
  ['the node with fewer victims', wants('4', 10), [n1, n2], [on('n1', 'a', '2', 4), on('n1', 'b', '2', 4), on('n2', 'c', '3', 4)], 'n2: c'],
  [
    'of equals, the node whose victim started last',
    wants('4', 10),
    [n1, n2],
    [on('n1', 'a', '3', 4, { started: '2026-01-01T00:00:00Z' }), on('n2', 'b', '3', 4, { started: '2026-01-02T00:00:00Z' })],
    'n2: b',
  ],
  ['what a budget protects goes last', wants('2', 10), [n1], [on('n1', 'guarded', '2', 0, db), on('n1', 'free', '2', 5)], 'n1: free', guarded],
  [
    'no budget is broken, though the victim matters more',
    wants('4', 10),
    [n1, n2],
    [on('n1', 'guarded', '3', 0, db), on('n2', 'free', '3', 5)],
    'n2: free',
    guarded,
  ],
  ['a budget is broken when there is no other way', wants('4', 10), [n1], [on('n1', 'guarded', '3', 0, db)], 'n1: guarded', guarded],
  [
    'a daemon pod looks at its own node only',
    wants('4', 10, { spec: onNodes(['metadata.name In n1']) }),
    [n1, n2],
    [on('n1', 'a', '3', 5), on('n2', 'b', '3', 0)],
    'n1: a',
  ],
  [
    'a pod may be too polite',
    wants('4', 10, { spec: { preemptionPolicy: 'Never' } }),
    [n1],
    [on('n1', 'a', '3', 5)],
    'not eligible due to preemptionPolicy=Never.',
  ],
  [
    'it waits for those who are leaving already',
    wants('4', 10, { nominated: 'n1' }),
    [n1],
    [on('n1', 'a', '3', 5, { terminating: true })],
    'not eligible due to a terminating pod on the nominated node.',
  ],
  ['a host port is freed', aPod('new', { hostPorts: [80], priority: 1 }), [n1], [aPod('a', { on: 'n1', hostPorts: [80] }), aPod('b', { on: 'n1' })], 'n1: a'],
  [
    'anti-affinity is resolved',
    aPod('new', { priority: 1, spec: apart }),
    [n1],
    [aPod('a', { on: 'n1', labels: { app: 'x' } }), aPod('b', { on: 'n1' })],
    'n1: a',
  ],
]
for (const [name, pod, nodes, pods, expected, budgets = []] of rows)
  test(`preemption: ${name}`, () => assert.equal(outcome(pod, nodes, pods, budgets), expected))

test('room that was made for an important pod is not taken by a lesser one', () => {
  const cluster = aCluster([n1])
  cluster.nominate(wants('4', 10), 'n1')
  assert.ok(!('node' in place(aPod('lesser', { wants: { cpu: '1' }, priority: 5 }), cluster)))
  assert.ok('node' in place(aPod('greater', { wants: { cpu: '1' }, priority: 11 }), cluster))
  assert.deepEqual(place(wants('4', 10), cluster), { node: 'n1' })
})
