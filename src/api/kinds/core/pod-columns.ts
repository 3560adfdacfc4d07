import { formatAge } from '../../meta/age.ts'
import type { Container } from '../../types/core/container.ts'
import type { Pod } from '../../types/core/pod.ts'
import type { ContainerState, ContainerStatus } from '../../types/core/pod-status.ts'
import { AGE, NAME, NONE, text, wide } from '../columns.ts'
import type { Column, RowCondition } from '../kind.ts'

interface Summary {
  readonly ready: number
  readonly total: number
  readonly restarts: number
  /** Milliseconds since 1970 of the last end of a container that was started again, if one was. */
  readonly lastRestart: number | undefined
  readonly status: string
}

const isRestartable = (container: Container | undefined): boolean => container?.restartPolicy === 'Always'

/** Why a terminated container ended; `prefix` goes before the number of a signal or an exit code. */
const endOf = (terminated: NonNullable<ContainerState['terminated']>): string =>
  terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)

const later = (a: number | undefined, status: ContainerStatus): number | undefined => {
  const at = Date.parse(status.lastState?.terminated?.finishedAt ?? '')
  return Number.isNaN(at) || (a !== undefined && a >= at) ? a : at
}

const hasCondition = (pod: Pod, type: string): boolean => (pod.status.conditions ?? []).some(c => c.type === type && c.status === 'True')

/** What the main columns say of a pod; the order in which things are looked at is upstream's. */
export function summarize(pod: Pod): Summary {
  const { spec, status } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartable).map(c => c.name))
  const initNames = (spec.initContainers ?? []).length
  let reason = status.reason || status.phase || ''
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated') reason = 'SchedulingGated'
  }
  let ready = 0
  let restarts = 0
  let sidecarRestarts = 0
  let lastRestart: number | undefined
  let lastSidecarRestart: number | undefined
  let initializing = false
  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name)
    restarts += container.restartCount
    lastRestart = later(lastRestart, container)
    if (sidecar) {
      sidecarRestarts += container.restartCount
      lastSidecarRestart = later(lastSidecarRestart, container)
    }
    const { terminated, waiting } = container.state ?? {}
    if (terminated && terminated.exitCode === 0) continue
    if (sidecar && container.started) {
      if (container.ready) ready++
      continue
    }
    if (terminated) reason = `Init:${endOf(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${i}/${initNames}`
    initializing = true
    break
  }
  if (!initializing || hasCondition(pod, 'Initialized')) {
    restarts = sidecarRestarts
    lastRestart = lastSidecarRestart
    let running = false
    let errorReason = ''
    for (const container of (status.containerStatuses ?? []).toReversed()) {
      restarts += container.restartCount
      lastRestart = later(lastRestart, container)
      const { terminated, waiting } = container.state ?? {}
      if (waiting?.reason) reason = waiting.reason
      else if (terminated) {
        reason = endOf(terminated)
        if (terminated.exitCode !== 0) errorReason = reason
      } else if (container.ready && container.state?.running) {
        running = true
        ready++
      }
    }
    if (reason === 'Completed') {
      if (running && hasCondition(pod, 'Ready')) reason = 'Running'
      else if (errorReason) reason = errorReason
      else if (running) reason = 'NotReady'
    }
  }
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') reason = 'Unknown'
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'
  }
  return { ready, total: (spec.containers ?? []).length + sidecars.size, restarts, lastRestart, status: reason }
}

function restartsCell(pod: Pod, now: number): string {
  const { restarts, lastRestart } = summarize(pod)
  return restarts !== 0 && lastRestart !== undefined ? `${restarts} (${formatAge(new Date(lastRestart).toISOString(), now)} ago)` : String(restarts)
}

function gatesCell(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  return gates.length === 0 ? NONE : `${gates.filter(g => hasCondition(pod, g.conditionType)).length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  NAME,
  text('Ready', 'Containers that are ready, of all.', pod => {
    const { ready, total } = summarize(pod)
    return `${ready}/${total}`
  }),
  text('Status', 'What the pod is doing, or why it does not.', pod => summarize(pod).status),
  text('Restarts', 'How often containers were started again, and when last.', restartsCell),
  AGE,
  wide('IP', 'Address of the pod.', pod => pod.status.podIPs?.[0]?.ip || NONE),
  wide('Node', 'Node the pod is bound to.', pod => pod.spec.nodeName || NONE),
  wide('Nominated Node', 'Node where room is being made for the pod.', pod => pod.status.nominatedNodeName || NONE),
  wide('Readiness Gates', 'Conditions of others that are met, of all that are asked for.', gatesCell),
]

const COMPLETED: Readonly<Record<string, RowCondition>> = {
  Succeeded: { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
  Failed: { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
}

export function podRowConditions(pod: Pod): readonly RowCondition[] {
  const completed = COMPLETED[pod.status.phase ?? '']
  return completed ? [completed] : []
}
