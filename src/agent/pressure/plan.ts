import { isActive, podPriority } from '../../api/meta/pod.ts'
import { quantityFrom, quantityValue } from '../../api/meta/quantity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { isCritical } from '../preempt.ts'
import type { ContainerReading } from '../stats/usage.ts'
import type { LocalStorage } from './local-storage.ts'
import type { Supplies } from './supplies.ts'

export interface Pressures {
  readonly memoryPressure: boolean
  readonly diskPressure: boolean
  readonly pidPressure: boolean
}

interface Threshold {
  readonly supply: keyof Supplies
  /** Bytes when whole, else the share of the capacity. */
  readonly least: number
  readonly pressure: keyof Pressures
  /** By which name the kubelet says that it is low. */
  readonly resource: 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'
}

/** Upstream's hard thresholds, and a tenth of the processes, in the order in which they are relieved. */
const THRESHOLDS: readonly Threshold[] = [
  { supply: 'memory', least: 100 * 1024 * 1024, pressure: 'memoryPressure', resource: 'memory' },
  { supply: 'disk', least: 0.1, pressure: 'diskPressure', resource: 'ephemeral-storage' },
  { supply: 'imageDisk', least: 0.15, pressure: 'diskPressure', resource: 'ephemeral-storage' },
  { supply: 'inodes', least: 0.05, pressure: 'diskPressure', resource: 'inodes' },
  { supply: 'imageInodes', least: 0.05, pressure: 'diskPressure', resource: 'inodes' },
  { supply: 'processes', least: 0.1, pressure: 'pidPressure', resource: 'pids' },
]

/** What is lower than it may be. */
export interface Shortfall {
  readonly pressure: keyof Pressures
  readonly resource: Threshold['resource']
  readonly threshold: number
  readonly available: number
}

export function shortfallsOf(supplies: Supplies): readonly Shortfall[] {
  return THRESHOLDS.flatMap(({ supply, least, pressure, resource }) => {
    const found = supplies[supply]
    if (!found) return []
    const threshold = least < 1 ? Math.floor(found.capacity * Math.fround(least)) : least
    return found.available < threshold ? [{ pressure, resource, threshold, available: found.available }] : []
  })
}

export const pressuresOf = (shortfalls: readonly Shortfall[]): Pressures => ({
  memoryPressure: shortfalls.some(({ pressure }) => pressure === 'memoryPressure'),
  diskPressure: shortfalls.some(({ pressure }) => pressure === 'diskPressure'),
  pidPressure: shortfalls.some(({ pressure }) => pressure === 'pidPressure'),
})

interface Bytes {
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** Bytes that a pod uses now, its volumes included, and each of its containers. */
export interface Usage extends Bytes {
  readonly containers: ReadonlyMap<string, Bytes>
}

/** What pods use, by uid, from what their containers do; `storage`, by uid too, is what was found of them on the disk. */
export function usageOf(readings: Iterable<ContainerReading>, storage: ReadonlyMap<string, LocalStorage> = new Map()): ReadonlyMap<string, Usage> {
  const usage = new Map<string, { memoryBytes: number; diskBytes: number; containers: Map<string, Bytes> }>()
  const of = (uid: string) => {
    const pod = usage.get(uid) ?? { memoryBytes: 0, diskBytes: 0, containers: new Map<string, Bytes>() }
    usage.set(uid, pod)
    return pod
  }
  for (const { uid, container, memoryBytes, diskBytes = 0 } of readings) {
    const pod = of(uid)
    const disk = storage.get(uid)?.containers.get(container) ?? diskBytes
    pod.memoryBytes += memoryBytes
    pod.diskBytes += disk
    pod.containers.set(container, { memoryBytes, diskBytes: disk })
  }
  for (const [uid, { emptyDirs }] of storage) {
    const pod = of(uid)
    for (const bytes of emptyDirs.values()) pod.diskBytes += bytes
  }
  return usage
}

export interface Eviction {
  readonly uid: string
  readonly reason: 'Evicted' | 'Preempting'
  readonly message: string
  /** The pod's own when absent. */
  readonly graceSeconds?: number
  readonly disruption: string
}

/**
 * The pod to evict first, if any: those that use more than they asked for before those that do not, then lower priority first,
 * then who is furthest over. One at a time: the next look sees what it brought.
 */
export function planEviction({ resource, threshold, available }: Shortfall, pods: Iterable<Pod>, usage: ReadonlyMap<string, Usage>): Eviction | undefined {
  const used = (bytes: Bytes | undefined) => (resource === 'memory' ? bytes?.memoryBytes : resource === 'ephemeral-storage' ? bytes?.diskBytes : undefined) ?? 0
  const rank = (pod: Pod) => ({ pod, over: used(usage.get(pod.metadata.uid)) - requestOf(pod, resource), priority: podPriority(pod) })
  const candidates = [...pods].filter(pod => !isCritical(pod) && isActive(pod)).map(rank)
  candidates.sort((a, b) => Number(b.over > 0) - Number(a.over > 0) || a.priority - b.priority || b.over - a.over)
  const pod = candidates[0]?.pod
  if (!pod) return undefined
  const text = (amount: number) => quantityFrom(amount, resource === 'memory' || resource === 'ephemeral-storage' ? 'binary' : 'decimal')
  const greedy = pod.spec.containers.flatMap(({ name, resources }) => {
    const request = resources?.requests?.[resource] ?? '0'
    const now = used(usage.get(pod.metadata.uid)?.containers.get(name))
    return now > quantityValue(request) ? `Container ${name} was using ${text(now)}, request is ${request}, has larger consumption of ${resource}. ` : []
  })
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${text(threshold)}, available: ${text(available)}. `
  return evictionOf(pod, low + greedy.join(''))
}

/** What the kubelet gives a pod that must go at once. */
const GRACE_SECONDS = 1

export const evictionOf = ({ metadata }: Pod, message: string): Eviction => ({
  uid: metadata.uid,
  reason: 'Evicted',
  message,
  graceSeconds: GRACE_SECONDS,
  disruption: message,
})

function requestOf(pod: Pod, resource: string): number {
  return pod.spec.containers.reduce((sum, c) => sum + quantityValue(c.resources?.requests?.[resource] ?? '0'), 0)
}
