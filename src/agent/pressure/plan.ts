import { isActive, podPriority } from '../../api/meta/pod.ts'
import { quantityFrom, quantityValue } from '../../api/meta/quantity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { requestsOf } from '../../judge/scheduling/resources.ts'
import { isCritical } from '../preempt.ts'
import { NOTHING, together } from './disk-use.ts'
import type { LocalStorage } from './local-storage.ts'
import type { Shortfall } from './shortfalls.ts'

/** What pods use, by uid; what a shortfall is not of may be left out. */
export interface Uses {
  /** Bytes, by container. */
  readonly memory?: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly storage?: ReadonlyMap<string, LocalStorage>
  /** Processes and threads. */
  readonly processes?: ReadonlyMap<string, number>
}

export interface Eviction {
  readonly uid: string
  readonly reason: 'Evicted' | 'Preempting'
  readonly message: string
  /** The pod's own when absent. */
  readonly graceSeconds?: number
  /** What the pod's condition DisruptionTarget says; it has none when absent. */
  readonly disruption?: string
  /** What the event says beside the message. */
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * The pod to evict first, if any: those that use more than they asked for before those that do not, then lower priority first,
 * then who is furthest over; nobody asks for processes, and of them only priority and number count. One at a time: the next look
 * sees what it brought.
 */
export function planEviction(shortfall: Shortfall, pods: Iterable<Pod>, uses: Uses): Eviction | undefined {
  const { resource } = shortfall
  const rank = (pod: Pod) => {
    const over = usedBy(pod, shortfall, uses) - (requestsOf(pod).get(resource) ?? 0)
    return { pod, over, isGreedy: resource !== 'pids' && over > 0, priority: podPriority(pod) }
  }
  const candidates = [...pods].filter(pod => !isCritical(pod) && isActive(pod)).map(rank)
  candidates.sort((a, b) => Number(b.isGreedy) - Number(a.isGreedy) || a.priority - b.priority || b.over - a.over)
  const pod = candidates[0]?.pod
  if (!pod) return undefined
  const { message, annotations } = wordsFor(pod, shortfall, uses)
  return { ...evictionOf(pod, message), disruption: message, annotations }
}

function usedBy({ metadata: { uid } }: Pod, { resource, disk }: Shortfall, { memory, storage, processes }: Uses): number {
  if (resource === 'pids') return processes?.get(uid) ?? 0
  if (resource === 'memory') return [...(memory?.get(uid)?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0)
  const found = storage?.get(uid)
  if (!found) return 0
  const onNode = disk === 'images' ? [] : [...found.emptyDirs.values(), ...found.logs.values()]
  const { bytes, inodes } = together(disk === 'node' ? onNode : [...onNode, ...found.layers.values()])
  return resource === 'inodes' ? inodes : bytes
}

/** What a container uses of what its spec can ask for; undefined where it does not run. */
function usedByContainer({ metadata: { uid } }: Pod, name: string, resource: string, { memory, storage }: Uses): number | undefined {
  if (resource === 'memory') return memory?.get(uid)?.get(name)
  const layer = storage?.get(uid)?.layers.get(name)
  return resource === 'ephemeral-storage' && layer ? layer.bytes + (storage?.get(uid)?.logs.get(name) ?? NOTHING).bytes : undefined
}

/** The kubelet's message, and the annotations of its event. */
function wordsFor(pod: Pod, shortfall: Shortfall, uses: Uses): Required<Pick<Eviction, 'message' | 'annotations'>> {
  const { resource, threshold, available } = shortfall
  const text = (amount: number) => quantityFrom(amount, resource === 'memory' || resource === 'ephemeral-storage' ? 'binary' : 'decimal')
  const larger = (who: string, used: string, request: string) => `${who} was using ${used}, request is ${request}, has larger consumption of ${resource}. `
  const annotations: Record<string, string> = {}
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${text(threshold)}, available: ${text(available)}. `
  const whole = pod.spec.resources?.requests?.[resource]
  if (resource === 'memory' && whole !== undefined) {
    const used = text(usedBy(pod, shortfall, uses))
    message += larger(`Pod ${pod.metadata.name}`, used, whole)
    Object.assign(annotations, { offending_pod: pod.metadata.name, offending_pod_usage: used })
  }
  const offending = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
    const request = resources?.requests?.[resource] ?? '0'
    const used = usedByContainer(pod, name, resource, uses)
    return used !== undefined && used > quantityValue(request) ? [{ name, used: text(used), request }] : []
  })
  for (const { name, used, request } of offending) message += larger(`Container ${name}`, used, request)
  annotations['offending_containers'] = offending.map(({ name }) => name).join(',')
  annotations['offending_containers_usage'] = offending.map(({ used }) => used).join(',')
  annotations['starved_resource'] = resource
  return { message, annotations }
}

/** What the kubelet gives a pod that must go at once. */
const GRACE_SECONDS = 1

export const evictionOf = ({ metadata }: Pod, message: string): Eviction => ({ uid: metadata.uid, reason: 'Evicted', message, graceSeconds: GRACE_SECONDS })
