import { allContainers, isFinished } from '../api/meta/pod.ts'
import type { Container } from '../api/types/core/container.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { nextBackoffSeconds, restartAt } from './backoff.ts'
import type { Failure, PodMemory } from './pod-memory.ts'
import { resizeOf } from './resize.ts'
import { afterEnd } from './restarts.ts'
import type { ObservedContainer, ObservedPod, ObservedSandbox, Step } from './runtime/runtime.ts'

export interface PodWorld {
  /** Absent: the API no longer has this pod. */
  readonly pod: Pod | undefined
  /** Absent: the engine has nothing of it. */
  readonly observed: ObservedPod | undefined
  readonly memory: PodMemory
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Waiting {
  readonly reason: string
  readonly message?: string
}

export interface PodPlan {
  /** May be applied side by side; look again after them. */
  readonly steps: readonly Step[]
  /** By container name: why it does not run, where there is more to say than that it is being made. */
  readonly waiting: ReadonlyMap<string, Waiting>
  readonly lookAgainAt?: number
  /** Nothing of it runs any more and nothing will. */
  readonly ended: boolean
}

/** Upstream's default for a pod whose spec says nothing. */
const DEFAULT_GRACE_SECONDS = 30

/** The next steps towards what the pod asks for. */
export function planPod(world: PodWorld): PodPlan {
  const { pod, memory } = world
  if (!pod) return planEnd(world, world.observed?.graceSeconds ?? DEFAULT_GRACE_SECONDS)
  if (pod.metadata.deletionTimestamp) return planEnd(world, pod.metadata.deletionGracePeriodSeconds ?? graceOf(pod))
  if (memory.end) return planEnd(world, memory.end.graceSeconds ?? graceOf(pod))
  if (isFinished(pod)) return planEnd(world, graceOf(pod))
  return new Planner(world, pod).run()
}

export const graceOf = (pod: Pod): number => pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/** The newest attempt of each container. */
export function newestByName(observed: ObservedPod | undefined): ReadonlyMap<string, ObservedContainer> {
  const newest = new Map<string, ObservedContainer>()
  for (const container of observed?.containers ?? []) {
    const known = newest.get(container.name)
    if (!known || container.attempt > known.attempt) newest.set(container.name, container)
  }
  return newest
}

/** A pull that keeps failing is said to be backing off. */
function waitingFor({ reason, message, count }: Failure, image: string): Waiting {
  if (reason !== 'ErrImagePull' || count === 1) return { reason, message }
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${message}` }
}

/** A dead attempt that two newer ones have followed; the newest of a name come first. */
function isSpent(container: ObservedContainer, containers: readonly ObservedContainer[]): boolean {
  if (container.state !== 'exited') return false
  let newer = 0
  for (const other of containers) {
    if (other === container) return newer >= 2
    if (other.name === container.name) newer++
  }
  return false
}

const alive = (container: ObservedContainer): boolean => container.state === 'running' || container.state === 'unknown' || container.state === 'starting'

const NOT_WAITING: ReadonlyMap<string, Waiting> = new Map()

/** Stops containers (sidecars last, in reverse order), then the sandbox; a pod that nobody knows is then removed. */
function planEnd({ pod, observed, memory }: PodWorld, graceSeconds: number): PodPlan {
  const waiting = NOT_WAITING
  const uid = observed?.uid ?? pod?.metadata.uid ?? ''
  const running = (observed?.containers ?? []).filter(alive)
  if (running.length > 0) {
    const sidecars = (pod?.spec.initContainers ?? []).filter(isSidecar).map(c => c.name)
    const main = running.filter(c => !sidecars.includes(c.name))
    const last = sidecars.findLast(name => running.some(c => c.name === name))
    const targets = main.length > 0 ? main : running.filter(c => c.name === last)
    const why = pod ? 'Stopping container' : 'The pod is no longer known'
    return { steps: targets.map(c => ({ do: 'stop-container', uid, id: c.id, container: c.name, graceSeconds, why })), waiting, ended: false }
  }
  const open = (observed?.sandboxes ?? []).filter(s => !memory.stopped.has(s.id))
  if (open.length > 0) return { steps: open.map(s => ({ do: 'stop-sandbox', uid, id: s.id })), waiting, ended: false }
  if (!pod) return { steps: observed ? [{ do: 'remove-pod', uid }] : [], waiting, ended: true }
  return { steps: [], waiting, ended: true }
}

class Planner {
  readonly #world: PodWorld
  readonly #pod: Pod
  readonly #uid: string
  readonly #steps: Step[] = []
  readonly #waiting = new Map<string, Waiting>()
  readonly #newest: ReadonlyMap<string, ObservedContainer>
  readonly #sandbox: ObservedSandbox | undefined
  #again = Number.POSITIVE_INFINITY

  constructor(world: PodWorld, pod: Pod) {
    this.#world = world
    this.#pod = pod
    this.#uid = pod.metadata.uid
    this.#newest = newestByName(world.observed)
    this.#sandbox = world.observed?.sandboxes.find(s => s.ready)
  }

  run(): PodPlan {
    if (this.#finished()) return planEnd(this.#world, graceOf(this.#pod))
    this.#sweep()
    const cause = this.#sandbox && this.#endedForAll(this.#sandbox)
    if (cause) this.#restartAll(cause)
    else if (!this.#sandbox) this.#startSandbox()
    else if (this.#initialised(this.#sandbox)) this.#runContainers(this.#sandbox)
    return {
      steps: this.#steps,
      waiting: this.#waiting,
      ended: false,
      ...(this.#again < Number.POSITIVE_INFINITY && { lookAgainAt: this.#again }),
    }
  }

  /** Whether every container has ended in a way that its restart policy accepts, or an init container has failed for good. */
  #finished(): boolean {
    const { initContainers = [], containers } = this.#pod.spec
    const over = (c: Container) => {
      const o = this.#newest.get(c.name)
      return o?.state === 'exited' && !this.#changed(c, o) && afterEnd(this.#pod.spec, c, o.exitCode) === 'stay'
    }
    const failed = (c: Container) => !isSidecar(c) && over(c) && this.#newest.get(c.name)?.exitCode !== 0
    return containers.every(over) || initContainers.some(failed)
  }

  /** Containers of a lost sandbox must end; dead attempts beyond the last two and lost sandboxes that hold none of those are removed. */
  #sweep(): void {
    const { observed, memory } = this.#world
    if (!observed) return
    const { containers, sandboxes } = observed
    for (const container of containers) {
      const lost = container.sandbox !== this.#sandbox?.id
      if (lost && (container.state === 'running' || container.state === 'unknown')) this.#stop(container, 0, 'its sandbox is gone')
      if (isSpent(container, containers)) this.#steps.push({ do: 'remove-container', uid: this.#uid, id: container.id })
    }
    for (const sandbox of sandboxes) {
      if (sandbox === this.#sandbox) continue
      const holds = () => containers.some(container => container.sandbox === sandbox.id && !isSpent(container, containers))
      if (!memory.stopped.has(sandbox.id)) this.#steps.push({ do: 'stop-sandbox', uid: this.#uid, id: sandbox.id })
      else if (this.#sandbox && !holds()) this.#steps.push({ do: 'remove-sandbox', uid: this.#uid, id: sandbox.id })
    }
  }

  #startSandbox(): void {
    // What is left of an earlier one goes first: its network rules would shadow those of the next.
    if (this.#steps.length > 0 || !this.#mayTry('')) return
    const attempt = Math.max(-1, ...(this.#world.observed?.sandboxes ?? []).map(s => s.attempt)) + 1
    this.#steps.push({ do: 'start-sandbox', pod: this.#pod, attempt })
  }

  /** A container of this sandbox whose end restarts the whole pod. */
  #endedForAll(sandbox: ObservedSandbox): ObservedContainer | undefined {
    const { initContainers = [], containers } = this.#pod.spec
    for (const container of [...initContainers, ...containers]) {
      const newest = this.#newest.get(container.name)
      if (newest?.state !== 'exited' || newest.sandbox !== sandbox.id || this.#changed(container, newest)) continue
      if (afterEnd(this.#pod.spec, container, newest.exitCode) === 'all') return newest
    }
    return undefined
  }

  /** Stops what still runs, then the sandbox: in the next one everything starts from its init containers on. */
  #restartAll(cause: ObservedContainer): void {
    const due = restartAt(cause)
    const running = [...this.#newest.values()].filter(alive)
    for (const container of running) this.#stop(container, graceOf(this.#pod), `Container ${cause.name} ended and its restart rule restarts all containers`)
    if (running.length > 0) return
    if (due <= this.#world.now) this.#steps.push({ do: 'stop-sandbox', uid: this.#uid, id: cause.sandbox })
    else this.#waitToRestart(cause, due)
  }

  /** Starts init containers one after the other; true once the pod's own containers may start. */
  #initialised(sandbox: ObservedSandbox): boolean {
    const { initContainers = [], containers } = this.#pod.spec
    const begun = containers.some(c => this.#newest.get(c.name)?.sandbox === sandbox.id)
    for (const container of initContainers) {
      const newest = this.#newest.get(container.name)
      if (isSidecar(container)) {
        this.#keepRunning(container, sandbox)
        if (!begun && !this.#hasStarted(container, newest, sandbox)) return false
        continue
      }
      if (begun) continue
      if (newest?.sandbox === sandbox.id && newest.state === 'exited' && newest.exitCode === 0 && !this.#changed(container, newest)) continue
      this.#keepRunning(container, sandbox)
      return false
    }
    return true
  }

  #runContainers(sandbox: ObservedSandbox): void {
    for (const container of this.#pod.spec.containers) {
      this.#keepRunning(container, sandbox)
      // As upstream, a postStart hook holds back the containers after it.
      if (container.lifecycle?.postStart) {
        const newest = this.#newest.get(container.name)
        if (newest?.state === 'running' && !this.#world.memory.health.get(newest.id)?.postStarted) break
        if (!newest || newest.state === 'created' || newest.state === 'starting') break
      }
    }
    for (const container of this.#pod.spec.ephemeralContainers ?? []) {
      if (!this.#newest.has(container.name)) this.#start(container, sandbox, undefined)
    }
  }

  #keepRunning(container: Container, sandbox: ObservedSandbox): void {
    const newest = this.#newest.get(container.name)
    switch (newest?.state) {
      case undefined:
      case 'created':
        this.#start(container, sandbox, newest)
        return
      case 'starting':
        return
      case 'unknown':
        this.#stop(newest, graceOf(this.#pod), 'its state is not known')
        return
      case 'running': {
        if (newest.sandbox !== sandbox.id) return
        const kill = this.#world.memory.health.get(newest.id)?.kill
        if (kill) this.#stop(newest, kill.graceSeconds ?? graceOf(this.#pod), kill.message)
        else if (this.#changed(container, newest)) {
          this.#stop(newest, graceOf(this.#pod), `Container ${container.name} definition changed, will be restarted`)
        } else this.#resize(container, newest)
        return
      }
      case 'exited':
        if (this.#restarts(container, newest, sandbox)) this.#restart(container, newest, sandbox)
    }
  }

  #resize(container: Container, { id, ...running }: ObservedContainer): void {
    const how = resizeOf(this.#pod, container, id, this.#world.memory)
    if (how === 'in place') this.#steps.push({ do: 'resize-container', pod: this.#pod, container: container.name, id })
    else if (how === 'by restart') this.#stop({ id, ...running }, graceOf(this.#pod), `Container ${container.name} resize requires restart`)
  }

  #restarts(container: Container, ended: ObservedContainer, sandbox: ObservedSandbox): boolean {
    if (this.#changed(container, ended) || afterEnd(this.#pod.spec, container, ended.exitCode) !== 'stay') return true
    const init = this.#pod.spec.initContainers?.includes(container)
    // A new sandbox runs its init containers again, however they ended in the old one.
    return init === true && ended.sandbox !== sandbox.id
  }

  #restart(container: Container, ended: ObservedContainer, sandbox: ObservedSandbox): void {
    const forAll = afterEnd(this.#pod.spec, container, ended.exitCode) === 'all'
    // Whoever restarted the whole pod has waited before that, and keeps its count.
    const excused = !forAll && (this.#changed(container, ended) || ended.sandbox !== sandbox.id)
    if (forAll && ended.sandbox !== sandbox.id) {
      this.#start(container, sandbox, ended)
      return
    }
    const due = excused ? 0 : restartAt(ended)
    if (due <= this.#world.now) {
      this.#start(container, sandbox, ended, excused)
      return
    }
    this.#waitToRestart(ended, due)
  }

  #waitToRestart({ name: container, backoffSeconds }: ObservedContainer, due: number): void {
    const { name, namespace } = this.#pod.metadata
    this.#lookAt(due)
    this.#waiting.set(container, {
      reason: 'CrashLoopBackOff',
      message: `back-off ${duration(backoffSeconds)} restarting failed container=${container} pod=${name}_${namespace}(${this.#uid})`,
    })
  }

  #start(container: Container, sandbox: ObservedSandbox, previous: ObservedContainer | undefined, excused = false): void {
    if (!this.#mayTry(container.name)) return
    const attempt = previous ? (previous.state === 'created' ? previous.attempt : previous.attempt + 1) : this.#attemptFromStatus(container.name)
    // What ended through no fault of its own starts with an empty slate.
    const backoffSeconds = excused ? 0 : previous?.state === 'exited' ? nextBackoffSeconds(previous) : (previous?.backoffSeconds ?? 0)
    this.#steps.push({ do: 'start-container', pod: this.#pod, container: container.name, attempt, sandbox, backoffSeconds })
  }

  /** An engine that has forgotten a container does not reset its restart count. */
  #attemptFromStatus(name: string): number {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status
    const status = [...containerStatuses, ...initContainerStatuses].find(s => s.name === name)
    return status?.containerID ? status.restartCount + 1 : (status?.restartCount ?? 0)
  }

  #mayTry(name: string): boolean {
    const failure = this.#world.memory.failures.get(name)
    if (!failure) return true
    this.#waiting.set(name, waitingFor(failure, this.#imageOf(name)))
    if (failure.retryAt <= this.#world.now) return true
    this.#lookAt(failure.retryAt)
    return false
  }

  #imageOf(name: string): string {
    return allContainers(this.#pod.spec).find(c => c.name === name)?.image ?? ''
  }

  #stop(container: ObservedContainer, graceSeconds: number, why: string): void {
    this.#steps.push({ do: 'stop-container', uid: this.#uid, id: container.id, container: container.name, graceSeconds, why })
  }

  #changed(container: Container, observed: ObservedContainer): boolean {
    return container.image !== undefined && observed.image !== '' && observed.image !== container.image
  }

  #hasStarted(container: Container, newest: ObservedContainer | undefined, sandbox: ObservedSandbox): boolean {
    if (newest?.state !== 'running' || newest.sandbox !== sandbox.id) return false
    const health = this.#world.memory.health.get(newest.id)
    if (container.lifecycle?.postStart && !health?.postStarted) return false
    return !container.startupProbe || health?.started === true
  }

  #lookAt(time: number): void {
    this.#again = Math.min(this.#again, time)
  }
}

/** Seconds as Go writes a duration, to the millisecond: `250ms`, `1.5s`, `2m40s`, `1h0m0s`. */
export function duration(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  if (ms > 0 && ms < 1000) return `${ms}ms`
  const [hours, minutes, rest] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1000]
  return `${hours > 0 ? `${hours}h` : ''}${ms >= 60_000 ? `${minutes}m` : ''}${rest}s`
}
