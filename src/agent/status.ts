import { isFinished } from '../api/meta/pod.ts'
import { qosClassOf } from '../api/meta/qos.ts'
import { timeOf } from '../api/meta/time.ts'
import type { Container } from '../api/types/core/container.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { ContainerStatus, PodCondition, PodStatus } from '../api/types/core/pod-status.ts'
import { detailsOf, type StatusAbilities } from './container-details.ts'
import { isSidecar, newestByName, type Waiting } from './plan.ts'
import type { PodMemory } from './pod-memory.ts'
import { heldResources, RESIZE_CONDITIONS, resizeOf } from './resize.ts'
import { afterEnd } from './restarts.ts'
import type { ObservedContainer, ObservedPod } from './runtime/runtime.ts'

export interface StatusWorld {
  readonly pod: Pod
  readonly observed: ObservedPod | undefined
  readonly memory: PodMemory
  readonly waiting: ReadonlyMap<string, Waiting>
  /** Nothing runs and nothing will. */
  readonly ended: boolean
  /** Addresses of the node, the first is its own. */
  readonly hostIPs: readonly string[]
  /** Scheme of container IDs. */
  readonly runtime: string
  readonly now: number
  /** Absent: nothing is said of a container that its spec says already. */
  readonly abilities?: StatusAbilities | undefined
}

/** The status of a pod in the kubelet's words. What others own (PodScheduled, readiness gates, …) is kept as it is. */
export function statusOf(world: StatusWorld): PodStatus {
  const { pod, memory, hostIPs, now } = world
  const { spec, status: before } = pod
  const over = isFinished(pod)
  // Refused, by this agent or the one before it.
  if (over && !world.observed && !before.containerStatuses?.length) return before
  if (memory.end?.refused) return refusedStatus(pod, memory.end, now)
  const newest = newestByName(world.observed)
  const initDone = (spec.initContainers ?? []).every(c => initialised(c, newest.get(c.name), memory) || spec.containers.some(m => newest.has(m.name)))
  const describe = (container: Container, init: boolean) => containerStatus(world, container, newest.get(container.name), init || initDone)
  const inits = (spec.initContainers ?? []).map(c => describe(c, true))
  const mains = spec.containers.map(c => describe(c, false))
  // Nobody waits for these, and nothing is said of their readiness.
  const ephemerals = (spec.ephemeralContainers ?? []).map(c => {
    const { started: _, ...status } = describe(c, false)
    return { ...status, ready: false }
  })
  const own = over ? before.phase! : phaseOf(pod, inits, mains, world.ended)
  const phase = !over && memory.end && (world.ended || isTerminal(own)) ? 'Failed' : own
  const podIPs = spec.hostNetwork ? hostIPs : (world.observed?.sandboxes.find(s => s.ready)?.ips ?? [])
  // A pod keeps the addresses it had until it is given others.
  const ips = podIPs.length > 0 ? podIPs : (before.podIPs ?? []).flatMap(({ ip }) => ip)
  const hasNetwork = world.observed?.sandboxes.some(s => s.ready && (spec.hostNetwork || s.ips.length > 0)) ?? false
  const conditions = conditionsOf(world, { phase, inits, mains, hasNetwork })
  // Why a pod is ended is told once it has.
  const { reason, message } = isTerminal(phase) ? { ...before, ...memory.end } : before
  return {
    ...(before.nominatedNodeName && { nominatedNodeName: before.nominatedNodeName }),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions,
    ...(reason && { reason }),
    ...(message && { message }),
    ...(hostIPs[0] && { hostIP: hostIPs[0], hostIPs: hostIPs.map(ip => ({ ip })) }),
    ...(ips[0] && { podIP: ips[0], podIPs: ips.map(ip => ({ ip })) }),
    startTime: before.startTime ?? timeOf(now),
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    containerStatuses: mains.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(ephemerals.length > 0 && { ephemeralContainerStatuses: ephemerals }),
    qosClass: before.qosClass ?? qosClassOf(pod.spec),
  }
}

const isTerminal = (phase: string): boolean => phase === 'Failed' || phase === 'Succeeded'

/** A pod that the node never took says why and nothing of containers, so that its reason is what people are shown. */
const refusedStatus = ({ metadata, spec, status }: Pod, end: NonNullable<PodMemory['end']>, now: number): PodStatus => ({
  ...status,
  ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
  phase: 'Failed',
  reason: end.reason,
  message: end.message,
  startTime: status.startTime ?? timeOf(now),
  qosClass: status.qosClass ?? qosClassOf(spec),
})

function initialised(container: Container, newest: ObservedContainer | undefined, memory: PodMemory): boolean {
  if (!isSidecar(container)) return newest?.state === 'exited' && newest.exitCode === 0
  return newest?.state === 'running' && hasStarted(container, newest, memory)
}

const hasStarted = (container: Container, running: ObservedContainer, memory: PodMemory): boolean => {
  const health = memory.health.get(running.id)
  if (container.lifecycle?.postStart && !health?.postStarted) return false
  return !container.startupProbe || health?.started === true
}

function containerStatus(world: StatusWorld, container: Container, newest: ObservedContainer | undefined, mayStart: boolean): ContainerStatus {
  const { pod, memory, runtime } = world
  const waiting = world.waiting.get(container.name)
  const before = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? []), ...(pod.status.ephemeralContainerStatuses ?? [])].find(
    s => s.name === container.name,
  )
  const base = { name: container.name, image: container.image ?? '', imageID: before?.imageID ?? '' }
  if (!newest || newest.state === 'created' || newest.state === 'starting') {
    // A status that was already terminal outlives the engine's memory of it.
    if (before?.state?.terminated && (world.ended || !world.observed)) return { ...before, ready: false, started: false }
    if (before && world.ended && before.state?.running) return { ...before, ready: false, started: false, state: { terminated: LOST } }
    const previous = world.observed?.containers.find(c => c.name === container.name && c !== newest && c.state === 'exited')
    const last = previous ? { terminated: terminated(previous, runtime) } : lastOf(before)
    return {
      ...base,
      lastState: last,
      ready: false,
      started: false,
      restartCount: newest?.attempt ?? before?.restartCount ?? 0,
      state: { waiting: waiting ?? { reason: mayStart ? 'ContainerCreating' : 'PodInitializing' } },
    }
  }
  const known = {
    ...base,
    imageID: newest.imageId,
    containerID: `${runtime}://${newest.id}`,
    restartCount: newest.attempt,
    ...(world.abilities && detailsOf(container, world.abilities)),
    ...(world.abilities && newest.state === 'running' && heldIf(pod, container, newest.id, memory)),
    ...(newest.user && { user: newest.user }),
  }
  const previous = world.observed?.containers.find(c => c.name === container.name && c.attempt < newest.attempt && c.state === 'exited')
  const lastState = previous ? { terminated: terminated(previous, runtime) } : newest.attempt > 0 ? lastOf(before) : {}
  if (newest.state === 'exited') {
    const end = { terminated: terminated(newest, runtime) }
    const done = isInit(pod, container) && !isSidecar(container) && newest.exitCode === 0
    if (waiting && !world.ended) return { ...known, lastState: end, ready: false, started: false, state: { waiting } }
    return { ...known, lastState, ready: done, started: false, state: end }
  }
  const started = hasStarted(container, newest, memory)
  const ready = started && (!container.readinessProbe || memory.health.get(newest.id)?.ready === true)
  const isWaitingInit = isInit(pod, container) && !isSidecar(container)
  return { ...known, lastState, ready: ready && !isWaitingInit, started, state: { running: { startedAt: timeOf(newest.startedAt) } } }
}

/** What a container is held to while that is not yet what its spec says. */
const heldIf = (pod: Pod, container: Container, id: string, memory: PodMemory) =>
  resizeOf(pod, container, id, memory) ? { resources: heldResources(pod, container, id, memory) ?? {} } : {}

const LOST = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
}

const isInit = (pod: Pod, container: Container): boolean => pod.spec.initContainers?.includes(container) ?? false

const lastOf = (before: ContainerStatus | undefined) => (before?.state?.terminated ? { terminated: before.state.terminated } : (before?.lastState ?? {}))

const terminated = (c: ObservedContainer, runtime: string) => ({
  exitCode: c.exitCode,
  ...(c.exitCode > 128 && c.exitCode < 160 && c.reason === '' && { signal: c.exitCode - 128 }),
  reason: c.reason || (c.exitCode === 0 ? 'Completed' : 'Error'),
  ...(c.message && { message: c.message }),
  ...(c.startedAt > 0 && { startedAt: timeOf(c.startedAt) }),
  finishedAt: timeOf(c.finishedAt),
  containerID: `${runtime}://${c.id}`,
})

/** Upstream's rule: waiting for a first start is Pending, running or about to run again is Running, all ended is the end. */
function phaseOf(pod: Pod, inits: readonly ContainerStatus[], mains: readonly ContainerStatus[], ended: boolean): string {
  const { spec } = pod
  for (const [i, status] of inits.entries()) {
    const container = spec.initContainers![i]!
    const sidecar = isSidecar(container)
    const exitCode = status.state?.terminated?.exitCode
    if (sidecar ? status.started === true || ended : exitCode === 0) continue
    if (mains.some(m => m.containerID)) continue
    if (exitCode !== undefined && (ended || afterEnd(spec, container, exitCode) === 'stay')) return 'Failed'
    return 'Pending'
  }
  const endOf = (s: ContainerStatus) => s.state?.terminated ?? (s.state?.waiting && s.lastState?.terminated)
  const running = mains.filter(s => s.state?.running).length
  const stopped = mains.filter(s => endOf(s))
  if (running + stopped.length < mains.length) return 'Pending'
  if (running > 0) return 'Running'
  const again = stopped.some(s => {
    const container = spec.containers.find(c => c.name === s.name)
    return container && afterEnd(spec, container, endOf(s)?.exitCode ?? 0) !== 'stay'
  })
  if (again && !ended) return 'Running'
  return stopped.some(s => endOf(s)?.exitCode !== 0) ? 'Failed' : 'Succeeded'
}

interface Found {
  readonly phase: string
  readonly inits: readonly ContainerStatus[]
  readonly mains: readonly ContainerStatus[]
  readonly hasNetwork: boolean
}
type Verdict =
  | { readonly status: 'True'; readonly reason?: string; readonly message?: string }
  | { readonly status: 'False'; readonly reason: string; readonly message?: string }
const TRUE: Verdict = { status: 'True' }

function conditionsOf(world: StatusWorld, found: Found): readonly PodCondition[] {
  const { pod, now } = world
  const own: Record<string, Verdict> = {
    PodReadyToStartContainers: found.hasNetwork ? TRUE : ({ status: 'False' } as Verdict),
    Initialized: initialisedVerdict(pod, found),
    Ready: TRUE,
    ContainersReady: containersVerdict(found),
  }
  own['Ready'] = own['ContainersReady']?.status === 'True' ? gatesVerdict(pod) : (own['ContainersReady'] ?? TRUE)
  const { pendingResize, end } = world.memory
  if (end?.disruption) own['DisruptionTarget'] = { status: 'True', reason: 'TerminationByKubelet', message: end.disruption }
  if (pendingResize) own['PodResizePending'] = { status: 'True', ...pendingResize }
  const running = (world.observed?.containers ?? []).filter(c => c.state === 'running')
  const isResized = (container: Container) => running.some(c => c.name === container.name && resizeOf(pod, container, c.id, world.memory))
  if (world.abilities && [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(isResized)) own['PodResizeInProgress'] = TRUE
  const before = (pod.status.conditions ?? []).filter(c => !RESIZE_CONDITIONS.has(c.type) || Object.hasOwn(own, c.type))
  const conditions: PodCondition[] = Object.entries(own).map(([type, verdict]) => {
    const old = before.find(c => c.type === type)
    const lastTransitionTime = old?.status === verdict.status ? (old.lastTransitionTime ?? timeOf(now)) : timeOf(now)
    const observedGeneration = pod.metadata.generation
    return { type, ...(observedGeneration !== undefined && { observedGeneration }), lastTransitionTime, ...verdict }
  })
  if (!before.some(c => c.type === 'PodScheduled')) conditions.push({ type: 'PodScheduled', status: 'True', lastTransitionTime: timeOf(now) })
  return [...conditions, ...before.filter(c => !Object.hasOwn(own, c.type))]
}

function initialisedVerdict(pod: Pod, { phase, inits, mains }: Found): Verdict {
  if (phase === 'Succeeded') return completed
  if (mains.some(m => m.containerID)) return TRUE
  const incomplete = inits.filter((s, i) => (isSidecar(pod.spec.initContainers![i]!) ? !s.started : s.state?.terminated?.exitCode !== 0))
  if (incomplete.length === 0) return TRUE
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.map(s => s.name).join(' ')}]`,
  }
}

const completed: Verdict = { status: 'False', reason: 'PodCompleted' }

function containersVerdict({ phase, inits, mains }: Found): Verdict {
  if (phase === 'Succeeded') return completed
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const watched = [...inits.filter(s => !s.ready && s.started), ...mains]
  const unready = watched.filter(s => !s.ready)
  if (unready.length === 0) return TRUE
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.map(s => s.name).join(' ')}]` }
}

function gatesVerdict(pod: Pod): Verdict {
  const wrong: string[] = []
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = pod.status.conditions?.find(c => c.type === conditionType)
    if (!condition) wrong.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`)
    else if (condition.status !== 'True') wrong.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`)
  }
  return wrong.length === 0 ? TRUE : { status: 'False', reason: 'ReadinessGatesNotReady', message: wrong.join(', ') }
}
