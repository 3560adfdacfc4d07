import { budgetOf } from './budget.ts'
import type { SetFacts } from './facts.ts'
import type { Standing } from './standing.ts'
import type { Tallies } from './tallies.ts'
import type { Action, CreateReason, NodeVerdict, PodReason } from './verdict.ts'

/** At most so many creations and so many deletions in one pass. */
export const BURST = 250

export interface Ration {
  readonly actions: readonly Action[]
  /** Why the roll cannot go on, when it cannot. */
  readonly problem?: string
}

/**
 * What is done in this pass: what is due, and the next part of the roll within its budget, which already counts what is due as done. Sees counts and
 * candidates, never a node that is neither.
 */
export function ration(facts: SetFacts, tallies: Tallies): Ration {
  const roll = nextOfRoll(facts, tallies)
  return { ...roll, actions: burst([...tallies.due(BURST).flatMap(({ due }) => due), ...roll.actions]) }
}

function nextOfRoll(facts: SetFacts, tallies: Tallies): Ration {
  if (facts.replacement === 'on-delete') return { actions: [] }
  const { desired } = tallies.counts
  const { maxUnavailable, maxSurge } = budgetOf(facts.set, desired)
  return maxSurge === 0 ? { actions: rollInPlace(tallies, maxUnavailable) } : rollWithSurge(tallies, maxSurge, desired)
}

function burst(actions: readonly Action[]): readonly Action[] {
  const left = { create: BURST, delete: BURST }
  return actions.filter(action => left[action.do]-- > 0)
}

const onlyOld = (state: 'available' | 'unavailable') => (s: Standing) => !s.crowded && s.old === state && s.new === 'none'
const deleteOld =
  (why: PodReason) =>
  (verdict: NodeVerdict): Action => ({ do: 'delete', pod: verdict.old!, node: verdict.node, why })
const createBeside =
  (why: CreateReason) =>
  (verdict: NodeVerdict): Action => ({ do: 'create', node: verdict.node, why })

/** A node that gives no service counts against the budget, whatever the cause. */
const lacks = (s: Standing): boolean => s.crowded || s.old === 'unavailable' || s.new === 'unavailable' || (s.old === 'none') === (s.new === 'none')

/** Delete, then create: old pods that give no service go at once, others while the budget lasts. */
function rollInPlace(tallies: Tallies, maxUnavailable: number): readonly Action[] {
  const left = Math.max(0, maxUnavailable - tallies.count(lacks))
  return [
    ...tallies.nodes(onlyOld('unavailable'), BURST).map(deleteOld('outdated-unavailable')),
    ...(left > 0 ? tallies.nodes(onlyOld('available'), Math.min(left, BURST)).map(deleteOld('outdated')) : []),
  ]
}

const surging = (s: Standing): boolean => s.crowded || (s.old !== 'none' && s.new === 'unavailable')
const serving = (s: Standing): boolean => !s.crowded && (s.old === 'none' ? s.new : s.old) === 'available'

/** Create, then delete: a new pod beside the old one, the old one goes when the new one is available. */
function rollWithSurge(tallies: Tallies, maxSurge: number, desired: number): Ration {
  const aloneOnMissing = tallies.nodes(s => !s.crowded && s.where === 'missing' && s.old !== 'none' && s.new === 'none', 1)[0]
  if (aloneOnMissing) return { actions: [], problem: `couldn't get node for nodeName ${JSON.stringify(aloneOnMissing.node)}` }
  const on = (where: Standing['where'], test: (s: Standing) => boolean) => (s: Standing) => s.where === where && test(s)
  const left = Math.max(0, maxSurge - tallies.count(surging))
  const spare = Math.max(0, tallies.count(serving) - desired)
  return {
    actions: [
      ...tallies.nodes(s => !s.crowded && s.old !== 'none' && s.new === 'available', BURST).map(deleteOld('replaced')),
      ...tallies.nodes(on('unwanted', onlyOld('unavailable')), BURST).map(deleteOld('outdated-unavailable')),
      ...(spare > 0 ? tallies.nodes(on('unwanted', onlyOld('available')), Math.min(spare, BURST)).map(deleteOld('surplus')) : []),
      ...tallies.nodes(on('wanted', onlyOld('unavailable')), BURST).map(createBeside('beside-unavailable')),
      ...(left > 0 ? tallies.nodes(on('wanted', onlyOld('available')), Math.min(left, BURST)).map(createBeside('beside-available')) : []),
    ],
  }
}

/** Which standings use up a roll's budget, and which wait for their turn. */
export const uses = { unavailable: lacks, surge: surging, turn: onlyOld('available') } as const
