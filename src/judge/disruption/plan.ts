import { isPodReady } from '../../api/meta/pod.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Condition } from '../../api/types/meta.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy.ts'

/** An eviction that was allowed and whose pod is still there after this long did not happen. */
const CONFIRM_MS = 120_000

/** How many pods the controller of a pod wants; `uid` tells controllers apart. */
export interface PodScale {
  readonly uid: string
  readonly replicas: number
}

export interface DisruptionReport {
  readonly status: PodDisruptionBudgetStatus
  /** Why the expected number of pods is not known; nothing may be disrupted then. */
  readonly problem?: string
  /** When an unconfirmed eviction is to be forgotten. */
  readonly lookAgainAt?: number
}

/**
 * The status of a budget over the pods that it selects. `scaleOf` names what controls a pod: amounts in percent and
 * `maxUnavailable` are of what the controllers want, not of the pods there happen to be.
 */
export function reportDisruption(budget: PodDisruptionBudget, pods: readonly Pod[], scaleOf: (pod: Pod) => PodScale | string, now: number): DisruptionReport {
  const { disruptedPods, lookAgainAt } = unconfirmed(budget, pods, now)
  const healthy = pods.filter(pod => !pod.metadata.deletionTimestamp && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod)).length
  const expected = expectation(budget, pods, scaleOf)
  const before = budget.status.conditions ?? []
  const { generation: observedGeneration } = budget.metadata
  const common = {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
  }
  const again = lookAgainAt === undefined ? {} : { lookAgainAt }
  if ('problem' in expected) {
    const { problem } = expected
    const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = budget.status
    const conditions = told(before, 'False', 'SyncFailed', problem, observedGeneration, now)
    return { status: { ...common, currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: 0, conditions }, problem, ...again }
  }
  const { expectedPods, desiredHealthy } = expected
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, healthy - desiredHealthy) : 0
  const conditions =
    disruptionsAllowed > 0
      ? told(before, 'True', 'SufficientPods', '', observedGeneration, now)
      : told(before, 'False', 'InsufficientPods', '', observedGeneration, now)
  return { status: { ...common, currentHealthy: healthy, desiredHealthy, expectedPods, disruptionsAllowed, conditions }, ...again }
}

type Expectation = { readonly expectedPods: number; readonly desiredHealthy: number } | { readonly problem: string }

function expectation({ spec }: PodDisruptionBudget, pods: readonly Pod[], scaleOf: (pod: Pod) => PodScale | string): Expectation {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable === undefined && minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable }
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const scale = scaleOf(pod)
    if (typeof scale === 'string') return { problem: scale }
    scales.set(scale.uid, scale.replicas)
  }
  const expectedPods = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0)
  const desiredHealthy = maxUnavailable === undefined ? share(minAvailable, expectedPods) : Math.max(0, expectedPods - share(maxUnavailable, expectedPods))
  return { expectedPods, desiredHealthy }
}

/** Percentages round up, for both amounts. */
function share(amount: number | string | undefined, of: number): number {
  if (typeof amount === 'number') return amount
  const percent = /^(\d+)%$/.exec(amount ?? '')
  return percent ? Math.ceil((Number(percent[1]) * of) / 100) : 0
}

/** Allowed evictions of pods that are there and not going yet, and not so old that they cannot have happened. */
function unconfirmed(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  now: number,
): { readonly disruptedPods: Readonly<Record<string, string>>; readonly lookAgainAt: number | undefined } {
  const disruptedPods: Record<string, string> = {}
  let lookAgainAt: number | undefined
  for (const { metadata } of pods) {
    const since = status.disruptedPods?.[metadata.name]
    if (since === undefined || metadata.deletionTimestamp) continue
    const end = Date.parse(since) + CONFIRM_MS
    if (end <= now) continue
    disruptedPods[metadata.name] = since
    lookAgainAt = Math.min(lookAgainAt ?? end, end)
  }
  return { disruptedPods, lookAgainAt }
}

function told(
  before: readonly Condition[],
  status: 'True' | 'False',
  reason: string,
  message: string,
  observedGeneration: number | undefined,
  now: number,
): readonly Condition[] {
  const type = 'DisruptionAllowed'
  const old = before.find(condition => condition.type === type)
  const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timeOf(now)
  const condition = { type, status, reason, message, lastTransitionTime, ...(observedGeneration !== undefined && { observedGeneration }) }
  return [...before.filter(other => other.type !== type), condition]
}
