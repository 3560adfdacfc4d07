import { podPriority, SYSTEM_CRITICAL } from '../api/meta/pod.ts'
import { qosClassOf } from '../api/meta/qos.ts'
import { milliValue, quantityValue } from '../api/meta/quantity.ts'
import type { Container } from '../api/types/core/container.ts'
import type { Pod, PodSpec } from '../api/types/core/pod.ts'

/** The length of the period that a quota is of, in microseconds. */
export const PERIOD_US = 100_000
const LEAST_SHARES = 2
const LEAST_QUOTA_US = 1000

/** What the engine puts into the container's cgroup; 0 is no limit. */
export interface CgroupLimits {
  readonly cpu_shares: number
  readonly cpu_quota: number
  readonly cpu_period: number
  readonly memory_limit_in_bytes: number
  readonly oom_score_adj: number
}

/** What the whole pod may use; absent is no limit. */
export interface PodLimits {
  readonly cpuShares?: number
  readonly cpuQuotaUs?: number
  readonly memoryBytes?: number
}

/**
 * What a pod is held to as a whole, as upstream: its share of the processors is what it asks for, so that requests count between
 * pods too; its limits are its own or, where each container has one, theirs together.
 */
export function podLimits({ spec }: Pod): PodLimits {
  const { limits = {}, requests = {} } = spec.resources ?? {}
  const requested = requests['cpu'] ?? limits['cpu']
  const cpuMillis = requested === undefined ? together(spec, requestedMillis) : milliValue(requested)
  const cpuLimit = limits['cpu'] === undefined ? together(spec, limitIn('cpu', milliValue)) : milliValue(limits['cpu'])
  const memory = limits['memory'] === undefined ? together(spec, limitIn('memory', quantityValue)) : quantityValue(limits['memory'])
  return {
    cpuShares: sharesOf(cpuMillis),
    ...(cpuLimit > 0 && Number.isFinite(cpuLimit) && { cpuQuotaUs: quotaOf(cpuLimit) }),
    ...(memory > 0 && Number.isFinite(memory) && { memoryBytes: memory }),
  }
}

const requestedMillis = ({ resources: { limits = {}, requests = {} } = {} }: Container): number => milliValue(requests['cpu'] ?? limits['cpu'] ?? '0')

/** The limit of a container; infinite where there is none. */
const limitIn =
  (resource: 'cpu' | 'memory', amountOf: (quantity: string) => number) =>
  ({ resources }: Container): number =>
    amountOf(resources?.limits?.[resource] ?? '0') || Number.POSITIVE_INFINITY

/** What all containers come to beside each other, or the start of the pod, if that is more: ordinary init containers run one at a time. */
function together({ containers, initContainers = [] }: PodSpec, amountOf: (container: Container) => number): number {
  let sidecars = 0
  let start = 0
  for (const container of initContainers) {
    const amount = amountOf(container)
    start = Math.max(start, sidecars + amount)
    if (container.restartPolicy === 'Always') sidecars += amount
  }
  return Math.max(
    start,
    containers.reduce((sum, container) => sum + amountOf(container), sidecars),
  )
}

const sharesOf = (milliCpus: number): number => Math.max(LEAST_SHARES, Math.floor((milliCpus * 1024) / 1000))
const quotaOf = (milliCpus: number): number => (milliCpus === 0 ? 0 : Math.max(LEAST_QUOTA_US, Math.floor((milliCpus * PERIOD_US) / 1000)))

export function cgroupLimits(pod: Pod, container: Container, nodeMemoryBytes: number): CgroupLimits {
  const { limits = {}, requests = {} } = container.resources ?? {}
  const request = milliValue(requests['cpu'] ?? limits['cpu'] ?? '0')
  const quota = milliValue(limits['cpu'] ?? '0')
  return {
    cpu_shares: sharesOf(request),
    cpu_period: PERIOD_US,
    cpu_quota: quotaOf(quota),
    memory_limit_in_bytes: quantityValue(limits['memory'] ?? '0'),
    oom_score_adj: oomScore(pod, container, nodeMemoryBytes),
  }
}

/** Upstream's order of who is killed first when memory runs out: nothing promised, then by share of memory asked for. */
export function oomScore(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (podPriority(pod) >= SYSTEM_CRITICAL) return -997
  const qos = qosClassOf(pod.spec)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const asked = quantityValue(container.resources?.requests?.['memory'] ?? '0')
  return Math.min(999, Math.max(3, 1000 - Math.floor((1000 * asked) / Math.max(1, nodeMemoryBytes))))
}
