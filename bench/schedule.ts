import type { Pod } from '../src/api/types/core/pod.ts'
import { Cluster } from '../src/judge/scheduling/cluster.ts'
import { place } from '../src/judge/scheduling/place.ts'
import { planPreemption } from '../src/judge/scheduling/preemption.ts'
import { aNode, aPod, onNodes } from '../src/judge/scheduling/terse-world.ts'
import type { Bench } from './run.ts'

const clusterOf = (nodes: number): Cluster => {
  const cluster = new Cluster()
  for (let i = 0; i < nodes; i++) cluster.setNode(aNode(`n${i}`, { labels: { zone: `z${i % 3}` } }))
  return cluster
}
const WANTS = { cpu: '100m', memory: '64Mi' }

/** What the judgement of the scheduler costs: a daemon pod (one node looked at), a plain pod (a sample), and one that fits nowhere (all nodes, and nobody makes way). */
export const schedule: Bench = async ({ nodes, runs }, print) => {
  for (const count of nodes) {
    for (let run = 0; run < runs; run++) {
      const cluster = clusterOf(count)
      const daemons = Array.from({ length: count }, (_, i): Pod => aPod(`d${i}`, { wants: WANTS, spec: onNodes([`metadata.name In n${i}`]) }))
      let began = performance.now()
      for (const pod of daemons) {
        const found = place(pod, cluster)
        if (!('node' in found)) throw new Error('a daemon pod found no node')
        cluster.assume({ ...pod, spec: { ...pod.spec, nodeName: found.node } }, found.node)
      }
      print({ bench: 'schedule', figure: 'daemon pod', nodes: count, value: round(((performance.now() - began) * 1000) / count), unit: 'µs/pod' })

      const plain = Array.from({ length: 200 }, (_, i) => aPod(`p${i}`, { wants: WANTS }))
      began = performance.now()
      for (const [i, pod] of plain.entries()) {
        const found = place(pod, cluster, i * 97)
        if ('node' in found) cluster.assume({ ...pod, spec: { ...pod.spec, nodeName: found.node } }, found.node)
      }
      print({ bench: 'schedule', figure: 'plain pod', nodes: count, value: round(((performance.now() - began) * 1000) / plain.length), unit: 'µs/pod' })

      const large = aPod('large', { wants: { cpu: '3950m' }, priority: 0 })
      began = performance.now()
      const found = place(large, cluster)
      if ('node' in found) throw new Error('the large pod found a node')
      planPreemption(large, cluster, found, [])
      print({
        bench: 'schedule',
        figure: 'pod that fits nowhere',
        nodes: count,
        value: round(((performance.now() - began) * 1000) / count, 3),
        unit: 'µs/node',
      })
    }
  }
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))
