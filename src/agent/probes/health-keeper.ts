import type { EventRecorder } from '../../api/access.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Probe } from '../../api/types/core/probe.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import { containerReference } from '../pod-events.ts'
import type { HealthWatch } from '../pod-loop.ts'
import type { Health } from '../pod-memory.ts'
import type { ObservedContainer, ObservedPod, Runtime, Step } from '../runtime/runtime.ts'
import { judgeProbe, type ProbeState, UNKNOWN } from './judge.ts'
import type { Outcome } from './outcome.ts'
import { runHook, runProbe, type Target } from './run.ts'

export interface HealthOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly runtime: Runtime
  readonly recorder?: EventRecorder | undefined
  readonly hostIPs: () => readonly string[]
  readonly changed: (uid: string) => void
}

interface Watched {
  readonly uid: string
  readonly stop: AbortController
  /** Ends what could have the container killed: a pod that ends is not probed for life. */
  readonly spared: AbortController
  health: Health
}

type Kind = 'startup' | 'readiness' | 'liveness'
const NAMES: Readonly<Record<Kind, string>> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }
/** Reason and words of the events that tell an outcome. */
const SAID: Partial<Record<Outcome['verdict'], readonly [reason: string, words: string]>> = {
  failure: ['Unhealthy', 'failed'],
  unknown: ['Unhealthy', 'errored and resulted in unknown state'],
  warning: ['ProbeWarning', 'warning'],
}
/** What is left of the grace for the container itself after its hook took its time. */
const LEAST_GRACE_SECONDS = 2
const HOOK_MS = 10 * 60_000

/** Runs the probes and hooks of the containers that run, and remembers what they say for as long as they do. */
export class HealthKeeper implements HealthWatch {
  readonly #options: HealthOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: HealthOptions) {
    this.#options = options
  }

  of(_uid: string): { get(id: string): Health | undefined } {
    return { get: id => this.#watched.get(id)?.health }
  }

  look(pod: Pod, observed: ObservedPod): void {
    const running = new Set<string>()
    const sandbox = observed.sandboxes.find(s => s.ready)
    const address = (pod.spec.hostNetwork ? this.#options.hostIPs()[0] : sandbox?.ips[0]) ?? '127.0.0.1'
    for (const seen of observed.containers) {
      if (seen.state !== 'running') continue
      running.add(seen.id)
      const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(c => c.name === seen.name)
      if (container && !this.#watched.has(seen.id)) this.#watch(pod, container, seen, address)
      // A pod that ends is ready until its containers are gone or it says otherwise.
      if (pod.metadata.deletionTimestamp) this.#watched.get(seen.id)?.spared.abort()
    }
    for (const [id, watched] of this.#watched) if (watched.uid === pod.metadata.uid && !running.has(id)) this.#drop(id, watched)
  }

  forget(uid: string): void {
    for (const [id, watched] of this.#watched) if (watched.uid === uid) this.#drop(id, watched)
  }

  async beforeStop(pod: Pod, step: Extract<Step, { do: 'stop-container' }>, signal: AbortSignal): Promise<number> {
    const { clock, runtime, recorder } = this.#options
    const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(c => c.name === step.container)
    const hook = container?.lifecycle?.preStop
    if (!container || !hook || step.graceSeconds <= 0) return step.graceSeconds
    const begun = clock.now()
    const observed = (await runtime.list({ uid: step.uid, signal }))[0]
    const address = (pod.spec.hostNetwork ? this.#options.hostIPs()[0] : observed?.sandboxes.find(s => s.ready)?.ips[0]) ?? '127.0.0.1'
    const limit = step.graceSeconds * 1000
    if (hook.sleep) await sleep(clock, Math.min(limit, hook.sleep.seconds * 1000), signal)
    else {
      const { verdict } = await runHook(hook, { container, id: step.id, address }, runtime, limit, signal)
      signal.throwIfAborted()
      // What it said may be a secret.
      if (verdict !== 'success') recorder?.event(containerReference(pod, container.name), 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    }
    return Math.max(LEAST_GRACE_SECONDS, step.graceSeconds - Math.floor((clock.now() - begun) / 1000))
  }

  #watch(pod: Pod, container: Container, seen: ObservedContainer, address: string): void {
    const { uid } = pod.metadata
    const stop = new AbortController()
    const spared = new AbortController()
    const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])]
    // What the API says of this very container holds over a restart of the agent.
    const said = statuses.find(s => s.containerID?.endsWith(`://${seen.id}`) && s.state?.running)
    const watched: Watched = { uid, stop, spared, health: said ? { ready: said.ready, started: said.started ?? false, postStarted: true } : {} }
    this.#watched.set(seen.id, watched)
    const signal = AbortSignal.any([stop.signal, this.#options.signal])
    const target = { container, id: seen.id, address }
    void this.#live(pod, watched, target, seen.startedAt, signal).catch(() => {})
  }

  async #live(pod: Pod, watched: Watched, target: Target, startedAt: number, signal: AbortSignal): Promise<void> {
    const { container } = target
    const life = AbortSignal.any([signal, watched.spared.signal])
    if (container.lifecycle?.postStart && !watched.health.postStarted) await this.#postStart(pod, watched, target, signal)
    if (container.startupProbe && !watched.health.started) await this.#probe('startup', container.startupProbe, pod, watched, target, startedAt, life)
    life.throwIfAborted()
    await Promise.all([
      container.readinessProbe && this.#probe('readiness', container.readinessProbe, pod, watched, target, startedAt, signal),
      container.livenessProbe && this.#probe('liveness', container.livenessProbe, pod, watched, target, startedAt, life),
    ])
  }

  async #postStart(pod: Pod, watched: Watched, target: Target, signal: AbortSignal): Promise<void> {
    const { clock, runtime, recorder } = this.#options
    const hook = target.container.lifecycle?.postStart
    if (!hook) return
    if (hook.sleep) await sleep(clock, hook.sleep.seconds * 1000, signal)
    else {
      const { verdict } = await runHook(hook, target, runtime, HOOK_MS, signal)
      signal.throwIfAborted()
      if (verdict !== 'success') {
        recorder?.event(containerReference(pod, target.container.name), 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
        this.#set(watched, { kill: { message: 'FailedPostStartHook' } })
        throw new Error('the container is to be stopped')
      }
    }
    this.#set(watched, { postStarted: true })
  }

  /** Probes until the signal aborts; a startup probe only until it has passed. */
  async #probe(kind: Kind, probe: Probe, pod: Pod, watched: Watched, target: Target, startedAt: number, signal: AbortSignal): Promise<void> {
    const { clock, runtime } = this.#options
    const period = (probe.periodSeconds ?? 10) * 1000
    const first = startedAt + (probe.initialDelaySeconds ?? 0) * 1000
    await sleep(clock, Math.max(0, first - clock.now()), signal)
    let state: ProbeState = kind === 'readiness' && watched.health.ready ? { verdict: true, inARow: 1, last: true } : UNKNOWN
    while (!signal.aborted) {
      const begun = clock.now()
      const outcome = await runProbe(probe, target, runtime, signal)
      if (signal.aborted) return
      this.#report(kind, pod, target.container, outcome)
      // A probe that could not be made says nothing of the container.
      if (outcome.verdict !== 'unknown') state = judgeProbe(state, probe, outcome.verdict !== 'failure')
      if (kind === 'readiness') {
        const ready = state.verdict === true
        if (watched.health.ready !== ready) this.#set(watched, { ready })
      } else if (state.verdict === false) {
        const message = `Container ${target.container.name} failed ${kind} probe, will be restarted`
        const graceSeconds = probe.terminationGracePeriodSeconds
        this.#set(watched, { kill: { message, ...(graceSeconds !== undefined && { graceSeconds }) } })
        throw new Error(message)
      } else if (kind === 'startup' && state.verdict === true) {
        this.#set(watched, { started: true })
        return
      }
      await sleep(clock, Math.max(0, begun + period - clock.now()), signal)
    }
  }

  #report(kind: Kind, pod: Pod, container: Container, { verdict, message }: Outcome): void {
    const said = SAID[verdict]
    if (said) this.#options.recorder?.event(containerReference(pod, container.name), 'Warning', said[0], `${NAMES[kind]} probe ${said[1]}: ${message}`)
  }

  #set(watched: Watched, change: Partial<Health>): void {
    watched.health = { ...watched.health, ...change }
    this.#options.changed(watched.uid)
  }

  #drop(id: string, watched: Watched): void {
    watched.stop.abort()
    this.#watched.delete(id)
  }
}
