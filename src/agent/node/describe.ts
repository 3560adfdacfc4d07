import { canonicalQuantity } from '../../api/meta/quantity.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Node, NodeCondition, NodeStatus } from '../../api/types/core/node.ts'

/** What a node says of itself: found out on a real machine, made up for a simulated one. */
export interface NodeFacts {
  readonly name: string
  /** Its own address first. */
  readonly addresses: readonly string[]
  readonly cpus: number
  readonly memoryBytes: number
  readonly ephemeralBytes: number
  readonly maxPods: number
  /** Kept from pods: milli-CPUs and bytes. */
  readonly reserved: { readonly cpuMillis: number; readonly memoryBytes: number; readonly ephemeralBytes: number }
  readonly os: string
  readonly arch: string
  readonly osImage: string
  readonly kernel: string
  readonly machineId: string
  readonly bootId: string
  readonly runtime: string
  readonly kubeletVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** From this cluster's allocation, when the node was told one. */
  readonly podCIDR?: string
}

/** How the node is right now. */
export interface NodeHealth {
  /** Why it is not ready; ready when absent. */
  readonly notReady?: string
  readonly memoryPressure?: boolean
  readonly diskPressure?: boolean
  readonly pidPressure?: boolean
}

const KIB = 1024
const MIB = 1024 * KIB

export function labelsOf(facts: NodeFacts): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': facts.arch,
    'beta.kubernetes.io/os': facts.os,
    'kubernetes.io/arch': facts.arch,
    'kubernetes.io/hostname': facts.name,
    'kubernetes.io/os': facts.os,
    'everynode.dev/memory-mib': String(Math.floor(facts.memoryBytes / MIB)),
    'everynode.dev/cpus': String(Math.floor(facts.cpus)),
    ...facts.labels,
  }
}

/** The node as it would be registered. */
export const described = (facts: NodeFacts, now: number): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: facts.name, uid: '', resourceVersion: '', creationTimestamp: timeOf(now), labels: labelsOf(facts) },
  spec: {},
  status: nodeStatusOf(facts, {}, undefined, now),
})

/** As the server writes them: what is read back differs from what was said only when the node does. */
const cpus = (millis: number): string => canonicalQuantity(`${millis}m`)!
const kibibytes = (bytes: number): string => canonicalQuantity(`${Math.floor(bytes / KIB)}Ki`)!

/** The status that the node reports; transition times and foreign conditions are taken from `before`. */
export function nodeStatusOf(facts: NodeFacts, health: NodeHealth, before: NodeStatus | undefined, now: number): NodeStatus {
  const capacity = {
    cpu: cpus(Math.round(facts.cpus * 1000)),
    'ephemeral-storage': kibibytes(facts.ephemeralBytes),
    memory: kibibytes(facts.memoryBytes),
    pods: String(facts.maxPods),
  }
  const allocatable = {
    ...capacity,
    cpu: cpus(Math.round(facts.cpus * 1000) - facts.reserved.cpuMillis),
    'ephemeral-storage': kibibytes(facts.ephemeralBytes - facts.reserved.ephemeralBytes),
    memory: kibibytes(facts.memoryBytes - facts.reserved.memoryBytes),
  }
  return {
    addresses: [...facts.addresses.map(address => ({ type: 'InternalIP', address })), { type: 'Hostname', address: facts.name }],
    allocatable,
    capacity,
    conditions: conditionsOf(health, before?.conditions ?? [], now),
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      architecture: facts.arch,
      bootID: facts.bootId,
      containerRuntimeVersion: facts.runtime,
      kernelVersion: facts.kernel,
      kubeProxyVersion: '',
      kubeletVersion: facts.kubeletVersion,
      machineID: facts.machineId,
      operatingSystem: facts.os,
      osImage: facts.osImage,
      systemUUID: facts.machineId,
    },
  }
}

/** Type, then reason and message when it presses and when it does not. */
const PRESSURES = [
  ['MemoryPressure', 'KubeletHasInsufficientMemory', 'insufficient memory available', 'KubeletHasSufficientMemory', 'sufficient memory available'],
  ['DiskPressure', 'KubeletHasDiskPressure', 'disk pressure', 'KubeletHasNoDiskPressure', 'no disk pressure'],
  ['PIDPressure', 'KubeletHasInsufficientPID', 'insufficient PID available', 'KubeletHasSufficientPID', 'sufficient PID available'],
] as const

function conditionsOf(health: NodeHealth, before: readonly NodeCondition[], now: number): readonly NodeCondition[] {
  const pressed = { MemoryPressure: health.memoryPressure, DiskPressure: health.diskPressure, PIDPressure: health.pidPressure }
  const own: NodeCondition[] = PRESSURES.map(([type, badReason, bad, goodReason, good]) =>
    pressed[type]
      ? { type, status: 'True', reason: badReason, message: `kubelet has ${bad}` }
      : { type, status: 'False', reason: goodReason, message: `kubelet has ${good}` },
  )
  own.push(
    health.notReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: health.notReady },
  )
  return own.map(condition => {
    const old = before.find(c => c.type === condition.type)
    const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? timeOf(now)) : timeOf(now)
    return { ...condition, lastHeartbeatTime: timeOf(now), lastTransitionTime }
  })
}
