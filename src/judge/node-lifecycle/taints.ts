import { DISK_PRESSURE, isSameTaint, MEMORY_PRESSURE, NETWORK_UNAVAILABLE, NOT_READY, PID_PRESSURE, UNREACHABLE, UNSCHEDULABLE } from '../../api/meta/taints.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Taint } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import { conditionOf, type Readiness, readinessOf } from './silence.ts'

const PRESSURES: readonly (readonly [condition: string, key: string])[] = [
  ['MemoryPressure', MEMORY_PRESSURE],
  ['DiskPressure', DISK_PRESSURE],
  ['PIDPressure', PID_PRESSURE],
  ['NetworkUnavailable', NETWORK_UNAVAILABLE],
]
/** The NoSchedule taints that follow from a node's conditions; all others are somebody else's. */
const OWN_NO_SCHEDULE: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...PRESSURES.map(([, key]) => key)])
const OWN_NO_EXECUTE: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE])

const EVICTING_KEY: Readonly<Record<Readiness, string | undefined>> = { True: undefined, False: NOT_READY, Unknown: UNREACHABLE, unset: undefined }
const CLOSING_KEY: Readonly<Record<Readiness, string | undefined>> = { ...EVICTING_KEY, unset: NOT_READY }

/** What the taints of a node are to be. */
export interface TaintPlan {
  /** The whole list, or undefined when nothing changes. */
  readonly taints: readonly Taint[] | undefined
  /** A NoExecute taint is due and was held back because of `mayEvict`. */
  readonly heldBack: boolean
}

/**
 * The taints that a node's conditions and its cordon ask for, beside those that are not ours. A first NoExecute taint needs
 * `mayEvict` (its rate is limited); one that only changes its key does not. `standDown` takes NoExecute taints off: when every node
 * of every zone is silent, it is the observer who is cut off.
 */
export function plannedTaints(node: Node, now: number, { mayEvict, standDown }: { readonly mayEvict: boolean; readonly standDown: boolean }): TaintPlan {
  const before = node.spec.taints ?? []
  const ours = (taint: Taint) =>
    (taint.effect === 'NoSchedule' && OWN_NO_SCHEDULE.has(taint.key)) || (taint.effect === 'NoExecute' && OWN_NO_EXECUTE.has(taint.key))
  const evicting = standDown ? undefined : EVICTING_KEY[readinessOf(node)]
  const evicted = before.some(taint => taint.effect === 'NoExecute' && OWN_NO_EXECUTE.has(taint.key))
  const heldBack = evicting !== undefined && !evicted && !mayEvict
  const wanted: Taint[] = closingKeys(node).map(key => ({ key, effect: 'NoSchedule' }))
  if (evicting !== undefined && !heldBack) wanted.push({ key: evicting, effect: 'NoExecute' })
  const kept = before.filter(taint => !ours(taint) || wanted.some(other => isSameTaint(taint, other)))
  const added = wanted.filter(taint => !before.some(other => isSameTaint(taint, other))).map(taint => ({ ...taint, timeAdded: timeOf(now) }))
  return { taints: kept.length === before.length && added.length === 0 ? undefined : [...kept, ...added], heldBack }
}

function closingKeys(node: Node): readonly string[] {
  const keys = PRESSURES.filter(([condition]) => conditionOf(node, condition)?.status === 'True').map(([, key]) => key)
  const unready = CLOSING_KEY[readinessOf(node)]
  return [...(unready ? [unready] : []), ...keys, ...(node.spec.unschedulable ? [UNSCHEDULABLE] : [])]
}
