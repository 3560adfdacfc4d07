import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'

type Amount = number | string | undefined

/** How many nodes may be without an available pod, and how many may carry an extra one, because of a roll. */
export interface Budget {
  readonly maxUnavailable: number
  readonly maxSurge: number
}

/** The budget for so many desired nodes: percentages round up; a set that wants nodes can always replace at least one. */
export function budgetOf(set: DaemonSet, desired: number): Budget {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  if (type === 'OnDelete') return { maxUnavailable: 0, maxSurge: 0 }
  const maxUnavailable = amountOf(rollingUpdate?.maxUnavailable, desired)
  const maxSurge = amountOf(rollingUpdate?.maxSurge, desired)
  return desired > 0 && maxUnavailable === 0 && maxSurge === 0 ? { maxUnavailable: 1, maxSurge } : { maxUnavailable, maxSurge }
}

/** Validation lets nothing else in than whole numbers and percentages. */
function amountOf(amount: Amount, of: number): number {
  if (amount === undefined) return 0
  if (typeof amount === 'number') return amount
  const percent = /^(\d+)%$/.exec(amount)
  return percent ? Math.ceil((Number(percent[1]) * of) / 100) : 0
}

export const isZero = (amount: Amount): boolean => amountOf(amount, 1) === 0
