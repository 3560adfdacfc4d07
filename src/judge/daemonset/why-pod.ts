import { controllerOf } from '../../api/meta/owner.ts'
import { isFinished, isPodReady, podCondition } from '../../api/meta/pod.ts'
import { quantityFrom } from '../../api/meta/quantity.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { addAll } from '../../base/add-all.ts'
import { hostPortsOf, portsClash } from '../scheduling/host-ports.ts'
import { refusalOfNode, shortagesOf } from '../scheduling/node-filters.ts'
import { NodeInfo } from '../scheduling/node-info.ts'
import { isScheduled } from './pod-facts.ts'
import type { WhyReason } from './why-types.ts'

/** What keeps a pod that is there from being available: the scheduler's side while it is unbound, the containers' afterwards. */
export function whyNotAvailable(pod: Pod, node: Node | undefined, boundTo: Iterable<Pod>, minReadyMs: number, now: number): readonly WhyReason[] {
  if (!isScheduled(pod)) return whyNotBound(pod, node, boundTo)
  if (!isPodReady(pod)) return whyNotReady(pod)
  const since = podCondition(pod, 'Ready')?.lastTransitionTime
  if (minReadyMs === 0 || since === undefined) return []
  if (Date.parse(since) + minReadyMs <= now) return []
  const until = new Date(Date.parse(since) + minReadyMs).toISOString().replace('.000Z', 'Z')
  return [{ type: 'min-ready', pod: pod.metadata.name, since, until, message: `ready since ${since}, and available at ${until} by minReadySeconds` }]
}

function whyNotBound(pod: Pod, node: Node | undefined, boundTo: Iterable<Pod>): readonly WhyReason[] {
  const name = pod.metadata.name
  const { schedulerName, schedulingGates } = pod.spec
  const scheduled = podCondition(pod, 'PodScheduled')
  const since = scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp
  const reasons: WhyReason[] = [
    {
      type: 'unscheduled',
      pod: name,
      since,
      message: scheduled?.message ? `the scheduler says: ${scheduled.message}` : 'the scheduler has not bound the pod yet',
    },
  ]
  for (const gate of schedulingGates ?? [])
    reasons.push({ type: 'scheduling-gate', pod: name, key: gate.name, message: `the scheduling gate ${gate.name} holds the pod` })
  if (schedulerName && schedulerName !== 'default-scheduler') {
    reasons.push({ type: 'scheduler-name', pod: name, wanted: schedulerName, message: `the pod waits for another scheduler, ${schedulerName}` })
  }
  if (!node) return reasons
  const info = new NodeInfo(node)
  const clashes: WhyReason[] = []
  for (const other of boundTo) {
    if (isFinished(other)) continue
    info.add(other)
    for (const port of hostPortsOf(pod)) {
      if (!hostPortsOf(other).some(taken => portsClash(port, taken))) continue
      const holder = `${other.metadata.namespace}/${other.metadata.name}`
      clashes.push({
        type: 'host-port',
        port: port.port,
        pod: holder,
        message: `host port ${port.port}/${port.protocol} is taken by ${holder}`,
        ...(isSibling(pod, other) && { remedy: NO_SURGE }),
      })
    }
  }
  for (const { resource, requested, free } of shortagesOf(pod, info)) {
    const short = requested - free
    reasons.push({
      type: 'resource',
      resource,
      requested,
      free,
      short,
      message: `the node is short of ${amount(resource, short)} ${resource}: the pod asks for ${amount(resource, requested)}, ${amount(resource, free)} is free`,
    })
  }
  addAll(reasons, clashes)
  const refusal = refusalOfNode(pod, info)
  if (refusal && refusal.rule !== 'NodeResourcesFit' && refusal.rule !== 'NodePorts') {
    reasons.push({ type: 'unschedulable', pod: name, message: `the scheduler would refuse the node: ${refusal.reasons.join(', ')}` })
  }
  return reasons
}

/** A new pod beside the old one can never have its port. */
const isSibling = (pod: Pod, other: Pod): boolean => controllerOf(pod) !== undefined && controllerOf(pod)?.uid === controllerOf(other)?.uid
const NO_SURGE = 'set spec.updateStrategy.rollingUpdate to maxSurge 0 and maxUnavailable 1: two pods cannot hold one port'

/** Resources are counted as the scheduler does: processors in thousandths. */
const amount = (resource: string, count: number): string =>
  resource === 'cpu' ? `${count}m` : /^(memory|ephemeral-storage|hugepages-.*)$/.test(resource) ? quantityFrom(count, 'binary') : String(count)

function whyNotReady(pod: Pod): readonly WhyReason[] {
  const name = pod.metadata.name
  const ready = podCondition(pod, 'Ready')
  const since = ready?.lastTransitionTime ?? pod.metadata.creationTimestamp
  const waiting = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].flatMap((status): readonly WhyReason[] => {
    const { waiting, terminated } = status.state ?? {}
    const about = { type: 'container' as const, pod: name, container: status.name }
    if (waiting?.reason) return [{ ...about, message: `container ${status.name} waits: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}` }]
    if (terminated && terminated.exitCode !== 0) {
      return [
        {
          ...about,
          ...(terminated.finishedAt && { since: terminated.finishedAt }),
          message: `container ${status.name} ended: ${terminated.reason || 'Error'}, exit code ${terminated.exitCode}`,
        },
      ]
    }
    if (!status.ready && status.state?.running) return [{ ...about, message: `container ${status.name} runs and is not ready` }]
    return []
  })
  const said = ready?.message ? `: ${ready.message}` : pod.status.phase === 'Pending' ? ' yet: its node has not started it' : ''
  return [{ type: 'starting', pod: name, since, message: `the pod is not ready${said}` }, ...waiting]
}
