import type { EventRecorder } from '../../api/access.ts'
import type { NodeStatus } from '../../api/types/core/node.ts'

export interface NodeEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** What a condition that has become False, or True, is called. */
const NAMES: Readonly<Record<string, readonly [whenFalse: string, whenTrue: string]>> = {
  MemoryPressure: ['NodeHasSufficientMemory', 'NodeHasInsufficientMemory'],
  DiskPressure: ['NodeHasNoDiskPressure', 'NodeHasDiskPressure'],
  PIDPressure: ['NodeHasSufficientPID', 'NodeHasInsufficientPID'],
  Ready: ['NodeNotReady', 'NodeReady'],
}

/** What the kubelet tells of its node whose status was `before`; `begins`: it is the first that this agent has to say. */
export function nodeEvents(name: string, before: NodeStatus, after: NodeStatus, begins: boolean): readonly NodeEvent[] {
  const events: NodeEvent[] = begins ? [{ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' }] : []
  const was = before.nodeInfo?.bootID
  const boot = after.nodeInfo?.bootID
  if (was && boot && was !== boot) events.push({ type: 'Warning', reason: 'Rebooted', message: `Node ${name} has been rebooted, boot id: ${boot}` })
  for (const { type, status } of after.conditions ?? []) {
    const names = NAMES[type]
    const old = before.conditions?.find(condition => condition.type === type)
    const isNews = old !== undefined && old.status !== status
    if (names && (isNews || (begins && type !== 'Ready'))) events.push(statusEvent(name, names[status === 'True' ? 1 : 0]))
  }
  return events
}

/** What is told when somebody cordons a node or takes that back. */
export const cordonEvent = (name: string, isCordoned: boolean): NodeEvent => statusEvent(name, isCordoned ? 'NodeNotSchedulable' : 'NodeSchedulable')

const statusEvent = (name: string, reason: string): NodeEvent => ({ type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` })

export function tellOfNode(recorder: EventRecorder, name: string, events: readonly NodeEvent[]): void {
  for (const { type, reason, message } of events) recorder.event(nodeReference(name), type, reason, message)
}

/** How the kubelet's events name its node: the name stands for the uid too. */
export const nodeReference = (name: string) => ({ kind: 'Node', name, uid: name })
