import { podPriority, SYSTEM_CRITICAL } from '../api/meta/pod.ts'
import { type QosClass, qosClassOf } from '../api/meta/qos.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { Shortage } from '../judge/scheduling/node-filters.ts'
import { requestsOf } from '../judge/scheduling/resources.ts'
import { isMirror, isStatic } from './pod-source.ts'

export const isCritical = (pod: Pod): boolean => isStatic(pod) || isMirror(pod) || podPriority(pod) >= SYSTEM_CRITICAL

/** How much of each resource must be freed. */
type Missing = ReadonlyMap<string, number>

/**
 * The pods that must leave the node so that a critical pod fits, as the kubelet chooses them: as few of the guaranteed ones as
 * can be, then of the burstable ones, then of the others; in each class those that come nearest to what is missing, the smaller
 * one of two that are equally near. Undefined where even all that may be ended do not free enough.
 */
export function planPreemption(pod: Pod, others: Iterable<Pod>, shortages: readonly Shortage[]): readonly Pod[] | undefined {
  const missing: Missing = new Map(shortages.map(({ resource, requested, free }) => [resource, requested - free]))
  const classes = { BestEffort: [] as Pod[], Burstable: [] as Pod[], Guaranteed: [] as Pod[] }
  for (const other of others) if (mayPreempt(pod, other)) classes[(other.status.qosClass as QosClass | undefined) ?? qosClassOf(other.spec)].push(other)
  const { BestEffort, Burstable, Guaranteed } = classes
  if (without(missing, [...BestEffort, ...Burstable, ...Guaranteed]).size > 0) return undefined
  const guaranteed = nearest(Guaranteed, without(missing, [...BestEffort, ...Burstable]))
  const burstable = nearest(Burstable, without(missing, [...BestEffort, ...guaranteed]))
  return [...nearest(BestEffort, without(missing, [...burstable, ...guaranteed])), ...burstable, ...guaranteed]
}

/** What is missing, as the kubelet writes it. */
export const missingText = (shortages: readonly Shortage[]): string =>
  `[${shortages.map(({ resource, requested, free }) => `(res: ${resource}, q: ${requested - free}), `).join('')}]`

function mayPreempt(pod: Pod, other: Pod): boolean {
  if (!isCritical(other)) return true
  const [mine, theirs] = [pod.spec.priority, other.spec.priority]
  return mine !== undefined && theirs !== undefined && mine > theirs
}

/** `pods`: each takes one place. */
const amountOf = (pod: Pod, resource: string): number => (resource === 'pods' ? 1 : (requestsOf(pod).get(resource) ?? 0))

function without(missing: Missing, pods: readonly Pod[]): Missing {
  const left = new Map<string, number>()
  for (const [resource, amount] of missing) {
    const still = pods.reduce((sum, pod) => sum - amountOf(pod, resource), amount)
    if (still > 0) left.set(resource, still)
  }
  return left
}

/** Pods of a class that together free what is missing; the class has enough. */
function nearest(pods: readonly Pod[], missing: Missing): readonly Pod[] {
  const left = [...pods]
  const chosen: Pod[] = []
  for (let wanted = missing; wanted.size > 0 && left.length > 0; ) {
    const best = left.reduce((a, b) => (isBetter(b, a, wanted) ? b : a))
    chosen.push(best)
    left.splice(left.indexOf(best), 1)
    wanted = without(wanted, [best])
  }
  return chosen
}

function isBetter(a: Pod, b: Pod, missing: Missing): boolean {
  const difference = distance(a, missing) - distance(b, missing)
  if (difference !== 0) return difference < 0
  const smaller = ['memory', 'cpu'].map(resource => amountOf(a, resource) - amountOf(b, resource)).find(d => d !== 0)
  return smaller !== undefined && smaller < 0
}

/** The squares of the shares that would still be missing, together. */
function distance(pod: Pod, missing: Missing): number {
  let sum = 0
  for (const [resource, amount] of missing) sum += (Math.max(0, amount - amountOf(pod, resource)) / amount) ** 2
  return sum
}
