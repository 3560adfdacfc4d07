import type { Taint, Toleration } from '../types/core/affinity.ts'
import { parseInt64 } from './label-selector.ts'

export type Effect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'

/** Taints that the system itself puts on nodes. */
export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
export const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'
export const MEMORY_PRESSURE = 'node.kubernetes.io/memory-pressure'
export const DISK_PRESSURE = 'node.kubernetes.io/disk-pressure'
export const PID_PRESSURE = 'node.kubernetes.io/pid-pressure'
export const NETWORK_UNAVAILABLE = 'node.kubernetes.io/network-unavailable'
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/** What of a toleration says which taints it admits, as a key: all but for how long. */
export const toleratedBy = ({ key = '', operator = '', value = '', effect = '' }: Toleration): string => JSON.stringify([key, operator, value, effect])

/**
 * Whether a toleration admits a taint. An empty effect stands for all effects, an empty key for all keys; no operator is `Equal`;
 * `Gt` and `Lt` ask for a taint whose value is an integer above or below the toleration's.
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    case 'Gt':
    case 'Lt': {
      const bound = parseInt64(toleration.value ?? '')
      const value = parseInt64(taint.value ?? '')
      if (bound === undefined || value === undefined) return false
      return toleration.operator === 'Gt' ? value > bound : value < bound
    }
    default:
      return false
  }
}

export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  if (tolerations) for (const toleration of tolerations) if (tolerates(toleration, taint)) return true
  return false
}

/** The first taint that is not tolerated, among those that `counts` lets through. */
export function findUntolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  counts: (taint: Taint) => boolean = () => true,
): Taint | undefined {
  if (taints) for (const taint of taints) if (counts(taint) && !isTolerated(tolerations, taint)) return taint
  return undefined
}

/** Whether every taint of this effect is admitted. */
export function toleratesAll(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[] | undefined, effect: Effect): boolean {
  if (taints) for (const taint of taints) if (taint.effect === effect && !isTolerated(tolerations, taint)) return false
  return true
}

/** Whether two taints are the same one: key and effect; values may differ. */
export const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect

/** A taint as kubectl writes it: `key=value:NoSchedule`, `key:NoExecute`. */
export const formatTaint = ({ key, value, effect }: Taint): string => (value ? `${key}=${value}:${effect}` : `${key}:${effect}`)
