import { hash } from 'node:crypto'
import type { EventRecorder } from '../../../api/access.ts'
import { allContainers } from '../../../api/meta/pod.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { Clock } from '../../../base/clock.ts'
import { containerReference } from '../../pod-events.ts'
import type { ExecResult, ObservedContainer, ObservedPod, ObservedSandbox, Runtime, Step } from '../runtime.ts'
import { StepError } from '../runtime.ts'

/** How a simulated pod behaves; everything is immediate and lasts for ever where nothing is said. */
export interface Behaviour {
  /** Milliseconds from the decision to start a container until it runs. */
  readonly startMs?: number
  /** Milliseconds a container takes to stop, at most its grace. */
  readonly stopMs?: number
  /** It ends by itself after so long, with this code. */
  readonly exits?: { readonly afterMs: number; readonly code: number }
  /** It cannot be started. */
  readonly fails?: { readonly reason: string; readonly message: string }
}

export interface SimulatedOptions {
  readonly clock: Clock
  readonly behaviour?: (pod: Pod, container: string, attempt: number) => Behaviour
  /** Told of each container that starts what an engine's agent tells. */
  readonly recorder?: EventRecorder | undefined
}

interface Simulated {
  readonly observed: ObservedPod
  readonly behaviours: Map<string, Behaviour>
}

const NONE: Behaviour = {}

/** A runtime that pretends: pods of any number of nodes in one map, timers only where a behaviour asks for them. */
export class SimulatedRuntime implements Runtime {
  readonly name = 'simulated'
  readonly version = ''
  readonly relist = false
  readonly #clock: Clock
  readonly #behaviour: (pod: Pod, container: string, attempt: number) => Behaviour
  readonly #recorder: EventRecorder | undefined
  readonly #pods = new Map<string, Simulated>()
  readonly #changed = new Set<string>()
  #wake: (() => void) | undefined
  #addresses = 0

  constructor({ clock, behaviour = () => NONE, recorder }: SimulatedOptions) {
    this.#clock = clock
    this.#recorder = recorder
    this.#behaviour = behaviour
  }

  async list(options: { readonly uid?: string } = {}): Promise<readonly ObservedPod[]> {
    if (options.uid === undefined) return [...this.#pods.values()].map(p => p.observed)
    const pod = this.#pods.get(options.uid)
    return pod ? [pod.observed] : []
  }

  async apply(step: Step, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    switch (step.do) {
      case 'start-sandbox': {
        const { uid, name, namespace = '' } = step.pod.metadata
        const sandbox: ObservedSandbox = {
          id: idOf(uid, 'sandbox', step.attempt),
          attempt: step.attempt,
          ready: true,
          createdAt: this.#clock.now(),
          ips: [this.#address()],
        }
        const before = this.#pods.get(uid)
        if (before?.observed.sandboxes.some(s => s.attempt === step.attempt)) return
        const observed = { uid, name, namespace, sandboxes: [sandbox, ...(before?.observed.sandboxes ?? [])], containers: before?.observed.containers ?? [] }
        this.#pods.set(uid, { observed, behaviours: before?.behaviours ?? new Map() })
        return
      }
      case 'start-container':
        return this.#start(step)
      case 'stop-container': {
        const behaviour = this.#pods.get(step.uid)?.behaviours.get(step.id) ?? NONE
        const ms = Math.min(behaviour.stopMs ?? 0, step.graceSeconds * 1000)
        if (ms > 0) await this.#wait(ms, signal)
        this.#exit(step.uid, step.id, behaviour.stopMs !== undefined && behaviour.stopMs > step.graceSeconds * 1000 ? 137 : 0)
        return
      }
      case 'remove-container':
        return this.#set(step.uid, p => ({ ...p, containers: p.containers.filter(c => c.id !== step.id) }))
      case 'stop-sandbox':
        return this.#set(step.uid, p => ({
          ...p,
          sandboxes: p.sandboxes.map(s => (s.id === step.id ? { ...s, ready: false, ips: [] } : s)),
          containers: p.containers.map(c => (c.sandbox === step.id && c.state !== 'exited' ? ended(c, 137, this.#clock.now()) : c)),
        }))
      case 'remove-sandbox':
        return this.#set(step.uid, p => ({
          ...p,
          sandboxes: p.sandboxes.filter(s => s.id !== step.id),
          containers: p.containers.filter(c => c.sandbox !== step.id),
        }))
      case 'remove-pod':
        this.#pods.delete(step.uid)
    }
  }

  async *events(signal: AbortSignal): AsyncIterable<string> {
    while (!signal.aborted) {
      if (this.#changed.size === 0) {
        const stop = () => this.#wake?.()
        signal.addEventListener('abort', stop, { once: true })
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        signal.removeEventListener('abort', stop)
      }
      for (const uid of this.#changed) {
        this.#changed.delete(uid)
        if (!signal.aborted) yield uid
      }
    }
  }

  async exec(..._: Parameters<Runtime['exec']>): Promise<ExecResult> {
    return { exitCode: 0, output: '' }
  }

  #start({ pod, container, attempt, sandbox, backoffSeconds }: Extract<Step, { do: 'start-container' }>): void {
    const { uid } = pod.metadata
    const behaviour = this.#behaviour(pod, container, attempt)
    if (behaviour.fails) throw new StepError(behaviour.fails.reason, behaviour.fails.message)
    const id = idOf(uid, container, attempt)
    const simulated = this.#pods.get(uid)
    if (!simulated || simulated.observed.containers.some(c => c.id === id)) return
    const spec = allContainers(pod.spec).find(c => c.name === container)
    const image = spec?.image ?? ''
    const init = pod.spec.initContainers?.some(c => c.name === container && c.restartPolicy !== 'Always') ?? false
    const now = this.#clock.now()
    const fresh: ObservedContainer = {
      id,
      sandbox: sandbox.id,
      name: container,
      attempt,
      state: 'starting',
      image,
      imageId: image,
      createdAt: now,
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      reason: '',
      message: '',
      backoffSeconds,
    }
    if (this.#recorder) {
      const about = containerReference(pod, container)
      this.#recorder.event(about, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
      this.#recorder.event(about, 'Normal', 'Created', `Created container: ${container}`)
      this.#recorder.event(about, 'Normal', 'Started', `Started container ${container}`)
    }
    if (behaviour !== NONE) simulated.behaviours.set(id, behaviour)
    const exits = behaviour.exits ?? (init ? { afterMs: 0, code: 0 } : undefined)
    this.#set(uid, p => ({ ...p, containers: [fresh, ...p.containers] }))
    const run = () => {
      this.#change(uid, id, c => ({ ...c, state: 'running', startedAt: this.#clock.now() }))
      if (!exits) return
      if (exits.afterMs === 0) this.#exit(uid, id, exits.code)
      else this.#later(exits.afterMs, uid, () => this.#exit(uid, id, exits.code))
    }
    if (behaviour.startMs) this.#later(behaviour.startMs, uid, run)
    else run()
  }

  #exit(uid: string, id: string, code: number): void {
    this.#change(uid, id, c => (c.state === 'exited' ? c : ended(c, code, this.#clock.now())))
  }

  #change(uid: string, id: string, change: (container: ObservedContainer) => ObservedContainer): void {
    if (!this.#pods.get(uid)?.observed.containers.some(c => c.id === id)) return
    this.#set(uid, p => ({ ...p, containers: p.containers.map(c => (c.id === id ? change(c) : c)) }))
  }

  #set(uid: string, change: (pod: ObservedPod) => ObservedPod): void {
    const pod = this.#pods.get(uid)
    if (!pod) return
    this.#pods.set(uid, { ...pod, observed: change(pod.observed) })
  }

  /** What becomes of a pod by itself is told; whoever applies a step looks for what came of it. */
  #later(ms: number, uid: string, happen: () => void): void {
    this.#clock.after(ms, () => {
      happen()
      this.#changed.add(uid)
      this.#wake?.()
    })
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel()
        reject(signal.reason)
      }
      const cancel = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  /** Addresses of 10.128.0.0/9, one after the other. */
  #address(): string {
    this.#addresses = (this.#addresses + 1) % 0x7fffff
    const n = this.#addresses
    return `10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
  }
}

const ended = (c: ObservedContainer, exitCode: number, now: number): ObservedContainer => ({
  ...c,
  state: 'exited',
  startedAt: c.startedAt || now,
  finishedAt: now,
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
})

const idOf = (uid: string, name: string, attempt: number): string => hash('sha256', `${uid}/${name}/${attempt}`)

/** What `kubectl logs` shows of a simulated container. */
export const SIMULATED_LOG = 'this pod is simulated: its containers do not run and say nothing else\n'
