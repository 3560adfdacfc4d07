import { timeOf } from '../../api/meta/time.ts'
import type { Node, NodeCondition } from '../../api/types/core/node.ts'

/** Conditions that only the node itself can know: all become Unknown when it falls silent. */
const OBSERVED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/** `unset`: the node has not spoken yet. */
export type Readiness = 'True' | 'False' | 'Unknown' | 'unset'

export const conditionOf = (node: Node, type: string): NodeCondition | undefined => node.status.conditions?.find(condition => condition.type === type)

export function readinessOf(node: Node): Readiness {
  const status = conditionOf(node, 'Ready')?.status
  return status === undefined || status === 'True' || status === 'False' ? (status ?? 'unset') : 'Unknown'
}

/** The conditions of a node that has fallen silent; undefined when they say so already. */
export function silentConditions(node: Node, now: number): readonly NodeCondition[] | undefined {
  const before = node.status.conditions ?? []
  const time = timeOf(now)
  const silenced = before.map(condition =>
    OBSERVED.some(type => type === condition.type) && condition.status !== 'Unknown'
      ? { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: time }
      : condition,
  )
  const missing = OBSERVED.filter(type => !before.some(condition => condition.type === type)).map(type => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: node.metadata.creationTimestamp,
    lastTransitionTime: time,
  }))
  return missing.length > 0 || silenced.some((condition, i) => condition !== before[i]) ? [...silenced, ...missing] : undefined
}
