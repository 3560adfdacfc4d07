import type { ObjectOf } from '../meta/object.ts'
import { list, map, message, opt, quantity, req, type Static, string, time } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

const window = 'Over how long before the timestamp the CPU rate was taken: 15s.'
const usage = 'What is used: cpu (cores) and memory (working set, bytes).'

export const NodeMetrics = message(
  'metrics.v1beta1.NodeMetrics',
  {
    metadata: opt(1, ObjectMeta, 'Name and labels of the node.'),
    timestamp: req(2, time, 'When it was measured.'),
    window: req(3, string, window),
    usage: req(4, map(quantity), usage),
  },
  { kind: true, doc: 'What a node uses.' },
)
export type NodeMetrics = ObjectOf<Static<typeof NodeMetrics>>

export const ContainerMetrics = message(
  'metrics.v1beta1.ContainerMetrics',
  {
    name: req(1, string, 'Name of the container in its pod.'),
    usage: req(2, map(quantity), usage),
  },
  { doc: 'What a container uses.' },
)
export type ContainerMetrics = Static<typeof ContainerMetrics>

export const PodMetrics = message(
  'metrics.v1beta1.PodMetrics',
  {
    metadata: opt(1, ObjectMeta, 'Name, namespace and labels of the pod.'),
    timestamp: req(2, time, 'When it was measured.'),
    window: req(3, string, window),
    containers: req(4, list(ContainerMetrics), 'Its containers that run and have been measured.'),
  },
  { kind: true, doc: 'What the containers of a pod use.' },
)
export type PodMetrics = ObjectOf<Static<typeof PodMetrics>>
