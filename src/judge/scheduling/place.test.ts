import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'
import { namedNodes } from './named-nodes.ts'
import { place } from './place.ts'
import { planPreemption } from './preemption.ts'
import { aCluster, aNode, aPod, onNodes } from './terse-world.ts'
import { failureMessage } from './unschedulable.ts'

const outcome = (pod: Pod, nodes: readonly Node[], pods: readonly Pod[] = []): string => {
  const cluster = aCluster(nodes, pods)
  const found = place(pod, cluster)
  if ('node' in found) return `-> ${found.node}`
  const preemption = planPreemption(pod, cluster, found, [])
  return failureMessage(found, 'message' in preemption ? preemption.message : 'somebody makes way')
}

const NO_HELP = (n: number) => `preemption: 0/${n} nodes are available: ${n} Preemption is not helpful for scheduling.`
const NO_VICTIMS = (n: number) => `preemption: 0/${n} nodes are available: ${n} No preemption victims found for incoming pod.`
const keepApart = (app: string): Partial<PodSpec> => ({
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' }] },
  },
})
const stayNear = (app: string): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey: 'zone' }] } },
})
const spreadOver = (topologyKey: string, app: string): Partial<PodSpec> => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app } } }],
})
const [n1, n2, n3] = ['n1', 'n2', 'n3'].map(name => aNode(name)) as [Node, Node, Node]

const rows: readonly (readonly [name: string, pod: Pod, nodes: readonly Node[], pods: readonly Pod[], expected: string])[] = [
  ['there are no nodes', aPod('a'), [], [], 'no nodes available to schedule pods'],
  ['a plain pod goes to the emptiest node', aPod('a'), [n1, n2], [aPod('x', { on: 'n1', wants: { cpu: '2' } })], '-> n2'],
  [
    'reasons are counted and sorted',
    aPod('a', { wants: { cpu: '3' } }),
    [n1, n2, aNode('n3', { cordoned: true })],
    [aPod('x', { on: 'n1', wants: { cpu: '2' } }), aPod('y', { on: 'n2', wants: { cpu: '2' } })],
    '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
  ],
  [
    'several resources short are several reasons; more than a node has cannot be made room for',
    aPod('a', { wants: { cpu: '5', memory: '9Gi', 'example.com/gpu': '1' } }),
    [n1],
    [],
    `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient memory. ${NO_HELP(1)}`,
  ],
  [
    'the number of pods is limited',
    aPod('a'),
    [aNode('n1', { gives: { pods: '1' } })],
    [aPod('x', { on: 'n1' })],
    `0/1 nodes are available: 1 Too many pods. ${NO_VICTIMS(1)}`,
  ],
  ['finished pods take nothing', aPod('a', { wants: { cpu: '4' } }), [n1], [aPod('x', { on: 'n1', wants: { cpu: '4' }, phase: 'Failed' })], '-> n1'],
  [
    'terminating pods still take resources',
    aPod('a', { wants: { cpu: '4' } }),
    [n1],
    [aPod('x', { on: 'n1', wants: { cpu: '4' }, terminating: true })],
    `0/1 nodes are available: 1 Insufficient cpu. ${NO_VICTIMS(1)}`,
  ],
  [
    'a host port is taken once',
    aPod('a', { hostPorts: [80] }),
    [n1],
    [aPod('x', { on: 'n1', hostPorts: [80] })],
    `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS(1)}`,
  ],
  ['another host port is free', aPod('a', { hostPorts: [81] }), [n1], [aPod('x', { on: 'n1', hostPorts: [80] })], '-> n1'],
  [
    'a taint that nothing tolerates',
    aPod('a'),
    [aNode('n1', { taints: ['dedicated=db:NoSchedule'] }), aNode('n2', { taints: ['gone:NoExecute'] })],
    [],
    `0/2 nodes are available: 2 node(s) had untolerated taint(s). ${NO_HELP(2)}`,
  ],
  ['a taint that only asks is avoided', aPod('a'), [aNode('n1', { taints: ['old:PreferNoSchedule'] }), n2], [aPod('x', { on: 'n2' })], '-> n2'],
  [
    'tolerations admit',
    aPod('a', {
      spec: {
        tolerations: [
          { key: 'dedicated', operator: 'Exists' },
          { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' },
        ],
      },
    }),
    [aNode('n1', { taints: ['dedicated=db:NoSchedule'], cordoned: true })],
    [],
    '-> n1',
  ],
  [
    'a daemon pod looks at its node alone, and the others are summed up',
    aPod('a', { wants: { cpu: '3' }, spec: onNodes(['metadata.name In n2']) }),
    [n1, n2, n3],
    [aPod('x', { on: 'n2', wants: { cpu: '2' } })],
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  ],
  [
    'two names in one term contradict each other',
    aPod('a', { spec: onNodes(['metadata.name In n1', 'metadata.name In n2']) }),
    [n1, n2],
    [],
    `0/2 nodes are available: pod affinity terms conflict. ${NO_HELP(2)}`,
  ],
  [
    'anti-affinity keeps copies apart',
    aPod('a', { labels: { app: 'web' }, spec: keepApart('web') }),
    [n1, n2],
    [aPod('x', { on: 'n1', labels: { app: 'web' } }), aPod('y', { on: 'n2', labels: { app: 'web' } })],
    `0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS(2)}`,
  ],
  [
    'anti-affinity speaks of its own namespace',
    aPod('a', { spec: keepApart('web') }),
    [n1],
    [aPod('x', { namespace: 'other', on: 'n1', labels: { app: 'web' } })],
    '-> n1',
  ],
  [
    'the anti-affinity of others counts too',
    aPod('a', { labels: { app: 'web' } }),
    [n1],
    [aPod('x', { on: 'n1', spec: keepApart('web') })],
    `0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${NO_VICTIMS(1)}`,
  ],
  [
    'affinity wants a neighbour in the same domain',
    aPod('a', { spec: stayNear('db') }),
    [aNode('n1', { labels: { zone: 'a' } }), aNode('n2', { labels: { zone: 'b' } })],
    [aPod('x', { on: 'n2', labels: { app: 'db' } })],
    '-> n2',
  ],
  [
    'the first of a group near itself goes anywhere',
    aPod('a', { labels: { app: 'db' }, spec: stayNear('db') }),
    [aNode('n1', { labels: { zone: 'a' } })],
    [],
    '-> n1',
  ],
  [
    'affinity without a neighbour',
    aPod('a', { spec: stayNear('db') }),
    [aNode('n1', { labels: { zone: 'a' } })],
    [],
    `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${NO_HELP(1)}`,
  ],
  [
    'topology spread keeps the skew',
    aPod('a', { labels: { app: 'web' }, spec: spreadOver('zone', 'web') }),
    [aNode('n1', { labels: { zone: 'a' } }), aNode('n2', { labels: { zone: 'b' }, cordoned: true }), n3],
    [aPod('x', { on: 'n1', labels: { app: 'web' } })],
    "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  ],
]

for (const [name, pod, nodes, pods, expected] of rows) test(`placing: ${name}`, () => assert.equal(outcome(pod, nodes, pods), expected))

test('an assumed pod takes its room until the server shows it elsewhere or it is forgotten', () => {
  const cluster = aCluster([n1])
  const first = aPod('a', { wants: { cpu: '4' } })
  cluster.assume(first, 'n1')
  cluster.setPod(first)
  assert.ok(!('node' in place(aPod('b', { wants: { cpu: '1' } }), cluster)))
  cluster.forget('default/a')
  assert.deepEqual(place(aPod('b', { wants: { cpu: '1' } }), cluster), { node: 'n1' })
  cluster.assume(first, 'n1')
  cluster.setPod(aPod('a', { on: 'n1', wants: { cpu: '4' } }))
  cluster.forget('default/a')
  assert.ok(!('node' in place(aPod('b', { wants: { cpu: '1' } }), cluster)), 'a confirmed pod is not forgotten')
})

test('a node that leaves is not searched, and its pods count again when it returns', () => {
  const cluster = aCluster([n1, n2], [aPod('x', { on: 'n1', wants: { cpu: '4' } })])
  cluster.removeNode('n1')
  assert.deepEqual(
    cluster.nodes.map(({ node }) => node?.metadata.name),
    ['n2'],
  )
  cluster.setNode(n1)
  assert.equal(cluster.info('n1')?.free('cpu'), 0)
})

const namesTable: readonly (readonly [number, string, Partial<PodSpec>, Node, expected: boolean, names: readonly string[] | 'conflict' | undefined])[] = [
  [666, 'In, matches', onNodes(['metadata.name In node1']), aNode('node1'), true, ['node1']],
  [667, 'In, other node', onNodes(['metadata.name In node1']), aNode('node2'), false, ['node1']],
  [
    668,
    'two terms: field fails, label matches',
    onNodes(['metadata.name In node1'], ['foo In bar']),
    aNode('node2', { labels: { foo: 'bar' } }),
    true,
    undefined,
  ],
  [
    669,
    'one term: field fails, label matches',
    onNodes(['metadata.name In node1', 'foo In bar']),
    aNode('node2', { labels: { foo: 'bar' } }),
    false,
    ['node1'],
  ],
  [670, 'one term: both match', onNodes(['metadata.name In node1', 'foo In bar']), aNode('node1', { labels: { foo: 'bar' } }), true, ['node1']],
  [671, 'two terms: both fail', onNodes(['metadata.name In node1'], ['foo In not-bar']), aNode('node2', { labels: { foo: 'bar' } }), false, undefined],
  [672, 'two terms of node names', onNodes(['metadata.name In node1'], ['metadata.name In node2']), aNode('node2'), true, ['node1', 'node2']],
  [673, 'conflicting field requirements in one term', onNodes(['metadata.name In node1', 'metadata.name In node2']), aNode('node2'), false, 'conflict'],
  [674, 'no affinity', {}, aNode('node1'), true, undefined],
  [
    674,
    'nodeSelector and label affinity must both hold',
    { nodeSelector: { a: 'b' }, ...onNodes(['foo Exists']) },
    aNode('n', { labels: { foo: 'x' } }),
    false,
    undefined,
  ],
  [674, 'NotIn, Gt and Lt', onNodes(['foo NotIn x', 'size Gt 3', 'size Lt 5']), aNode('n', { labels: { foo: 'y', size: '4' } }), true, undefined],
]
for (const [row, name, spec, node, expected, names] of namesTable) {
  test(`catalogue #${row}: node affinity, ${name}`, () => {
    const pod = aPod('p', { spec })
    const found = namedNodes(pod)
    assert.deepEqual(found, names)
    assert.equal('node' in place(pod, aCluster([node])), expected)
  })
}
