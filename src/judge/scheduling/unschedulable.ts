import type { Refusal, Rule } from './node-filters.ts'

/** Why no node takes a pod. */
export interface Unschedulable {
  /** Number of nodes there are. */
  readonly nodes: number
  /** What each node that was looked at says. */
  readonly refusals: ReadonlyMap<string, Refusal>
  /** The pod itself rules out every node, without any being looked at. */
  readonly conflict?: string
}

/** Rules that refused; when one of them is about to judge otherwise, the pod is worth another look. */
export const refusingRules = ({ refusals, conflict }: Unschedulable): ReadonlySet<Rule> =>
  new Set<Rule>(conflict ? ['NodeAffinity'] : [...refusals.values()].map(({ rule }) => rule))

/** `2 Insufficient cpu, 1 node(s) were unschedulable`: reasons with their counts, sorted as text. */
export const countReasons = (reasons: Iterable<readonly [reason: string, count: number]>): string => {
  const counts = new Map<string, number>()
  for (const [reason, count] of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count)
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ')
}

/** What is said of nodes that the pod's own node names left out of the search. */
const NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"

/** The text of FailedScheduling: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …`. */
export function failureMessage(why: Unschedulable, preemption?: string): string {
  if (why.nodes === 0) return 'no nodes available to schedule pods'
  const after = preemption ? ` preemption: ${preemption}` : ''
  if (why.conflict) return `0/${why.nodes} nodes are available: ${why.conflict}.${after}`
  const left = why.nodes - why.refusals.size
  const reasons: (readonly [string, number])[] = [...why.refusals.values()].flatMap(({ reasons }) => reasons.map(reason => [reason, 1] as const))
  if (left > 0) reasons.push([NOT_NAMED, left])
  const counted = countReasons(reasons)
  return `0/${why.nodes} nodes are available:${counted && ` ${counted}.`}${after}`
}

export const NO_HELP = 'Preemption is not helpful for scheduling'
export const NO_VICTIMS = 'No preemption victims found for incoming pod'
