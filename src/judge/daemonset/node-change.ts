import type { Node } from '../../api/types/core/node.ts'
import { equal } from '../../base/equal.ts'
import type { Keeper } from './keeper.ts'
import { placementOf } from './placement.ts'

/** Whether a change of a node can matter to any set: its labels or its taints differ. Heartbeats, capacity and `unschedulable` alone do not. */
export const nodeChangeMatters = (old: Node, node: Node): boolean =>
  !equal(old.metadata.labels ?? {}, node.metadata.labels ?? {}) || !equal(old.spec.taints ?? [], node.spec.taints ?? [])

/** Whether what a node has become changes the verdict that a set has on it. */
export function concernsSet({ facts, tallies }: Keeper, name: string, node: Node | undefined): boolean {
  if (!facts) return true
  const verdict = tallies.get(name)
  if (!node) return verdict !== undefined
  if (!verdict) return true
  const placement = placementOf(facts.podSpec, node)
  return placement.run !== verdict.placement.run || placement.stay !== verdict.placement.stay || verdict.placement.because === 'node-missing'
}
