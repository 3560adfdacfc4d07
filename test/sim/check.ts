import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { controllerOf } from '../../src/api/meta/owner.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { Taint, Toleration } from '../../src/api/types/core/affinity.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import type { SimCluster } from './sim-cluster.ts'
import { COPY } from './steps.ts'

/** What every daemon tolerates, said here once more so that a fault in the judgement's own list shows. */
const AUTOMATIC: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready:NoExecute',
  'node.kubernetes.io/unreachable:NoExecute',
  'node.kubernetes.io/disk-pressure:NoSchedule',
  'node.kubernetes.io/memory-pressure:NoSchedule',
  'node.kubernetes.io/pid-pressure:NoSchedule',
  'node.kubernetes.io/unschedulable:NoSchedule',
])

export interface Seen {
  readonly sets: readonly DaemonSet[]
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
}

export function look(cluster: SimCluster): Seen {
  const all = <T>(at: { readonly group: string; readonly resource: string }) => cluster.caches.of(at)!.list().items as unknown as readonly T[]
  return { sets: all<DaemonSet>(DaemonSets), nodes: all<Node>(Nodes), pods: all<Pod>(Pods) }
}

/** What is not as it was asked for; nothing when all is. Written without the judgement that it checks. */
export function problems(cluster: SimCluster): readonly string[] {
  const { sets, nodes, pods } = look(cluster)
  const found: string[] = []
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    if (deletionTimestamp) found.push(`${name} does not go away`)
    if (pod.spec.nodeName && !names.has(pod.spec.nodeName)) found.push(`${name} is bound to ${pod.spec.nodeName}, which is gone`)
    const owner = controllerOf(pod)
    if (owner && !sets.some(({ metadata }) => metadata.uid === owner.uid)) found.push(`${name} has lost its owner ${owner.name}`)
  }
  for (const set of sets) found.push(...problemsOf(cluster, set, nodes, pods))
  return found
}

function problemsOf(cluster: SimCluster, set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): readonly string[] {
  const { name, uid, generation } = set.metadata
  const found: string[] = []
  if (set.metadata.deletionTimestamp) return [`${name} does not go away`]
  const own = pods.filter(pod => controllerOf(pod)?.uid === uid)
  const rolls = set.spec.updateStrategy?.type === 'RollingUpdate'
  const image = set.spec.template.spec!.containers[0]!.image
  const { nodeSelector = {}, tolerations = [], affinity, nodeName } = set.spec.template.spec!
  let wanted = 0
  for (const node of nodes) {
    const here = own.filter(pod => pod.spec.nodeName === node.metadata.name)
    const { tier } = node.metadata.labels ?? {}
    const selected =
      Object.entries(nodeSelector).every(([key, value]) => node.metadata.labels?.[key] === value) &&
      (!affinity || (tier !== undefined && tier !== 'b')) &&
      (!nodeName || nodeName === node.metadata.name)
    const open = (node.spec.taints ?? []).filter(taint => !tolerated(taint, tolerations))
    const at = `${name} on ${node.metadata.name}`
    if (!selected || open.some(taint => taint.effect === 'NoExecute')) {
      if (here.length > 0) found.push(`${at}: ${here.length} pods where none may be`)
    } else if (open.some(taint => taint.effect === 'NoSchedule')) {
      if (here.length > 1) found.push(`${at}: ${here.length} pods`)
    } else {
      wanted++
      if (here.length !== 1) found.push(`${at}: ${here.length} pods`)
      for (const pod of here) {
        const ready = pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
        if (pod.status.phase !== 'Running' || !ready) found.push(`${at}: ${pod.metadata.name} is ${pod.status.phase}${ready ? '' : ', not ready'}`)
        if (rolls && pod.spec.containers[0]!.image !== image) found.push(`${at}: ${pod.metadata.name} has the image ${pod.spec.containers[0]!.image}`)
      }
    }
  }
  const { status } = set
  const counts = [
    status.desiredNumberScheduled,
    status.currentNumberScheduled,
    status.numberReady,
    status.numberAvailable ?? 0,
    wanted - (status.numberUnavailable ?? 0),
  ]
  if (counts.some(count => count !== wanted)) found.push(`${name} tells ${JSON.stringify(counts)} of ${wanted} nodes`)
  if (rolls && status.updatedNumberScheduled !== wanted && wanted > 0)
    found.push(`${name} tells ${status.updatedNumberScheduled} of ${wanted} nodes up to date`)
  if (status.observedGeneration !== generation) found.push(`${name} has not observed its generation`)
  found.push(...historyProblems(cluster, set, own))
  return found
}

/** Whether no new pod of these tolerations gets onto the node. */
export const isShut = ({ spec }: Node, tolerations: readonly Toleration[]): boolean =>
  (spec.taints ?? []).some(taint => taint.effect !== 'PreferNoSchedule' && !tolerated(taint, tolerations))

const tolerated = (taint: Taint, tolerations: readonly Toleration[]): boolean =>
  AUTOMATIC.has(`${taint.key}:${taint.effect}`) ||
  tolerations.some(({ key, operator, effect }) => operator === 'Exists' && (!key || key === taint.key) && (!effect || effect === taint.effect))

function historyProblems(cluster: SimCluster, set: DaemonSet, own: readonly Pod[]): readonly string[] {
  const { name, uid } = set.metadata
  const found: string[] = []
  const history = cluster.caches
    .of(ControllerRevisions)!
    .list()
    .items.filter(revision => controllerOf(revision)?.uid === uid) as unknown as readonly {
    metadata: { name: string; labels?: Record<string, string> }
    revision: number
    data: unknown
  }[]
  const newest = [...history].sort((a, b) => b.revision - a.revision)[0]
  const image = set.spec.template.spec!.containers[0]!.image!
  if (!newest || !JSON.stringify(newest.data).includes(JSON.stringify(image))) found.push(`${name}: the newest revision is not of its template`)
  // Whoever copies a revision numbers it by what he sees, which the controller may not have seen: upstream, too, lets two old ones share a number.
  const numbers = history.filter(({ metadata }) => !metadata.name.endsWith(COPY)).map(({ revision }) => revision)
  if (new Set(numbers).size !== numbers.length) found.push(`${name}: revisions share a number: ${numbers.join(' ')}`)
  const used = new Set(own.map(pod => pod.metadata.labels?.['controller-revision-hash']))
  const spare = history.filter(({ metadata }) => metadata.labels && !used.has(metadata.labels['controller-revision-hash']))
  if (spare.length > (set.spec.revisionHistoryLimit ?? 10) + 1) found.push(`${name}: ${history.length} revisions are kept`)
  return found
}
