import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps/daemon-set.ts'
import type { Counts } from './tallies.ts'

/** The set's status after a full pass: what was counted, and that this generation has been seen. Conditions and collision count are kept. */
export function report(set: DaemonSet, counts: Readonly<Counts>): DaemonSetStatus {
  return {
    ...set.status,
    desiredNumberScheduled: counts.desired,
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    numberReady: counts.ready,
    updatedNumberScheduled: counts.updated,
    numberAvailable: counts.available,
    numberUnavailable: counts.desired - counts.available,
    observedGeneration: set.metadata.generation ?? 0,
  }
}

/** What a set's status counts. */
export const countsOf = ({ status }: DaemonSet): Counts => ({
  desired: status.desiredNumberScheduled,
  current: status.currentNumberScheduled,
  misscheduled: status.numberMisscheduled,
  ready: status.numberReady,
  available: status.numberAvailable ?? 0,
  updated: status.updatedNumberScheduled ?? 0,
})

const COUNTERS = [
  'desiredNumberScheduled',
  'currentNumberScheduled',
  'numberMisscheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const

/** Whether writing `status` would tell anything new. */
export const tellsNews = (set: DaemonSet, status: DaemonSetStatus): boolean =>
  COUNTERS.some(counter => (set.status[counter] ?? 0) !== (status[counter] ?? 0)) || (set.status.observedGeneration ?? 0) < (set.metadata.generation ?? 0)

/** Whether the status says that nothing is left to do: every wanted node has its pod, up to date where the strategy sees to that, and available. */
export function isAtRest({ metadata, spec, status }: DaemonSet): boolean {
  const desired = status.desiredNumberScheduled
  const updated = spec.updateStrategy?.type === 'OnDelete' || (status.updatedNumberScheduled ?? 0) === desired
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  return seen && updated && status.currentNumberScheduled === desired && (status.numberAvailable ?? 0) === desired
}
