import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, daemonSet, NOW, node, pod, type SetText } from '../../../test/support/daemon-world.ts'
import type { Event } from '../../api/types/core/event.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { failureAnnotations, failuresFrom } from './failures.ts'
import { newRevision, revisionData } from './revision.ts'
import { placementAnswer } from './why.ts'
import type { WhyNode } from './why-types.ts'

interface Text {
  readonly set?: SetText
  readonly nodes: readonly (string | Node)[]
  readonly pods?: readonly string[]
  /** Pods of others, by the node they are bound to. */
  readonly others?: readonly Pod[]
  readonly events?: readonly (readonly [node: string, seconds: number])[]
}

function why(text: Text, only?: string) {
  const set = daemonSet(text.set)
  const revision = newRevision(set, revisionData(set), 1)
  const current = { ...revision, metadata: { ...revision.metadata, uid: 'r', resourceVersion: '1', creationTimestamp: at(0) } }
  const hash = revision.metadata.labels!['controller-revision-hash']!
  const pods = (text.pods ?? []).map(p => pod(p.replace(' new ', ` ${hash} `), set))
  const all = [...pods, ...(text.others ?? [])]
  return placementAnswer(
    {
      now: NOW,
      set,
      revisions: [current as Parameters<typeof placementAnswer>[0]['revisions'][number]],
      nodes: text.nodes.map(n => (typeof n === 'string' ? node(n) : n)),
      pods,
      boundTo: name => all.filter(p => p.spec.nodeName === name),
      events: (text.events ?? []).map(
        ([name, seconds]) =>
          ({
            reason: 'FailedDaemonPod',
            message: `Found failed daemon pod default/x on node ${name}, will try to kill it`,
            lastTimestamp: at(seconds),
          }) as Event,
      ),
    },
    only,
  )
}
const say = ({ name, runs, should, verdict, reasons }: WhyNode) => [
  `${name}: ${verdict}${runs ? ', runs' : ''}${should ? ', should' : ''}`,
  ...reasons.map(reason => reason.message),
]

const rows: readonly (readonly [says: string, world: Text, answer: readonly (readonly string[])[]])[] = [
  ['a healthy daemon needs no reason', { nodes: ['n1'], pods: ['a@n1 new available'] }, [['n1: runs, runs, should']]],
  [
    'every label that is missing is told, with what is there instead',
    { set: { pod: { nodeSelector: { disk: 'ssd', zone: 'a' } } }, nodes: ['n1 disk=hdd'] },
    [['n1: excluded', 'the nodeSelector wants disk=ssd, and the node has disk=hdd', 'the nodeSelector wants zone=a, and the node has no such label']],
  ],
  [
    'every requirement of every term of the affinity is told',
    {
      set: {
        pod: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: 'mem', operator: 'Gt', values: ['64'] },
                      { key: 'gpu', operator: 'Exists' },
                    ],
                  },
                  { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n9'] }] },
                ],
              },
            },
          },
        },
      },
      nodes: ['n1 mem=32'],
    },
    [
      [
        'n1: excluded',
        'term 0 of the required node affinity wants mem Gt [64], and the node has mem=32',
        'term 0 of the required node affinity wants gpu Exists, and the node has no such label',
        'term 1 of the required node affinity wants metadata.name In [n9], and the node has the name n1',
      ],
    ],
  ],
  [
    'every taint is told; one that only keeps new pods away lets an old one stay',
    { nodes: ['n1 a=b:NoSchedule', 'n2 a=b:NoSchedule c:NoExecute'], pods: ['a@n1 new available', 'b@n2 new available'] },
    [
      ['n1: stays, runs', 'the node has the taint a=b:NoSchedule, which keeps new pods away'],
      [
        'n2: leaving, runs',
        'the node has the taint a=b:NoSchedule, which keeps new pods away',
        'the node has the taint c:NoExecute, which drives out what runs',
        'the pod is on a node that is not wanted and is to be deleted',
      ],
    ],
  ],
  [
    'a pod that is not bound tells what the node is short of and who has its port',
    {
      set: {
        pod: {
          containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '500m' } }, ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }],
        },
      },
      nodes: [{ ...node('n1'), status: { allocatable: { cpu: '600m', pods: '10' } } }],
      pods: ['a->n1 new pending'],
      others: [
        {
          ...pod('x@n1 - available owner=other'),
          spec: {
            nodeName: 'n1',
            containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '200m' } }, ports: [{ containerPort: 8080, hostPort: 80, protocol: 'TCP' }] }],
          },
        },
      ],
    },
    [
      [
        'n1: pending, should',
        'the scheduler has not bound the pod yet',
        'the node is short of 100m cpu: the pod asks for 500m, 400m is free',
        'host port 80/TCP is taken by default/x',
      ],
    ],
  ],
  [
    'a pod that waits for its turn tells who is before it and who holds the budget',
    { nodes: ['n1', 'n2', 'n3', 'n4'], pods: ['a@n1 new starting', 'b@n2 old available', 'c@n3 old available', 'd@n4 old available'] },
    [
      ['n1: starting, runs, should', `the pod is not ready`],
      [
        'n2: outdated, runs, should',
        'the pod is of an older revision and waits for its turn: 1 of the nodes may be without an available pod at a time, 1 does now (n1); it is next',
      ],
      [
        'n3: outdated, runs, should',
        'the pod is of an older revision and waits for its turn: 1 of the nodes may be without an available pod at a time, 1 does now (n1); 1 comes before it (n2)',
      ],
      [
        'n4: outdated, runs, should',
        'the pod is of an older revision and waits for its turn: 1 of the nodes may be without an available pod at a time, 1 does now (n1); 2 come before it (n2, n3)',
      ],
    ],
  ],
  [
    'OnDelete is told',
    { set: { onDelete: true }, nodes: ['n1'], pods: ['a@n1 old available'] },
    [['n1: outdated, runs, should', 'the pod is of an older revision, and the update strategy OnDelete leaves it until somebody deletes it']],
  ],
  [
    'a back-off is replayed from the events',
    {
      nodes: ['n1', 'n2'],
      pods: ['a@n1 new failed', 'b@n2 new failed'],
      events: [
        ['n1', -4],
        ['n1', -3],
        ['n1', -1],
      ],
    },
    [
      ['n1: backing-off, should', 'the pod failed; it is replaced at 2026-01-01T00:00:03Z'],
      ['n2: backing-off, should', 'the pod failed and is to be replaced'],
    ],
  ],
  [
    'memory is told as people write it',
    {
      set: { pod: { containers: [{ name: 'main', image: 'i', resources: { requests: { memory: '3Gi' } } }] } },
      nodes: [{ ...node('n1'), status: { allocatable: { memory: '2Gi', pods: '10' } } }],
      pods: ['a->n1 new pending'],
    },
    [['n1: pending, should', 'the scheduler has not bound the pod yet', 'the node is short of 1Gi memory: the pod asks for 3Gi, 2Gi is free']],
  ],
  [
    'a node that is not ready says so, and one that is not wanted gets no next pod',
    {
      nodes: [
        { ...node('n1 a:NoSchedule'), status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'it is silent' }] } },
        { ...node('n2'), status: { conditions: [{ type: 'Ready', status: 'False', reason: 'x' }] } },
      ],
      pods: ['a@n1 old available terminating', 'b@n2 new starting'],
    },
    [
      ['n1: leaving', 'the node has the taint a:NoSchedule, which keeps new pods away', 'the node is not ready: it is silent', 'the pod is being deleted'],
      ['n2: starting, runs, should', 'the node is not ready', 'the pod is not ready'],
    ],
  ],
  [
    'a pod that is going holds its node; an empty node is told that its pod comes',
    { nodes: ['n1', 'n2'], pods: ['a@n1 new available terminating'] },
    [
      ['n1: replacing, should', 'the pod is being deleted; its node gets the next one when it is gone'],
      ['n2: to-create, should', 'the node has no pod yet; one is to be created now'],
    ],
  ],
  [
    'a node that is gone is told while pods are on it',
    { nodes: [], pods: ['a@n1 new available'] },
    [['n1: node-missing, runs', 'there is no node named n1; pods bound to it are collected']],
  ],
]
for (const [says, world, answer] of rows) {
  test(`why: ${says}`, () => assert.deepEqual(why(world).nodes.map(say), answer))
}

const untouched = [
  [
    'is being deleted',
    { meta: { deletionTimestamp: at(-5), finalizers: ['foregroundDeletion'] } },
    'the DaemonSet is being deleted, held by foregroundDeletion: nothing is created or deleted for it any more',
  ],
  ['selects all pods', { spec: { selector: {} } }, 'the selector of the DaemonSet is empty and selects all pods: nothing is done for it'],
] as const
for (const [says, set, message] of untouched) {
  test(`why: nothing is said to be done for a set that ${says}`, () => {
    const answer = why({
      set,
      nodes: ['n1', 'n2', 'n3 a:NoExecute', 'n4', 'n5'],
      pods: ['b@n2 old available', 'c@n3 new available', 'd@n4 new failed', 'e@n5 new available'],
    })
    assert.deepEqual(
      answer.reasons.map(reason => reason.message),
      [message],
    )
    assert.deepEqual(answer.nodes.map(say), [
      ['n1: stopped, should', message],
      ['n2: outdated, runs, should', message],
      ['n3: stopped, runs', 'the node has the taint a:NoExecute, which drives out what runs', message],
      ['n4: stopped, should', message],
      ['n5: runs, runs, should'],
    ])
  })
}

test('why: a back-off is what the event says, however many others came before it; another generation of the set knows none', () => {
  const failure = { generation: 3, since: NOW - 500, delayMs: 900_000 }
  const event = {
    metadata: { annotations: failureAnnotations(failure) },
    reason: 'FailedDaemonPod',
    message: 'Found failed daemon pod default/x on node n1, will try to kill it',
    lastTimestamp: at(-1),
  } as unknown as Event
  assert.deepEqual([...failuresFrom([event], 3)], [['n1', { generation: 3, since: NOW - 1000, delayMs: 900_500 }]])
  assert.deepEqual([...failuresFrom([{ ...event, metadata: {} as Event['metadata'] }], 3)], [['n1', { generation: 3, since: NOW - 1000, delayMs: 1000 }]])
  assert.equal(failuresFrom([event], 4).get('n1')?.generation, 3)
})

test('why: a generation that the controller has not seen is told as such', () => {
  assert.deepEqual(
    [3, 1].map(generation => why({ set: { generation, status: { observedGeneration: 2 } }, nodes: [] }).reasons.map(({ type, message }) => [type, message])),
    [[['not-observed', 'the controller has not carried out generation 3 of the DaemonSet yet, only 2: this is what it is to do']], []],
  )
})

test('why: one node is asked for by name, also one that does not exist', () => {
  const world: Text = { nodes: ['n1', 'n2'], pods: ['a@n1 new available'] }
  assert.deepEqual(why(world, 'n2').nodes.map(say), [['n2: to-create, should', 'the node has no pod yet; one is to be created now']])
  assert.deepEqual(why(world, 'n7').nodes.map(say), [['n7: node-missing', 'there is no node named n7']])
})

test('why: a new pod that wants the port of the old one beside it is told that it can never have it', () => {
  const ports = [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]
  const world: Text = {
    set: { maxSurge: 1, pod: { containers: [{ name: 'main', image: 'i', ports }] } },
    nodes: ['n1'],
    pods: ['a@n1 old available', 'b->n1 new pending'],
  }
  const [answer] = why(world).nodes
  const clash = answer?.reasons.find(({ type }) => type === 'host-port')
  assert.deepEqual(
    [clash?.message, clash?.remedy],
    ['host port 80/TCP is taken by default/a', 'set spec.updateStrategy.rollingUpdate to maxSurge 0 and maxUnavailable 1: two pods cannot hold one port'],
  )
})

test('why: reasons carry data for machines, and since when only where an object knows', () => {
  const tainted = node('n1 a=b:NoSchedule')
  const [answer] = why({ nodes: [{ ...tainted, spec: { taints: [{ ...tainted.spec.taints![0]!, timeAdded: at(-60) }] } }] }).nodes
  assert.deepEqual(answer?.reasons, [
    {
      type: 'taint',
      taint: 'a=b:NoSchedule',
      toleration: { key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' },
      since: at(-60),
      message: 'the node has the taint a=b:NoSchedule, which keeps new pods away',
      remedy: 'add to spec.template.spec.tolerations: {"key":"a","operator":"Equal","value":"b","effect":"NoSchedule"}',
    },
  ])
  const [bare] = why({ nodes: [tainted] }).nodes
  assert.equal(bare?.reasons[0]?.since, undefined)
})
