import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps/daemon-set.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { factsOf, type SetFacts } from './facts.ts'
import type { Failures } from './failures.ts'
import { judgeNode } from './judge-node.ts'
import { targetNode } from './pod-facts.ts'
import { ration } from './ration.ts'
import { report } from './report.ts'
import { Tallies } from './tallies.ts'
import type { Action, NodeVerdict, PodReason } from './verdict.ts'

/** The world as one pass sees it. `pods` are those the set has claimed; `hash` is its current revision's. */
export interface Observed {
  readonly now: number
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly failures?: Failures
}

export interface Plan {
  readonly actions: readonly Action[]
  readonly nodes: ReadonlyMap<string, NodeVerdict>
  /** Every pod with what becomes of it now. */
  readonly pods: ReadonlyMap<Pod, PodReason>
  readonly status: DaemonSetStatus
  readonly lookAgainAt: number | undefined
  readonly problem: string | undefined
}

/** The whole judgement on one set: every node judged, the roll rationed, the status reported. */
export function planDaemonSet(observed: Observed): Plan {
  const { set, hash, now } = observed
  const facts = factsOf(set, hash, observed.failures)
  const tallies = judgeAll(facts, observed.nodes, observed.pods, now)
  return planFrom(facts, tallies, observed.pods)
}

/** The plan that follows from verdicts already given on every node. */
export function planFrom(facts: SetFacts, tallies: Tallies, pods: Iterable<Pod> = []): Plan {
  const { actions, problem } = ration(facts, tallies)
  const reasons = new Map<Pod, PodReason>()
  for (const pod of pods) reasons.set(pod, 'untargeted')
  let lookAgainAt: number | undefined
  for (const verdict of tallies.verdicts.values()) {
    for (const { pod, reason } of verdict.pods) reasons.set(pod, reason)
    if (verdict.lookAgainAt !== undefined) lookAgainAt = Math.min(lookAgainAt ?? verdict.lookAgainAt, verdict.lookAgainAt)
  }
  for (const action of actions) if (action.do === 'delete') reasons.set(action.pod, action.why)
  return { actions, nodes: tallies.verdicts, pods: reasons, status: report(facts.set, tallies.counts), lookAgainAt, problem }
}

function judgeAll(facts: SetFacts, nodes: readonly Node[], pods: readonly Pod[], now: number): Tallies {
  const slots = new Map<string, { name: string; object: Node | undefined; pods: Pod[] }>()
  for (const node of nodes) slots.set(node.metadata.name, { name: node.metadata.name, object: node, pods: [] })
  for (const pod of pods) {
    const name = targetNode(pod)
    if (name === undefined) continue
    const slot = slots.get(name)
    if (slot) slot.pods.push(pod)
    else slots.set(name, { name, object: undefined, pods: [pod] })
  }
  const tallies = new Tallies()
  for (const slot of slots.values()) tallies.put(judgeNode(facts, slot, slot.pods, now))
  return tallies
}
