import type { Deployment } from '../../api/types/apps/deployment.ts'

/** A number, or a percentage of `of`, rounded as asked. */
function amountOf(amount: number | string | undefined, of: number, round: (value: number) => number): number {
  if (typeof amount === 'number') return amount
  const percent = /^(\d+)%$/.exec(amount ?? '')
  return percent ? round((Number(percent[1]) * of) / 100) : 0
}

export interface RollingBudget {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

export const replicasOf = (deployment: Deployment): number => deployment.spec.replicas ?? 1
export const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate'

/** How far a roll may go above and below the replicas: surge rounds up, unavailability down; both zero would be a standstill. */
export function rollingBudget(deployment: Deployment): RollingBudget {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const replicas = replicasOf(deployment)
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = amountOf(maxSurge, replicas, Math.ceil)
  const unavailable = amountOf(maxUnavailable, replicas, Math.floor)
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) }
}
