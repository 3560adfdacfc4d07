/** DAEMONSET.md 7.1: which nodes get a pod, which keep theirs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerRevision } from '../../src/api/types/apps/controller-revision.ts'
import type { PodSpec } from '../../src/api/types/core/pod.ts'
import { factsOf } from '../../src/judge/daemonset/facts.ts'
import { planTruncation } from '../../src/judge/daemonset/history.ts'
import { placementOf } from '../../src/judge/daemonset/placement.ts'
import { planDaemonSet } from '../../src/judge/daemonset/plan.ts'
import { targetNode } from '../../src/judge/daemonset/pod-facts.ts'
import { Rig } from '../support/daemon-rig.ts'
import { daemonSet, L1, L2, node, nodesNamed, type SetText, say, sayPods, world } from '../support/daemon-world.ts'

/** Rows marked [×2] upstream hold for both update strategies. */
const STRATEGIES: readonly SetText[] = [{ onDelete: true }, { maxUnavailable: 1 }]
const NL = { color: 'blue', speed: 'fast' }
const BLUE = 'color=blue speed=fast'
const TOLERATION = { key: 'dedicated', operator: 'Equal', value: 'user1', effect: 'NoSchedule' }
const wanting = (key: string, value: string): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] } },
  },
})
const mixed = (plain: number, blue: number) => [...nodesNamed(plain), ...nodesNamed(blue, BLUE, plain)]
const resources = (memory: string, cpu: string): Partial<PodSpec> => ({
  containers: [{ name: 'main', image: 'foo/bar:1', resources: { requests: { memory, cpu } } }],
})

interface Row {
  readonly row: number | string
  readonly says: string
  readonly pod?: Partial<PodSpec>
  readonly nodes: readonly ReturnType<typeof node>[]
  readonly pods?: readonly string[]
  /** Creations and deletions of the first pass. */
  readonly does: string
}

const rows: readonly Row[] = [
  { row: '#6', says: 'five nodes get five pods', nodes: nodesNamed(5), does: '5/0' },
  { row: '#14', says: 'no nodes, nothing to do', nodes: [], does: '0/0' },
  { row: '#15', says: 'one node gets one pod', nodes: nodesNamed(1), does: '1/0' },
  { row: '#16', says: 'a node that is not ready and has no taint gets its pod', nodes: [node('n1 notready')], does: '1/0' },
  {
    row: '#17',
    says: 'resources are not looked at',
    pod: { nodeName: 'too-much-mem', ...resources('75M', '75m') },
    nodes: [node('too-much-mem')],
    does: '1/0',
  },
  {
    row: '#18',
    says: 'the node with the label gets the pod, the small one without does not',
    pod: { ...resources('50M', '75m'), nodeSelector: NL },
    nodes: [node('not-enough'), node(`enough ${BLUE}`)],
    does: '1/0',
  },
  { row: '#19', says: 'the condition NetworkUnavailable alone keeps nothing away', nodes: nodesNamed(1), does: '1/0' },
  {
    row: '#22',
    says: "the set's own pod on its host port is no conflict",
    pod: { containers: [{ name: 'main', image: 'foo/bar:1', ports: [{ containerPort: 1, hostPort: 666 }] }] },
    nodes: [node('port-conflict')],
    pods: ['a@port-conflict - available'],
    does: '0/0',
  },
  {
    row: '#23',
    says: 'host ports are not looked at',
    pod: { containers: [{ name: 'main', image: 'foo/bar:1', ports: [{ containerPort: 1, hostPort: 6662 }] }] },
    nodes: [node('no-port-conflict')],
    does: '1/0',
  },
  {
    row: '#25',
    says: 'empty nodes get a pod, crowded ones keep one',
    nodes: nodesNamed(5),
    pods: ['a@node-1', 'b@node-2', 'c@node-2', 'd@node-3', 'e@node-3', 'f@node-3', 'g@node-3', 'h@node-3'],
    does: '2/5',
  },
  { row: '#26', says: 'only nodes with the labels get one', pod: { nodeSelector: NL }, nodes: mixed(4, 3), does: '3/0' },
  {
    row: '#27',
    says: 'pods on nodes without the labels go',
    pod: { nodeSelector: NL },
    nodes: mixed(5, 5),
    pods: ['a@node-1', 'b@node-1', 'c@node-1', 'd@node-4'],
    does: '5/4',
  },
  {
    row: '#28',
    says: 'both at once',
    pod: { nodeSelector: NL },
    nodes: mixed(5, 5),
    pods: [
      'a@node-0',
      ...[1, 2, 3].map(i => `b${i}@node-1`),
      ...[1, 2, 3, 4].map(i => `c${i}@node-2`),
      ...Array.from({ length: 13 }, (_, i) => `d${i}@node-6`),
      'e@node-9',
    ],
    does: '3/20',
  },
  { row: '#29', says: 'a selector that no node matches does nothing', pod: { nodeSelector: { color: 'red' } }, nodes: mixed(4, 3), does: '0/0' },
  { row: '#30', says: 'a node named in the template is the only one', pod: { nodeName: 'node-0' }, nodes: nodesNamed(5), does: '1/0' },
  { row: '#31', says: 'a name that no node has does nothing', pod: { nodeName: 'node-10' }, nodes: nodesNamed(5), does: '0/0' },
  { row: '#32', says: 'name and labels are both asked for', pod: { nodeName: 'node-6', nodeSelector: NL }, nodes: mixed(4, 3), does: '1/0' },
  { row: '#33', says: 'a named node without the labels gets none', pod: { nodeName: 'node-0', nodeSelector: NL }, nodes: mixed(4, 3), does: '0/0' },
  { row: '#34', says: 'labels decide, whatever the strategy', pod: { nodeSelector: NL }, nodes: mixed(4, 3), does: '3/0' },
  { row: '#35', says: 'required node affinity decides', pod: wanting('color', 'blue'), nodes: mixed(4, 3), does: '3/0' },
  { row: '#38', says: 'a running pod is left alone', nodes: [node('n1')], pods: ['a@n1'], does: '0/0' },
  { row: '#39', says: 'an empty node gets one', nodes: [node('n1')], does: '1/0' },
  { row: '#40', says: 'a failed pod goes, its replacement waits for the next pass', nodes: [node('n1')], pods: ['a@n1 - failed'], does: '0/1' },
  { row: '#41', says: 'a failed pod goes and so do two of three others', nodes: [node('n1')], pods: ['x@n1 - failed', 'a@n1', 'b@n1', 'c@n1'], does: '0/3' },
  { row: '#45', says: 'NoSchedule leaves a running pod alone', nodes: [node('n1 dedicated=user1:NoSchedule')], pods: ['a@n1'], does: '0/0' },
  { row: '#46', says: 'NoExecute drives it out', nodes: [node('n1 dedicated=user1:NoExecute')], pods: ['a@n1'], does: '0/1' },
  { row: '#47', says: 'NoSchedule keeps a new pod away', nodes: [node('n1 dedicated=user1:NoSchedule')], does: '0/0' },
  {
    row: '#48',
    says: 'unless the template tolerates it',
    pod: { tolerations: [TOLERATION] },
    nodes: [node('n1 dedicated=user1:NoSchedule')],
    does: '1/0',
  },
  { row: '#49', says: 'not-ready:NoExecute is tolerated by every daemon', nodes: [node('n1 notready node.kubernetes.io/not-ready:NoExecute')], does: '1/0' },
  { row: '#50', says: 'unreachable:NoExecute too', nodes: [node('n1 notready node.kubernetes.io/unreachable:NoExecute')], does: '1/0' },
  { row: '#51', says: 'a toleration without a taint does no harm', pod: { tolerations: [TOLERATION] }, nodes: [node('n1')], does: '1/0' },
  { row: '#52', says: 'a pod that is going holds its node', nodes: [node('n1')], pods: ['a@n1 - available terminating'], does: '0/0' },
  {
    row: '#53',
    says: 'pressure keeps no daemon away',
    pod: { priorityClassName: 'system-node-critical', priority: 2000001000 },
    nodes: [node('n1 node.kubernetes.io/disk-pressure:NoSchedule node.kubernetes.io/memory-pressure:NoSchedule node.kubernetes.io/pid-pressure:NoSchedule')],
    does: '1/0',
  },
  {
    row: '#73',
    says: 'of pods whose node is gone only one that never got there goes',
    nodes: [node('node-0')],
    pods: ['a@node-0', 'b@node-1', 'c->node-2'],
    does: '0/1',
  },
]

for (const strategy of STRATEGIES) {
  for (const { row, says, pod, nodes, pods = [], does } of rows) {
    test(`catalogue ${row}: ${says} (${strategy.onDelete ? 'OnDelete' : 'RollingUpdate'})`, () => {
      const set = daemonSet({ ...strategy, ...(pod && { pod }) })
      const rig = new Rig(set, nodes)
      rig.pods = world({
        set,
        nodes: [],
        pods: pods.map(text => (text.includes(' ') ? text.replace(' -', ` ${rig.hash}`) : `${text} ${rig.hash} available`)),
      }).pods
      assert.equal(rig.sync(), does)
    })
  }
}

test('catalogue #7: pods are left to the scheduler, each pinned to its node by one term', () => {
  const rig = new Rig(daemonSet(), nodesNamed(5))
  rig.sync()
  assert.deepEqual(
    rig.pods.map(pod => [pod.spec.nodeName, pod.spec.affinity]),
    rig.nodes.map(({ metadata: { name } }) => [
      undefined,
      {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
          },
        },
      },
    ]),
  )
})

test('catalogue #36: readiness is counted when the pods say so', () => {
  const rig = new Rig(daemonSet(), nodesNamed(2))
  rig.expect('2/0 0/0')
  assert.equal(rig.set.status.numberReady, 0)
  rig.ready()
  rig.expect('0/0')
  assert.equal(rig.set.status.numberReady, 2)
})

test('catalogue #37: the status says which generation it is of', () => {
  const rig = new Rig(daemonSet({ generation: 7 }), nodesNamed(1))
  rig.sync()
  assert.equal(rig.set.status.observedGeneration, 7)
})

for (const onDelete of [true, false]) {
  const make = () => {
    const set = daemonSet({ onDelete })
    const rig = new Rig(set, [node('n1')])
    const failed = world({ set, nodes: [], pods: [`a@n1 ${rig.hash} failed`] }).pods
    rig.pods = failed
    return { rig, failed }
  }
  const strategy = onDelete ? 'OnDelete' : 'RollingUpdate'
  test(`catalogue #42: deleting a failed pod starts a back-off (${strategy})`, () => {
    const { rig } = make()
    rig.expect('0/1')
    assert.deepEqual([...rig.failures], [['n1', { generation: 0, since: Date.UTC(2026, 0, 1), delayMs: 1000 }]])
  })
  test(`catalogue #43: the next failed pod is left while the back-off lasts, which waiting does not lengthen (${strategy})`, () => {
    const { rig, failed } = make()
    rig.sync()
    rig.set = daemonSet({ onDelete })
    rig.pods = failed
    for (const seconds of [0, 0.5, 0.999]) {
      rig.time = seconds
      const plan = rig.plan()
      assert.deepEqual(sayPods(plan), ['a: backing-off'])
      assert.equal(plan.lookAgainAt, Date.UTC(2026, 0, 1) + 1000)
    }
    assert.equal(rig.failures.get('n1')?.delayMs, 1000)
  })
  test(`catalogue #44: when it is over the pod goes, and the next one waits twice as long (${strategy})`, () => {
    const { rig, failed } = make()
    rig.sync()
    rig.set = daemonSet({ onDelete })
    rig.pods = failed
    rig.time = 1
    assert.equal(rig.sync(), '0/1')
    assert.equal(rig.failures.get('n1')?.delayMs, 2000)
  })
}

const shouldRun: readonly (readonly [row: string, says: string, pod: Partial<PodSpec>, words: string, run: boolean, stay: boolean])[] = [
  ['#54', 'a plain pod', resources('50M', '0.5'), '', true, true],
  ['#55', 'one too big for the node', resources('200M', '0.5'), '', true, true],
  ['#56', 'one that names another node', { nodeName: 'other-node' }, '', false, false],
  ['#57', 'a host port that is taken', { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 1, hostPort: 666 }] }] }, '', true, true],
  ['#58', 'no room left', resources('100M', '0.5'), '', true, true],
  ['#59', 'room and a free port', resources('50M', '0.5'), '', true, true],
  ['#60', 'labels the node lacks', { nodeSelector: L2 }, '', false, false],
  ['#61', 'labels the node has', { nodeSelector: L1 }, '', true, true],
  ['#62', 'affinity to another value', wanting('type', 'test'), '', false, false],
  ['#63', "affinity to the node's value", wanting('type', 'production'), '', true, true],
  ['#64', 'a node marked unschedulable without a taint', {}, 'cordoned', true, true],
]
for (const { onDelete = false } of STRATEGIES) {
  for (const [row, says, pod, words, run, stay] of shouldRun) {
    test(`catalogue ${row}: ${says}: ${run ? 'runs' : 'does not run'} there (${onDelete ? 'OnDelete' : 'RollingUpdate'})`, () => {
      const { podSpec } = factsOf(daemonSet({ onDelete, pod }), 'v1')
      const placement = placementOf(podSpec, node(`test-node name=simple-daemon type=production${words && ` ${words}`}`))
      assert.deepEqual({ run: placement.run, stay: placement.stay }, { run, stay })
    })
  }
}

test('catalogue #74: a node has the pods bound or pinned to it, but not those that ended and are being deleted', () => {
  const plan = planDaemonSet(
    world({
      nodes: ['node-0', 'node-1'],
      pods: [
        'a@node-0 v2 available',
        'b->node-1 v2 pending',
        'c@node-0 v2 succeeded',
        'd@node-0 v2 failed',
        'e@node-1 v2 succeeded terminating',
        'f@node-1 v2 failed terminating',
      ],
    }),
  )
  assert.deepEqual(sayPods(plan), ['a: current', 'b: starting', 'c: succeeded', 'd: failed', 'e: gone', 'f: gone'])
  assert.deepEqual(say(plan), ['delete c (succeeded)', 'delete d (failed)'])
})

test('catalogue #75: for history they still count, until they are really gone', () => {
  const set = daemonSet({ spec: { revisionHistoryLimit: 0 } })
  const { pods } = world({ nodes: [], pods: ['e@node-1 old succeeded terminating', 'f@node-1 older failed terminating'] })
  const revision = (hash: string, number: number): ControllerRevision => ({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: hash, uid: hash, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'controller-revision-hash': hash } },
    data: { of: hash },
    revision: number,
  })
  const cut = planTruncation(set, [revision('older', 1), revision('old', 2), revision('none', 3)], pods)
  assert.deepEqual(
    cut.map(({ revision }) => revision.metadata.name),
    ['none'],
  )
})

const targets: readonly (readonly [row: string, says: string, spec: Partial<PodSpec>, target: string | undefined])[] = [
  ['#148', 'the node it is bound to', { nodeName: 'node-1' }, 'node-1'],
  ['#149', 'the one node it is pinned to', pinned('node-1'), 'node-1'],
  ['#150', 'none when it names two', pinned('node-1', 'node-2'), undefined],
  ['#151', 'none when it names none', {}, undefined],
]
for (const [row, says, spec, target] of targets) {
  test(`catalogue ${row}: the target of a pod is ${says}`, () => {
    const [pod] = world({ nodes: [], pods: ['a v1 pending'] }).pods
    assert.equal(targetNode({ ...pod!, spec: { ...pod!.spec, ...spec } }), target)
  })
}

function pinned(...values: readonly string[]): Partial<PodSpec> {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values }] }
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } } }
}
