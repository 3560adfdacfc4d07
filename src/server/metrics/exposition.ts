import type { NodeStats, Usage } from '../../api/node-stats.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type Labels, labelText } from '../../base/metrics.ts'

interface Line {
  readonly labels: Labels
  readonly usage: Usage
}

/** What nodes and containers use in Prometheus' text format, under the names that a kubelet's `/metrics/resource` gives them. */
export function resourceExposition(said: ReadonlyMap<string, NodeStats>, pods: Iterable<Pod>): string {
  const nodes: Line[] = [...said].flatMap(([node, { node: usage }]) => (usage ? [{ labels: { node }, usage }] : []))
  const containers: Line[] = []
  const measured = new Map([...said].map(([node, stats]) => [node, Map.groupBy(stats.containers, ({ uid }) => uid)]))
  for (const { metadata, spec } of pods) {
    const { name: pod, namespace = '', uid } = metadata
    const node = spec.nodeName ?? ''
    for (const usage of measured.get(node)?.get(uid) ?? []) containers.push({ labels: { container: usage.container, namespace, node, pod }, usage })
  }
  const family = (name: string, help: string, type: string, lines: readonly Line[], value: (usage: Usage) => number): string =>
    [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines.map(({ labels, usage }) => `${name}{${labelText(labels)}} ${value(usage)}`), ''].join('\n')
  const cpu = (usage: Usage) => usage.cpuSeconds
  const memory = (usage: Usage) => usage.memoryBytes
  return [
    family('node_cpu_usage_seconds_total', 'CPU time that the node has used.', 'counter', nodes, cpu),
    family('node_memory_working_set_bytes', 'Memory that the node uses and could not give back at once.', 'gauge', nodes, memory),
    family('container_cpu_usage_seconds_total', 'CPU time that the container has used.', 'counter', containers, cpu),
    family('container_memory_working_set_bytes', 'Memory that the container uses and could not give back at once.', 'gauge', containers, memory),
  ].join('')
}
