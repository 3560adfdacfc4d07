import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventRecorder } from '../../../api/access.ts'
import { allContainers } from '../../../api/meta/pod.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { Clock } from '../../../base/clock.ts'
import { limitCgroup } from '../../host/cgroup-limits.ts'
import { removeCgroup } from '../../host/cgroups.ts'
import { signalTo } from '../../host/signal-to.ts'
import { unlinkLogs } from '../../logs/links.ts'
import { logDirectory, podsOnDisk } from '../../pod-files.ts'
import type { PodSetup } from '../../pod-setup.ts'
import { podLimits } from '../../resources.ts'
import { type ExecResult, ExecTimeout, type ObservedPod, type Runtime, type Step, StepError } from '../runtime.ts'
import type { Confinement } from './confinement.ts'
import { entry } from './entry.ts'
import { observeContainers, observeSandboxes } from './observe.ts'
import { leadingTo, makePlaces, removePlaces } from './places.ts'
import { bootId } from './proc.ts'
import { containersOf, type Recorded, readRecord, recordsOf, type Sandbox, writeRecord } from './records.ts'
import { refusal } from './refusal.ts'
import { launch } from './start.ts'
import { stopProcess } from './stop.ts'

export interface ProcessesOptions {
  readonly setup: PodSetup
  readonly clock: Clock
  readonly hostIPs: () => readonly string[]
  readonly recorder?: EventRecorder | undefined
  /** Absent: processes run plainly. */
  readonly confinement?: Confinement | undefined
}

const MOST_OUTPUT = 64 * 1024

/** Containers as processes of this host: their command, without their image. Everything is on disk and in /proc, nothing remembered. */
export class ProcessesRuntime implements Runtime {
  readonly name = 'processes'
  readonly version: string
  readonly relist = true
  readonly #options: ProcessesOptions
  /** Places on the host are made and taken away one at a time. */
  #placing: Promise<unknown> = Promise.resolve()

  constructor(options: ProcessesOptions) {
    this.#options = options
    this.version = options.confinement?.version ?? 'plain'
  }

  async list({ uid }: { readonly uid?: string } = {}): Promise<readonly ObservedPod[]> {
    const { setup, clock, hostIPs } = this.#options
    const left = (await podsOnDisk(setup.paths)).filter(p => uid === undefined || p.uid === uid)
    return Promise.all(
      left.map(async pod => {
        const records = recordsOf(setup.paths, pod.uid)
        const [sandboxes, containers] = await Promise.all([observeSandboxes(records, hostIPs()), observeContainers(records, pod, setup.paths, clock)])
        return { ...pod, sandboxes, containers }
      }),
    )
  }

  async apply(step: Step, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    switch (step.do) {
      case 'start-sandbox':
        return this.#startSandbox(step.pod, step.attempt)
      case 'start-container':
        return this.#start(step, signal)
      case 'stop-container':
        return this.#stop(step.uid, c => c.kept.id === step.id, step.graceSeconds, signal)
      case 'resize-container':
        throw new StepError('ResizeError', 'the limits of a running process are not changed')
      case 'remove-container': {
        await this.#stop(step.uid, c => c.kept.id === step.id, 0, signal)
        return rm(join(this.#records(step.uid), 'containers', step.id), { recursive: true, force: true })
      }
      case 'stop-sandbox': {
        const sandboxes = join(this.#records(step.uid), 'sandboxes')
        const sandbox = await readRecord<Sandbox>(join(sandboxes, step.id))
        await this.#stop(step.uid, c => c.kept.sandbox === step.id, 0, signal)
        if (sandbox) await writeRecord(sandboxes, step.id, { ...sandbox, stopped: true })
        return
      }
      case 'remove-sandbox':
        await this.#stop(step.uid, c => c.kept.sandbox === step.id, 0, signal)
        return rm(join(this.#records(step.uid), 'sandboxes', step.id), { force: true })
      case 'remove-pod':
        return this.#remove(step.uid, signal)
    }
  }

  /** Nothing tells of an end but looking: one look at the start, the rest is relisting. */
  async *events(signal: AbortSignal): AsyncIterable<string> {
    yield ''
    if (!signal.aborted) await once(signal, 'abort')
  }

  async exec(container: string, command: readonly string[], options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ExecResult> {
    const { program, args, env } = await entry(this.#options.setup.paths, container, command, false)
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)])
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = Buffer.alloc(0)
      const keep = (chunk: Buffer) => {
        output = Buffer.concat([output, chunk]).subarray(0, MOST_OUTPUT)
      }
      const kill = () => child.pid !== undefined && signalTo(-child.pid, 'SIGKILL')
      signal.addEventListener('abort', kill, { once: true })
      child.stdout.on('data', keep)
      child.stderr.on('data', keep)
      child.once('error', reject)
      child.once('close', code => {
        signal.removeEventListener('abort', kill)
        if (options.signal.aborted) reject(options.signal.reason as Error)
        else if (signal.aborted) reject(new ExecTimeout(options.timeoutMs))
        else resolve({ exitCode: code ?? 137, output: output.toString() })
      })
    })
  }

  async #startSandbox(pod: Pod, attempt: number): Promise<void> {
    const { setup, clock, confinement } = this.#options
    const { uid } = pod.metadata
    await setup.prepare(pod)
    if (confinement) await limitCgroup(`${confinement.cgroup}/pod${uid}`, podLimits(pod))
    const id = `${uid}_${attempt}`
    await writeRecord(join(this.#records(uid), 'sandboxes'), id, { id, attempt, createdAt: clock.now(), boot: await bootId(), stopped: false })
  }

  async #start({ pod, container: name, attempt, sandbox, backoffSeconds }: Extract<Step, { do: 'start-container' }>, signal: AbortSignal): Promise<void> {
    const { setup, clock, recorder, confinement } = this.#options
    const container = allContainers(pod.spec).find(c => c.name === name)
    if (!container) return
    const refused = refusal(pod, container, { confined: confinement !== undefined, own: process.getuid?.() ?? 0 })
    if (refused) throw new StepError('CreateContainerConfigError', refused)
    const { uid, namespace = '' } = pod.metadata
    for (const seen of await observeContainers(this.#records(uid), { uid, namespace, name: pod.metadata.name }, setup.paths, clock)) {
      if (seen.name !== name || seen.attempt !== attempt) continue
      if (seen.state === 'running') return
      await this.apply({ do: 'remove-container', uid, id: seen.id }, signal)
    }
    // Its network is the host's, whatever it asks for.
    const onHost = { ...pod, spec: { ...pod.spec, hostNetwork: true } }
    const prepared = await setup.container(onHost, container, attempt, sandbox.ips)
    const makeThese = () => this.#place(() => this.#makePlaces(prepared.mounts, container.securityContext?.privileged !== true))
    await launch({ pod, container, attempt, sandbox: sandbox.id, backoffSeconds, prepared, confinement, makePlaces: makeThese, setup, clock, recorder }, signal)
  }

  async #stop(uid: string, which: (c: Recorded) => boolean, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const ending = (await containersOf(this.#records(uid))).filter(which)
    await Promise.all(ending.map(c => stopProcess(c, { graceSeconds, clock, signal })))
    const made = ending.flatMap(c => c.kept.made)
    if (made.length > 0) await this.#place(() => this.#removePlaces(made, new Set(ending.map(c => c.kept.id))))
  }

  async #remove(uid: string, signal: AbortSignal): Promise<void> {
    const { setup, confinement } = this.#options
    await this.#stop(uid, () => true, 0, signal)
    const left = (await podsOnDisk(setup.paths)).filter(pod => pod.uid === uid)
    for (const pod of left) if (pod.name) await rm(logDirectory(setup.paths, pod), { recursive: true, force: true })
    await unlinkLogs(setup.paths, left)
    await setup.remove(uid)
    if (confinement) await removeCgroup(`${confinement.cgroup}/pod${uid}`)
  }

  /** What was made for this container, and what was made for others before and it needs too. */
  async #makePlaces(mounts: Parameters<typeof makePlaces>[0], own: boolean): Promise<readonly string[]> {
    const others = new Set((await this.#recorded()).flatMap(c => c.kept.made))
    const made = await makePlaces(mounts, own)
    const shared = mounts.flatMap(m => [...leadingTo(m.container_path ?? '')]).filter(path => others.has(path))
    return [...new Set([...made, ...shared])].sort()
  }

  async #removePlaces(made: readonly string[], except: ReadonlySet<string>): Promise<void> {
    const others = (await this.#recorded()).filter(c => !except.has(c.kept.id))
    await removePlaces([...new Set(made)].sort(), new Set(others.flatMap(c => c.kept.made)))
  }

  async #recorded(): Promise<readonly Recorded[]> {
    const { paths } = this.#options.setup
    return (await Promise.all((await podsOnDisk(paths)).map(({ uid }) => containersOf(recordsOf(paths, uid))))).flat()
  }

  async #place<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#placing.then(work)
    this.#placing = turn.catch(() => {})
    return turn
  }

  #records(uid: string): string {
    return recordsOf(this.#options.setup.paths, uid)
  }
}
