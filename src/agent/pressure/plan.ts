import { quantityValue } from '../../api/meta/quantity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { isCritical } from '../preempt.ts'
import type { ContainerReading } from '../stats/usage.ts'

/** What is left of what the node can run out of. */
export interface Supplies {
  readonly memoryAvailableBytes: number
  /** Shares from 0 to 1. */
  readonly diskFree: number
  readonly inodesFree: number
  readonly pidsFree: number
}

export interface Pressures {
  readonly memoryPressure: boolean
  readonly diskPressure: boolean
  readonly pidPressure: boolean
}

/** Upstream's hard thresholds. */
const LEAST_MEMORY_BYTES = 100 * 1024 * 1024
const LEAST_DISK = 0.1
const LEAST_INODES = 0.05
const LEAST_PIDS = 0.1

export const pressuresOf = (supplies: Supplies): Pressures => ({
  memoryPressure: supplies.memoryAvailableBytes < LEAST_MEMORY_BYTES,
  diskPressure: supplies.diskFree < LEAST_DISK || supplies.inodesFree < LEAST_INODES,
  pidPressure: supplies.pidsFree < LEAST_PIDS,
})

/** Bytes that a pod uses now. */
export interface Usage {
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** What pods use, by uid, from what their containers do. */
export function usageOf(readings: Iterable<ContainerReading>): ReadonlyMap<string, Usage> {
  const usage = new Map<string, Usage>()
  for (const { uid, memoryBytes, diskBytes = 0 } of readings) {
    const known = usage.get(uid)
    usage.set(uid, { memoryBytes: (known?.memoryBytes ?? 0) + memoryBytes, diskBytes: (known?.diskBytes ?? 0) + diskBytes })
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
export function planEviction(pressures: Pressures, pods: Iterable<Pod>, usage: ReadonlyMap<string, Usage>): Eviction | undefined {
  const resource = pressures.memoryPressure ? 'memory' : pressures.diskPressure ? 'ephemeral-storage' : pressures.pidPressure ? 'pids' : undefined
  if (!resource) return undefined
  const rank = (pod: Pod) => {
    const used = usage.get(pod.metadata.uid)
    const now = resource === 'memory' ? (used?.memoryBytes ?? 0) : resource === 'ephemeral-storage' ? (used?.diskBytes ?? 0) : 0
    return { pod, now, over: now - requestOf(pod, resource), priority: pod.spec.priority ?? 0 }
  }
  const candidates = [...pods].filter(pod => !isCritical(pod) && isActive(pod)).map(rank)
  candidates.sort((a, b) => Number(b.over > 0) - Number(a.over > 0) || a.priority - b.priority || b.over - a.over)
  const [first] = candidates
  if (!first) return undefined
  const kib = `${Math.ceil(first.now / 1024)}Ki`
  const asked = `${Math.ceil(requestOf(first.pod, resource) / 1024)}Ki`
  const detail = resource === 'pids' ? '' : ` Pod was using ${kib}, request is ${asked}.`
  return evictionOf(first.pod, `The node was low on resource: ${resource}.${detail}`)
}

export const evictionOf = ({ metadata }: Pod, message: string): Eviction => ({
  uid: metadata.uid,
  reason: 'Evicted',
  message,
  graceSeconds: 0,
  disruption: message,
})

export const isActive = (pod: Pod): boolean => !pod.metadata.deletionTimestamp && pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded'

function requestOf(pod: Pod, resource: string): number {
  return pod.spec.containers.reduce((sum, c) => sum + quantityValue(c.resources?.requests?.[resource] ?? '0'), 0)
}
