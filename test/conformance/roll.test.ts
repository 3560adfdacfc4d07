/** DAEMONSET.md 7.2: rolling updates in place and with surge, pass by pass. `2/1` is two creations and one deletion. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgetOf } from '../../src/judge/daemonset/budget.ts'
import { HASH_LABEL } from '../../src/judge/daemonset/facts.ts'
import { planDaemonSet } from '../../src/judge/daemonset/plan.ts'
import { Rig } from '../support/daemon-rig.ts'
import { daemonSet, node, nodesNamed, type SetText, say, sayPods, world } from '../support/daemon-world.ts'

/** A set whose pods run on so many nodes, all available. */
function running(count: number, text: SetText = {}): Rig {
  const rig = new Rig(daemonSet(text), nodesNamed(count))
  rig.sync()
  rig.ready()
  return rig
}

const surge = (text: Omit<Parameters<typeof world>[0], 'set'> & { readonly minReadySeconds?: number }) =>
  planDaemonSet(world({ ...text, set: { maxSurge: 1, ...(text.minReadySeconds && { minReadySeconds: text.minReadySeconds }) } }))
const five = ['node-0', 'node-1', 'node-2', 'node-3', 'node-4']

test('catalogue #86: with surge too, empty nodes get a pod and crowded ones keep one of a revision', () => {
  const on = (node: string, count: number) => Array.from({ length: count }, (_, i) => `${node}-${i}@${node} v2 available`)
  const plan = surge({ nodes: five, pods: [...on('node-1', 1), ...on('node-2', 2), ...on('node-3', 5)] })
  assert.deepEqual(say(plan), [
    'create node-0 (no-pod)',
    'delete node-2-1 (duplicate)',
    'delete node-3-1 (duplicate)',
    'delete node-3-2 (duplicate)',
    'delete node-3-3 (duplicate)',
    'delete node-3-4 (duplicate)',
    'create node-4 (no-pod)',
  ])
})

test('catalogue #87: a ready old pod stays beside a new one that is not, its younger double goes', () => {
  const plan = surge({
    nodes: five,
    pods: ['new@node-1 v2 starting born=-10', 'old@node-1 v1 available born=-50', 'older@node-1 v1 available born=-40', 'b@node-2 v2 available'],
  })
  assert.deepEqual(say(plan), ['create node-0 (no-pod)', 'delete older (duplicate)', 'create node-3 (no-pod)', 'create node-4 (no-pod)'])
})

test('catalogue #88: a node whose old pod is going gets its new one though the surge is used up', () => {
  const plan = surge({
    nodes: five,
    pods: [
      'new@node-0 v2 starting',
      'a@node-0 v1 available born=-5000',
      'b@node-1 v1 available',
      'c@node-2 v1 available',
      'd@node-3 v1 available',
      'e@node-4 v1 available terminating',
    ],
  })
  assert.deepEqual(say(plan), ['create node-4 (no-running-pod)'])
  assert.deepEqual(sayPods(plan), ['new: starting', 'a: awaiting-twin', 'b: awaiting-turn', 'c: awaiting-turn', 'd: awaiting-turn', 'e: going'])
})

test('catalogue #89: old pods that are not ready go as soon as a new one is there', () => {
  const plan = surge({
    nodes: five,
    pods: ['new@node-1 v2 starting born=-10', 'old@node-1 v1 starting born=-50', 'older@node-1 v1 available born=-40', 'b@node-2 v2 available'],
  })
  assert.deepEqual(
    say(plan).filter(action => action.startsWith('delete')),
    ['delete older (duplicate)', 'delete old (replaced)'],
  )
})

for (const [row, readyAt, deletes] of [
  ['#90', -10, ['delete older (duplicate)']],
  ['#91', -20, ['delete older (duplicate)', 'delete old (replaced)']],
] as const) {
  test(`catalogue ${row}: a new pod ready for ${-readyAt} of 15 s ${deletes.length === 1 ? 'does not replace' : 'replaces'} the old one`, () => {
    const plan = surge({
      minReadySeconds: 15,
      nodes: five,
      pods: [
        `new@node-1 v2 ready born=-30 ready=${readyAt}`,
        'old@node-1 v1 available born=-100',
        'older@node-1 v1 available born=-90',
        'b@node-2 v2 available',
      ],
    })
    assert.deepEqual(
      say(plan).filter(action => action.startsWith('delete')),
      deletes,
    )
    assert.equal(plan.lookAgainAt, deletes.length === 1 ? Date.UTC(2026, 0, 1) + 5000 : undefined)
  })
}

test('catalogue #99: five nodes roll two at a time', () => {
  const rig = running(5, { onDelete: true })
  rig.roll({ maxUnavailable: 2 }, 'foo/bar:2')
  assert.equal(
    rig.syncs(7, () => rig.ready()),
    '0/2 2/0 0/2 2/0 0/1 1/0 0/0',
  )
})

test('catalogue #100: with maxSurge 2 new pods come first', () => {
  const rig = running(5, { onDelete: true })
  rig.roll({ maxSurge: 2 }, 'foo/bar:2')
  rig.expect('2/0 0/0')
  rig.ready()
  rig.expect('2/2 0/0')
  rig.ready()
  rig.expect('1/2 0/0')
  rig.ready()
  rig.expect('0/1 0/0')
})

test('catalogue #101: a healthy pod on a node no longer wanted goes as far as others serve', () => {
  const toleration = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }
  const rig = new Rig(daemonSet({ maxSurge: 1, pod: { tolerations: [toleration] } }), [
    node('node-0 node-role.kubernetes.io/control-plane:NoSchedule'),
    ...nodesNamed(4, '', 1),
  ])
  rig.expect('5/0')
  rig.ready()
  rig.change({ template: daemonSet().spec.template })
  rig.expect('1/1 0/0')
  const left = new Set(rig.pods.map(pod => pod.metadata.name))
  assert.equal(left.size, 5)
  assert.ok(!rig.pods.some(rig.on('node-0')))
  for (let i = 0; i < 3; i++) {
    rig.ready()
    rig.expect('1/1 0/0')
  }
  rig.ready()
  rig.expect('0/1 0/0')
})

test('catalogue #101: of several such pods as many go as others serve too many', () => {
  const pods = ['a@n1 v1 available', 'b@n2 v1 available', 'c@n3 v2 available', 'd@n4 v2 available terminating']
  const plan = surge({ nodes: ['n1 x:NoSchedule', 'n2 x:NoSchedule', 'n3', 'n4'], pods })
  assert.deepEqual(say(plan), ['create n4 (no-running-pod)', 'delete a (surplus)'])
  assert.deepEqual(sayPods(plan), ['a: surplus', 'b: awaiting-turn', 'c: current', 'd: going'])
})

test('catalogue #101: a surge stands still while a pod is on a node that is gone', () => {
  const plan = surge({ nodes: ['n1', 'n2'], pods: ['a@n1 v1 available', 'b@n2 v1 available', 'c@n3 v1 available'] })
  assert.deepEqual([say(plan), plan.problem], [[], 'couldn\'t get node for nodeName "n3"'])
  assert.deepEqual(sayPods(plan), ['a: awaiting-turn', 'b: awaiting-turn', 'c: awaits-collection'])
})

test('catalogue #102: new pods that never become ready stop the roll at its budget', () => {
  const rig = running(5)
  rig.roll({ maxUnavailable: 3 }, 'foo/bar:2')
  rig.expect('0/3 3/0 0/0')
})

test('catalogue #103 #104: a second update replaces what the first left unready, and nothing healthy', () => {
  const rig = running(5)
  const first = rig.pods.map(pod => pod.metadata.name)
  rig.roll({ maxUnavailable: 2 }, 'foo/bar:2')
  rig.expect('0/2 2/0 0/0')
  rig.roll({ maxUnavailable: 2 }, 'foo/bar:3')
  rig.expect('0/2 2/0 0/0')
  assert.equal(rig.readyCount, 3)
  assert.equal(rig.pods.filter(pod => first.includes(pod.metadata.name)).length, 3)
})

test('catalogue #105 #106 #107: however many updates come, healthy old pods go only within the budget', () => {
  const rig = running(20)
  rig.roll({ maxUnavailable: 10 }, 'foo/bar:2')
  rig.expect('0/10 10/0 0/0')
  const healthy = rig.pods.filter(pod => pod.status.phase === 'Running').map(pod => pod.metadata.name)
  for (const maxUnavailable of [0, 3, 9, 1, 7, 5, 2, 8, 4, 6]) {
    rig.roll({ maxUnavailable }, `foo/bar:3-${maxUnavailable}`)
    rig.expect('0/10 10/0 0/0')
    assert.deepEqual(
      rig.pods.filter(pod => pod.status.phase === 'Running').map(pod => pod.metadata.name),
      healthy,
    )
  }
  rig.roll({ maxUnavailable: 11 }, 'foo/bar:4')
  rig.expect('0/11 11/0 0/0')
  assert.equal(rig.readyCount, 9)
})

test('catalogue #108: a hundred nodes roll ten at a time', () => {
  const rig = running(100)
  rig.roll({ maxUnavailable: 10 }, 'foo/bar:2')
  assert.equal(
    rig.syncs(21, () => rig.ready()),
    `${'0/10 10/0 '.repeat(10)}0/0`,
  )
})

test('catalogue #109: unavailable old pods go beyond the budget, available ones stay', () => {
  const rig = running(100)
  rig.roll({ maxUnavailable: 10 }, 'foo/bar:2')
  const old = rig.pods.slice(0, 12)
  rig.pods = [...old, ...new Rig(rig.set, nodesNamed(88, '', 12)).pods]
  rig.expect('88/0')
  rig.ready(pod => pod === old[3] || pod === old[7], 'False')
  rig.expect('0/2 2/0 0/0')
})

test('catalogue #110: old pods none of which is ready all go at once', () => {
  const rig = new Rig(daemonSet(), nodesNamed(5))
  rig.expect('5/0')
  rig.roll({ maxUnavailable: 3 }, 'foo/bar:2')
  rig.expect('0/5 5/0 0/0')
})

test('catalogue #111 #112 #113 #114 #115 #116: surging over unready pods, then with minReadySeconds', () => {
  const rig = new Rig(daemonSet(), nodesNamed(5))
  rig.expect('5/0')
  rig.roll({ maxSurge: 3 }, 'foo/bar:2')
  rig.time = 100
  rig.expect('5/0')
  rig.time = 200
  rig.ready(rig.isNew)
  rig.expect('0/5')

  rig.roll({ maxSurge: 3 }, 'foo/bar:3')
  rig.change({ minReadySeconds: 15 })
  rig.time = 300
  rig.expect('3/0')

  const [one, two] = rig.pods.filter(rig.isNew)
  rig.ready(pod => pod === one || pod === two)
  const [single] = rig.pods.filter(pod => !rig.pods.some(other => other !== pod && rig.on(pinnedNode(pod))(other)))
  rig.ready(pod => pod === single, 'False')
  rig.time = 310
  rig.expect('1/0')

  rig.time = 320
  rig.expect('1/3')
  rig.ready(rig.isNew)
  rig.time = 340
  rig.expect('0/2')
  rig.time = 350
  rig.expect('0/0')
})
const pinnedNode = (pod: Rig['pods'][number]) =>
  pod.spec.affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms[0]!.matchFields![0]!.values![0]!

test('catalogue #117: a change of the strategy alone replaces nothing', () => {
  const rig = new Rig(daemonSet({ onDelete: true }), nodesNamed(5))
  rig.expect('5/0')
  rig.roll({ maxUnavailable: 3 })
  rig.expect('0/0')
})

const budgets: readonly (readonly [row: string, says: string, set: SetText, nodes: number, pods: readonly string[], number[]])[] = [
  ['#118', 'no nodes', { maxUnavailable: 0 }, 0, [], [0, 0, 0, 0]],
  ['#118', 'none for OnDelete', { onDelete: true }, 2, [], [0, 0, 2, 2]],
  ['#119', 'a number', { maxUnavailable: 1 }, 2, ['a@node-0 v2 available', 'b@node-1 v2 available'], [0, 1, 2, 0]],
  ['#120', 'zero of both allows one', { maxUnavailable: 0 }, 2, ['a@node-0 v2 available'], [0, 1, 2, 1]],
  ['#121', 'so does a surge of zero', { maxSurge: 0, maxUnavailable: 0 }, 2, ['a@node-0 v2 available'], [0, 1, 2, 1]],
  ['#122', 'a percentage', { maxUnavailable: '50%' }, 2, ['a@node-0 v2 available', 'b@node-1 v2 available'], [0, 1, 2, 0]],
  ['#123', 'a percentage of surge', { maxSurge: '50%' }, 2, ['a@node-0 v2 available', 'b@node-1 v2 available'], [1, 0, 2, 0]],
  ['#124', 'all of them', { maxSurge: '100%' }, 2, ['a@node-0 v2 available', 'b@node-1 v2 available'], [2, 0, 2, 0]],
  ['#125', 'percentages round up', { maxUnavailable: '50%' }, 3, ['a@node-0 v2 available terminating', 'b@node-1 v2 available'], [0, 2, 3, 1]],
]
for (const [row, says, text, count, pods, expected] of budgets) {
  test(`catalogue ${row}: the budget of a roll: ${says}`, () => {
    const set = daemonSet(text)
    const { desiredNumberScheduled: desired, currentNumberScheduled: current } = planDaemonSet({
      ...world({ set, nodes: [], pods }),
      nodes: nodesNamed(count),
    }).status
    const { maxSurge, maxUnavailable } = budgetOf(set, desired)
    assert.deepEqual([maxSurge, maxUnavailable, desired, desired - current], expected)
  })
}

for (const [says, nodes, pods] of [
  ['a pod that is going', ['n1', 'n2'], ['a@n1 v1 available', 'b@n2 v1 available terminating']],
  ['a pod of a node no longer wanted', ['n1', 'n2 x:NoSchedule'], ['a@n1 v1 available', 'b@n2 v2 starting']],
  ['a pod of a node that is gone', ['n1'], ['a@n1 v1 available', 'b@n2 v2 starting']],
  ['an empty node', ['n1', 'n2'], ['a@n1 v1 available']],
] as const) {
  test(`catalogue #125: ${says} uses up the budget too`, () => {
    const plan = planDaemonSet(world({ nodes, pods }))
    assert.ok(!say(plan).includes('delete a (outdated)'))
    const alone = planDaemonSet(world({ nodes: ['n1'], pods: pods.slice(0, 1) }))
    assert.deepEqual(say(alone), ['delete a (outdated)'])
  })
}

const updated: readonly (readonly [row: string, says: string, labels: Readonly<Record<string, string>>, hash: string, generation: number, yes: boolean])[] = [
  ['#128', 'both labels match', { gen: '12345', hash: '55555' }, '55555', 12345, true],
  ['#129', 'the generation matches, the hash does not', { gen: '12345', hash: '55555' }, '55555123', 12345, true],
  ['#130', 'the generation matches, there is no hash', { gen: '12345' }, '55555', 12345, true],
  ['#131', 'the generation matches and no hash is asked for', { gen: '12345' }, '', 12345, true],
  ['#132', 'the same with a hash label', { gen: '12345', hash: '55555' }, '', 12345, true],
  ['#133', 'the hash matches, the generation does not', { gen: '12345', hash: '55555' }, '55555', 12350, true],
  ['#134', 'neither matches', { gen: '12345', hash: '55555' }, '55555123', 12350, false],
  ['#135', 'no labels and no hash asked for', {}, '', 12345, false],
  ['#136', 'no labels', {}, '55555', 12345, false],
  ['#137', 'no labels at all', {}, '55555', 12345, false],
]
for (const [row, says, { gen, hash: label }, hash, templateGeneration, yes] of updated) {
  test(`catalogue ${row}: a pod is ${yes ? '' : 'not '}up to date when ${says}`, () => {
    const text = `a@n1 ${label ?? '-'} available${gen ? ` gen=${gen}` : ' k:v'}`
    const observed = world({ set: { onDelete: true, templateGeneration }, hash, nodes: ['n1'], pods: [text] })
    const [first] = observed.pods
    const pod = row === '#137' ? { ...first!, metadata: without(first!.metadata, 'labels') } : first!
    assert.equal(planDaemonSet({ ...observed, pods: [pod] }).status.updatedNumberScheduled, yes ? 1 : 0)
    assert.equal(pod.metadata.labels?.[HASH_LABEL], label)
  })
}
function without<T extends object, K extends keyof T>(value: T, key: K): T {
  const { [key]: _, ...rest } = value
  return rest as T
}
