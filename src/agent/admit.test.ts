import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { aNode, aPod, type NodeWords, onNodes, type PodWords } from '../judge/scheduling/terse-world.ts'
import { admit } from './admit.ts'

interface Row {
  readonly pod: PodWords
  readonly node?: NodeWords
  readonly beside?: readonly PodWords[]
  readonly says: string | undefined
}

const AFFINITY = "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
const PORTS = "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
const short = (resource: string, requested: number, used: number, capacity: number) =>
  `OutOf${resource}: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
const SMALL = { gives: { cpu: '2', memory: '1Gi', pods: '2' } }
const STATIC: Partial<Pod['metadata']> = { annotations: { 'kubernetes.io/config.source': 'file' } }

const ROWS: Record<string, Row> = {
  'takes what fits exactly': { pod: { wants: { cpu: '1', memory: '1Gi' } }, node: SMALL, beside: [{ wants: { cpu: '1' } }], says: undefined },
  'refuses what asks for more cpu than is left, in thousandths': {
    pod: { wants: { cpu: '1500m' } },
    node: SMALL,
    beside: [{ wants: { cpu: '1' } }],
    says: short('cpu', 1500, 1000, 2000),
  },
  'refuses memory in bytes': { pod: { wants: { memory: '2Gi' } }, node: SMALL, says: short('memory', 2 ** 31, 0, 2 ** 30) },
  'names the places before cpu, and cpu before memory': {
    pod: { wants: { memory: '2Gi', cpu: '3' } },
    node: SMALL,
    beside: [{}, {}],
    says: short('pods', 1, 2, 2),
  },
  'names cpu before memory': { pod: { wants: { memory: '2Gi', cpu: '3' } }, node: SMALL, says: short('cpu', 3000, 0, 2000) },
  'counts no pod that has ended': { pod: { wants: { cpu: '2' } }, node: SMALL, beside: [{ wants: { cpu: '2' }, phase: 'Failed' }], says: undefined },
  'counts a pod that is being deleted': {
    pod: { wants: { cpu: '2' } },
    node: SMALL,
    beside: [{ wants: { cpu: '2' }, terminating: true }],
    says: short('cpu', 2000, 2000, 2000),
  },
  'passes over an extended resource that it has never heard of': { pod: { wants: { 'example.com/gpu': '1' } }, says: undefined },
  'refuses an extended resource that has run out': {
    pod: { wants: { 'example.com/gpu': '1' } },
    node: { gives: { 'example.com/gpu': '0' } },
    says: short('example.com/gpu', 1, 0, 0),
  },
  'refuses huge pages that it does not have': { pod: { wants: { 'hugepages-2Mi': '2Mi' } }, says: short('hugepages-2Mi', 2 * 2 ** 20, 0, 0) },
  'refuses a host port that is taken': { pod: { hostPorts: [80] }, beside: [{ hostPorts: [80] }], says: PORTS },
  'takes a host port that is free': { pod: { hostPorts: [81] }, beside: [{ hostPorts: [80] }], says: undefined },
  'refuses a selector that its labels do not match': { pod: { spec: { nodeSelector: { disk: 'ssd' } } }, node: { labels: { disk: 'hdd' } }, says: AFFINITY },
  'takes what its labels match': { pod: { spec: { nodeSelector: { disk: 'ssd' } } }, node: { labels: { disk: 'ssd' } }, says: undefined },
  'refuses an affinity to another node': { pod: { spec: onNodes(['metadata.name In n2']) }, says: AFFINITY },
  'tells a shortage before an affinity': {
    pod: { wants: { cpu: '3' }, spec: { nodeSelector: { disk: 'ssd' } } },
    node: SMALL,
    says: short('cpu', 3000, 0, 2000),
  },
  'leaves taints and cordons to the server': { pod: {}, node: { taints: ['a=b:NoExecute', 'c:NoSchedule'], cordoned: true }, says: undefined },
  'has others make room for a critical pod': {
    pod: { wants: { cpu: '1500m' }, priority: 2_000_001_000 },
    node: SMALL,
    beside: [{ wants: { cpu: '1' } }],
    says: 'preempts other-0',
  },
  'refuses a critical pod for which no room can be made': {
    pod: { wants: { cpu: '9' }, priority: 2_000_001_000 },
    node: SMALL,
    beside: [{ wants: { cpu: '1' } }],
    says: `UnexpectedAdmissionError: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 8000), ]`,
  },
  'ends nobody for a critical pod that it refuses anyway': {
    pod: { wants: { cpu: '2' }, hostPorts: [80], priority: 2_000_001_000 },
    node: SMALL,
    beside: [{ wants: { cpu: '1' }, hostPorts: [80] }],
    says: PORTS,
  },
  'refuses a critical pod whose port is taken': { pod: { hostPorts: [80], priority: 2_000_001_000 }, beside: [{ hostPorts: [80] }], says: PORTS },
}

describe('a node', () => {
  const say = (pod: Pod, { node, beside = [] }: Omit<Row, 'pod' | 'says'>) => {
    const others = beside.map((words, i) => aPod(`other-${i}`, { on: 'n1', ...words }))
    const verdict = admit(pod, aNode('n1', node), [pod, ...others])
    if (verdict && 'preempt' in verdict) return `preempts ${verdict.preempt.map(({ metadata }) => metadata.name).join(' ')}`
    return verdict && `${verdict.reason}: ${verdict.message}`
  }
  for (const [name, { pod, says, ...world }] of Object.entries(ROWS)) {
    it(name, () => assert.equal(say(aPod('new', { on: 'n1', ...pod }), world), says))
  }

  it('runs static pods whatever its labels, and makes room for them', () => {
    const pod = aPod('new', { on: 'n1', wants: { cpu: '4' }, spec: { nodeSelector: { disk: 'ssd' } } })
    assert.equal(say({ ...pod, metadata: { ...pod.metadata, ...STATIC } }, { beside: [{ wants: { cpu: '1' } }] }), 'preempts other-0')
  })
})
