import type { Node } from '../../api/types/core/node.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'
import { Cluster } from './cluster.ts'

/** Worlds in few words, for tests: everything not said is plain. */

export interface NodeWords {
  readonly labels?: Readonly<Record<string, string>>
  /** `key=value:Effect` or `key:Effect`. */
  readonly taints?: readonly string[]
  readonly cordoned?: boolean
  readonly gives?: Readonly<Record<string, string>>
}

const EPOCH = '2026-01-01T00:00:00Z'
const meta = (name: string, namespace?: string) => ({
  name,
  uid: `${name}-uid`,
  resourceVersion: '1',
  creationTimestamp: EPOCH,
  ...(namespace && { namespace }),
})

export const aNode = (name: string, { labels = {}, taints = [], cordoned = false, gives = {} }: NodeWords = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta(name), labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec: {
    ...(cordoned && { unschedulable: true }),
    ...(taints.length && {
      taints: taints.map(text => {
        const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(text) ?? []
        return { key, effect, ...(value && { value }) }
      }),
    }),
  },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10', ...gives } },
})

export interface PodWords {
  readonly namespace?: string
  readonly on?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly wants?: Readonly<Record<string, string>>
  readonly hostPorts?: readonly number[]
  readonly priority?: number
  readonly phase?: string
  readonly terminating?: boolean
  readonly started?: string
  readonly nominated?: string
  readonly spec?: Partial<PodSpec>
}

export const aPod = (name: string, words: PodWords = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name, words.namespace ?? 'default'),
    labels: words.labels ?? {},
    ...(words.terminating && { deletionTimestamp: EPOCH }),
  },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'main',
        resources: words.wants ? { requests: words.wants } : {},
        ...(words.hostPorts && { ports: words.hostPorts.map(port => ({ containerPort: port, hostPort: port, protocol: 'TCP' })) }),
      },
    ],
    schedulerName: 'default-scheduler',
    ...(words.on && { nodeName: words.on }),
    ...(words.priority !== undefined && { priority: words.priority }),
    ...words.spec,
  },
  status: {
    phase: words.phase ?? (words.on ? 'Running' : 'Pending'),
    ...(words.started && { startTime: words.started }),
    ...(words.nominated && { nominatedNodeName: words.nominated }),
  },
})

/** Required node affinity of one term per argument: each a list of `key in a,b`-like requirements, `name` standing for the field. */
export const onNodes = (...terms: readonly (readonly string[])[]): Pick<PodSpec, 'affinity'> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map(requirements => {
          const read = requirements.map(text => {
            const [key = '', operator = '', values = ''] = text.split(' ')
            return { key, operator, ...(values && { values: values.split(',') }) }
          })
          const fields = read.filter(({ key }) => key === 'metadata.name')
          const labels = read.filter(({ key }) => key !== 'metadata.name')
          return { ...(labels.length && { matchExpressions: labels }), ...(fields.length && { matchFields: fields }) }
        }),
      },
    },
  },
})

export function aCluster(nodes: readonly Node[], pods: readonly Pod[] = []): Cluster {
  const cluster = new Cluster()
  for (const node of nodes) cluster.setNode(node)
  for (const pod of pods) cluster.setPod(pod)
  return cluster
}
