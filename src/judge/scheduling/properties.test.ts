import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { objectKey } from '../../api/meta/key.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'
import { Cluster } from './cluster.ts'
import { place, priorityOf, refusalOf, surroundingsOf } from './place.ts'
import { planPreemption } from './preemption.ts'
import { aNode, aPod, onNodes } from './terse-world.ts'

const NODES = ['n1', 'n2', 'n3']
const apart: Partial<PodSpec> = {
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: { matchLabels: { app: 'a' } } }] } },
}
const even: Partial<PodSpec> = {
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'a' } } }],
}

const aName = fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8')
const aNodeName = fc.constantFrom(...NODES)
const podOf = fc.record({
  name: aName,
  cpu: fc.constantFrom('500m', '1', '2'),
  app: fc.constantFrom('a', 'b'),
  priority: fc.constantFrom(0, 5, 10),
  port: fc.constantFrom(0, 0, 0, 80),
  shape: fc.constantFrom<Partial<PodSpec>>({}, {}, apart, even, onNodes(['metadata.name In n2'])),
})
type PodWords = typeof podOf extends fc.Arbitrary<infer T> ? T : never
const make = ({ name, cpu, app, priority, port, shape }: PodWords, on?: string, phase?: string): Pod =>
  aPod(name, { wants: { cpu }, labels: { app }, priority, spec: shape, ...(port && { hostPorts: [port] }), ...(on && { on }), ...(phase && { phase }) })

const step = fc.oneof(
  fc.record({ do: fc.constant('node' as const), node: aNodeName, zone: fc.constantFrom('x', 'y'), cordoned: fc.constantFrom(false, false, false, true) }),
  fc.record({ do: fc.constant('lose' as const), node: aNodeName }),
  fc.record({ do: fc.constant('bound' as const), pod: podOf, node: aNodeName }),
  fc.record({ do: fc.constant('finished' as const), pod: podOf, node: aNodeName }),
  fc.record({ do: fc.constant('gone' as const), name: aName }),
  fc.record({ do: fc.constant('relabelled' as const), name: aName, app: fc.constantFrom('a', 'b') }),
  fc.record({ do: fc.constant('place' as const), pod: podOf }),
  fc.record({ do: fc.constant('place' as const), pod: podOf }),
  fc.record({ do: fc.constant('place' as const), pod: podOf }),
  fc.record({ do: fc.constant('forget' as const), name: aName }),
)

/** What a cluster built afresh from what this one holds would say of every node. */
function rebuilt(cluster: Cluster): Cluster {
  const fresh = new Cluster()
  for (const { node } of cluster.nodes) fresh.setNode(node!)
  for (const { pod, node } of cluster.placed()) fresh.setPod({ ...pod, spec: { ...pod.spec, nodeName: node } })
  return fresh
}
const summary = (cluster: Cluster) =>
  cluster.nodes
    .map(info => ({
      node: info.node!.metadata.name,
      labels: info.node!.metadata.labels,
      cordoned: info.node!.spec.unschedulable,
      pods: [...info.pods].map(([key, { metadata }]) => `${key} ${metadata.labels?.['app']}`).sort(),
      cpu: info.requested('cpu'),
      port: info.portTaken({ protocol: 'TCP', port: 80, address: '0.0.0.0' }),
    }))
    .sort((a, b) => (a.node < b.node ? -1 : 1))

test('whatever happens, what is kept equals what is true, a placed pod fits, and victims are few, lesser and enough', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), steps => {
      const cluster = new Cluster()
      for (const [i, name] of NODES.entries()) cluster.setNode(aNode(name, { labels: { zone: i === 0 ? 'x' : 'y' }, gives: { cpu: '2' } }))
      for (const act of steps) {
        const before = { state: JSON.stringify(summary(cluster)), generation: cluster.generation }
        if (act.do === 'node') cluster.setNode(aNode(act.node, { labels: { zone: act.zone }, cordoned: act.cordoned, gives: { cpu: '2' } }))
        else if (act.do === 'lose') cluster.removeNode(act.node)
        else if (act.do === 'bound') cluster.setPod(make(act.pod, act.node))
        else if (act.do === 'finished') cluster.setPod(make(act.pod, act.node, 'Failed'))
        else if (act.do === 'gone') cluster.removePod(`default/${act.name}`)
        else if (act.do === 'relabelled') relabel(cluster, `default/${act.name}`, act.app)
        else if (act.do === 'forget') cluster.forget(`default/${act.name}`)
        else tryToPlace(cluster, make(act.pod))
        assert.deepEqual(summary(cluster), summary(rebuilt(cluster)))
        if (JSON.stringify(summary(cluster)) !== before.state) assert.notEqual(cluster.generation, before.generation, 'what changed is another generation')
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(reached > 100, `preemption was reached ${reached} times`)
})

/** The server shows a pod anew that asks for what it asked for. */
function relabel(cluster: Cluster, key: string, app: string): void {
  const { pod } = cluster.placement(key) ?? {}
  if (pod && !cluster.isAssumed(key)) cluster.setPod({ ...pod, metadata: { ...pod.metadata, labels: { app } } })
}

let reached = 0
function tryToPlace(cluster: Cluster, pod: Pod): void {
  if (cluster.placement(objectKey(pod))) return
  const found = place(pod, cluster)
  if ('node' in found) {
    assert.equal(refusalOf(pod, cluster.info(found.node)!, surroundingsOf(pod, cluster)), undefined)
    cluster.assume({ ...pod, spec: { ...pod.spec, nodeName: found.node } }, found.node)
    return
  }
  for (const info of cluster.nodes) assert.notEqual(refusalOf(pod, info, surroundingsOf(pod, cluster)), undefined, 'every node has its reason')
  const preemption = planPreemption(pod, cluster, found, [])
  if ('message' in preemption) return
  const { node, victims } = preemption
  reached++
  assert.ok(victims.length > 0 && victims.every(victim => priorityOf(victim) < priorityOf(pod)))
  const without = (kept: readonly Pod[]) => {
    const fresh = rebuilt(cluster)
    for (const victim of kept) fresh.removePod(objectKey(victim))
    return refusalOf(pod, fresh.info(node)!, surroundingsOf(pod, fresh))
  }
  assert.equal(without(victims), undefined, 'enough make way')
  for (const victim of victims) assert.notEqual(without(victims.filter(other => other !== victim)), undefined, 'nobody goes for nothing')
}
