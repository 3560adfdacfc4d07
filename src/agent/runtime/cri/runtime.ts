import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { EventRecorder } from '../../../api/access.ts'
import { allContainers } from '../../../api/meta/pod.ts'
import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import { type Clock, sleep } from '../../../base/clock.ts'
import { limitCgroup } from '../../host/cgroup-limits.ts'
import { removeCgroup } from '../../host/cgroups.ts'
import { signalTo } from '../../host/signal-to.ts'
import { linkLog, unlinkLogs } from '../../logs/links.ts'
import { containerReference } from '../../pod-events.ts'
import { logDirectory, podDirectory, podsOnDisk, terminationFile } from '../../pod-files.ts'
import type { PodSetup } from '../../pod-setup.ts'
import { cgroupLimits, podLimits } from '../../resources.ts'
import { terminationMessage } from '../../termination-message.ts'
import { type ExecResult, ExecTimeout, type ObservedPod, type Runtime, type Step, StepError } from '../runtime.ts'
import { ChannelError, CODE, rpcError } from './channel.ts'
import type { CriClient } from './client.ts'
import { containerConfig } from './container-config.ts'
import { networkProblem } from './engine.ts'
import { engineEvents } from './events.ts'
import type { Images } from './images.ts'
import type { ContainerStatus, Image } from './messages.ts'
import { Observer } from './observe.ts'
import { LABEL, type Owner, ownLabels, podCgroup, sandboxConfig } from './sandbox-config.ts'

export interface CriOptions {
  readonly client: CriClient
  readonly clock: Clock
  readonly name: string
  readonly version: string
  readonly owner: Owner
  readonly setup: PodSetup
  readonly images: Images
  readonly recorder?: EventRecorder | undefined
  /** The pod as it was last seen, for what only its spec tells of a container that has ended. */
  readonly podOf: (uid: string) => Pod | undefined
}

const SANDBOX_MS = 4 * 60_000
const MOST_OUTPUT = 64 * 1024
const RUNNING = 1
const LOOK_MS = 50
const NO_DNS = 'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'
const NO_USERS = "Failed to create pod sandbox: can't set `spec.hostUsers: false`, user namespaces are not supported by this node"

/** Pods in a container engine that speaks CRI v1. */
export class CriRuntime implements Runtime {
  readonly name: string
  readonly version: string
  readonly relist = true
  readonly #options: CriOptions
  readonly #observer: Observer

  constructor(options: CriOptions) {
    this.#options = options
    this.name = options.name
    this.version = options.version
    this.#observer = new Observer(options.client, options.owner, status => this.#lastWords(status))
  }

  async list(options: { readonly uid?: string; readonly signal?: AbortSignal } = {}): Promise<readonly ObservedPod[]> {
    const pods = await this.#observer.list(options)
    const isUnseen = (uid: string) => !pods.has(uid) && (options.uid === undefined || options.uid === uid)
    for (const left of await podsOnDisk(this.#options.setup.paths, isUnseen)) pods.set(left.uid, { ...left, sandboxes: [], containers: [] })
    return [...pods.values()]
  }

  async apply(step: Step, signal: AbortSignal): Promise<void> {
    const { client } = this.#options
    switch (step.do) {
      case 'start-sandbox':
        return this.#startSandbox(step.pod, step.attempt, signal)
      case 'start-container':
        return this.#startContainer(step, signal)
      case 'stop-container':
        return this.#stopContainer(step, signal)
      case 'resize-container':
        return this.#resize(step, signal)
      case 'remove-container':
        await ignoring(client.removeContainer({ container_id: step.id }, { signal }))
        return
      case 'stop-sandbox':
        return ignoring(client.stopPodSandbox({ pod_sandbox_id: step.id }, { signal, timeoutMs: SANDBOX_MS })).catch(notKilled('KillPodSandboxError'))
      case 'remove-sandbox':
        await ignoring(client.stopPodSandbox({ pod_sandbox_id: step.id }, { signal, timeoutMs: SANDBOX_MS }))
        await ignoring(client.removePodSandbox({ pod_sandbox_id: step.id }, { signal, timeoutMs: SANDBOX_MS }))
        return
      case 'remove-pod':
        return this.#removePod(step.uid, signal)
    }
  }

  events(signal: AbortSignal): AsyncIterable<string> {
    return engineEvents(this.#options.client.channel, signal)
  }

  async exec(container: string, command: readonly string[], options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ExecResult> {
    const { client } = this.#options
    const timeout = Math.ceil(options.timeoutMs / 1000)
    const request = { container_id: container, cmd: command, timeout }
    try {
      const { stdout = '', stderr = '', exit_code = 0 } = await client.execSync(request, { signal: options.signal, timeoutMs: options.timeoutMs + 5000 })
      const output = Buffer.concat([Buffer.from(stdout, 'base64'), Buffer.from(stderr, 'base64')])
      return { exitCode: exit_code, output: output.subarray(0, MOST_OUTPUT).toString() }
    } catch (error) {
      if (options.signal.aborted || !(error instanceof ChannelError)) throw error
      throw error.code === CODE.deadlineExceeded ? new ExecTimeout(options.timeoutMs) : new Error(rpcError(error), { cause: error })
    }
  }

  async #startSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
    const { client, owner, setup, recorder } = this.#options
    if (pod.spec.hostUsers === false) throw new StepError('FailedCreatePodSandBox', NO_USERS)
    // A sandbox that failed for want of a network could not be taken away either before there is one.
    const network = pod.spec.hostNetwork ? undefined : await networkProblem(client)
    if (network) throw new StepError('NetworkNotReady', `network is not ready: ${network}`)
    await setup.prepare(pod)
    await limitCgroup(podCgroup(owner, pod.metadata.uid), podLimits(pod))
    const prepared = await setup.sandbox(pod)
    if (prepared.missingClusterDns) recorder?.event(pod, 'Warning', 'MissingClusterDNS', `pod: "${nameOf(pod)}". ${NO_DNS}`)
    const config = sandboxConfig(pod, attempt, owner, prepared)
    try {
      await client.runPodSandbox({ config, runtime_handler: pod.spec.runtimeClassName ?? '' }, { signal, timeoutMs: SANDBOX_MS })
    } catch (error) {
      if (signal.aborted || !(error instanceof ChannelError)) throw error
      throw new StepError('FailedCreatePodSandBox', `Failed to create pod sandbox: ${rpcError(error)}`, { cause: error })
    }
  }

  async #startContainer(step: Extract<Step, { do: 'start-container' }>, signal: AbortSignal): Promise<void> {
    const { client, owner, setup, images, recorder } = this.#options
    const { pod, attempt, sandbox, backoffSeconds } = step
    const container = containerOf(pod, step.container)
    if (!container) return
    const about = containerReference(pod, container.name)
    const image = await images.ensure(pod, container, signal)
    refuseRoot(pod, container, image)
    const config = containerConfig(
      pod,
      container,
      { owner, attempt, imageRef: image.id ?? '', backoffSeconds, target: await this.#targetOf(pod, container, signal) },
      await setup.container(pod, container, attempt, sandbox.ips),
    )
    const prepared = await setup.sandbox(pod)
    if (await this.#runsAlready(pod.metadata.uid, container.name, attempt, signal)) return
    let id = ''
    try {
      const made = await client.createContainer(
        { pod_sandbox_id: sandbox.id, config, sandbox_config: sandboxConfig(pod, sandbox.attempt, owner, prepared) },
        { signal },
      )
      id = made.container_id ?? ''
    } catch (error) {
      if (signal.aborted || !(error instanceof ChannelError)) throw error
      throw new StepError('CreateContainerError', error.message, { cause: error, told: nameless(error.message, container) })
    }
    recorder?.event(about, 'Normal', 'Created', `Created container: ${container.name}`)
    try {
      await client.startContainer({ container_id: id }, { signal })
    } catch (error) {
      if (signal.aborted || !(error instanceof ChannelError)) throw error
      throw new StepError('RunContainerError', error.message, { cause: error, told: nameless(error.message, container) })
    }
    recorder?.event(about, 'Normal', 'Started', `Started container ${container.name}`)
    await linkLog(setup.paths, pod, container.name, attempt, id)
  }

  async #resize({ pod, container: name, id }: Extract<Step, { do: 'resize-container' }>, signal: AbortSignal): Promise<void> {
    const container = containerOf(pod, name)
    if (!container) return
    const { client, owner } = this.#options
    const { oom_score_adj: _, ...linux } = cgroupLimits(pod, container, 0)
    const limitPod = () => limitCgroup(podCgroup(owner, pod.metadata.uid), podLimits(pod))
    try {
      // No part may be allowed more than the whole: what grows needs the pod to grow first, what shrinks lets it shrink afterwards.
      await limitPod().catch(() => {})
      await client.updateContainerResources({ container_id: id, linux }, { signal })
      await limitPod()
    } catch (error) {
      if (signal.aborted || !(error instanceof ChannelError)) throw error
      throw new StepError('ResizeError', `Error resizing container ${name}: ${rpcError(error)}`, { cause: error })
    }
  }

  async #stopContainer({ uid, id, container, graceSeconds }: Extract<Step, { do: 'stop-container' }>, signal: AbortSignal): Promise<void> {
    const { client, podOf } = this.#options
    const pod = podOf(uid)
    const name = pod && containerOf(pod, container)?.lifecycle?.stopSignal
    const left = name && graceSeconds > 0 ? await this.#endWith(id, name, graceSeconds, signal) : graceSeconds
    const stop = () => client.stopContainer({ container_id: id, timeout: left }, { signal, timeoutMs: (left + 120) * 1000 })
    await ignoring(twiceIfShimEnds(stop)).catch(notKilled('KillContainerError'))
  }

  /** Sends the signal that a container names for its end and waits for that; gives back the seconds of grace that are left. */
  async #endWith(id: string, name: string, graceSeconds: number, signal: AbortSignal): Promise<number> {
    const { client, clock } = this.#options
    const number = constants.signals[name as NodeJS.Signals]
    const { info } = await client.containerStatus({ container_id: id, verbose: true }, { signal })
    const { pid = 0 } = JSON.parse(info?.['info'] ?? '{}') as { pid?: number }
    // An engine that does not tell the process sends the signal of the image.
    if (number === undefined || pid <= 1) return graceSeconds
    signalTo(pid, name as NodeJS.Signals)
    for (const end = clock.now() + graceSeconds * 1000; clock.now() < end; await sleep(clock, LOOK_MS, signal)) {
      const { status } = await client.containerStatus({ container_id: id }, { signal })
      if (status?.state !== RUNNING) break
    }
    return 0
  }

  async #targetOf({ metadata, spec }: Pod, { name }: Container, signal: AbortSignal): Promise<string | undefined> {
    const wanted = spec.ephemeralContainers?.find(c => c.name === name)?.targetContainerName
    if (!wanted) return undefined
    const { client, owner } = this.#options
    const filter = { label_selector: { ...ownLabels(owner), [LABEL.uid]: metadata.uid, [LABEL.container]: wanted }, state: { state: RUNNING } }
    const { containers = [] } = await client.listContainers({ filter }, { signal })
    if (!containers[0]?.id) throw new StepError('CreateContainerConfigError', `unable to find target container ${wanted}`)
    return containers[0].id
  }

  /** Whether this attempt was started before. What an interrupted try left behind is removed. */
  async #runsAlready(uid: string, name: string, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { client, owner } = this.#options
    const filter = { label_selector: { ...ownLabels(owner), [LABEL.uid]: uid, [LABEL.container]: name } }
    const { containers = [] } = await client.listContainers({ filter }, { signal })
    for (const { id = '', metadata, state } of containers) {
      if ((metadata?.attempt ?? 0) !== attempt) continue
      if (state === RUNNING) return true
      await ignoring(client.removeContainer({ container_id: id }, { signal }))
    }
    return false
  }

  async #removePod(uid: string, signal: AbortSignal): Promise<void> {
    const { client, owner, setup } = this.#options
    const filter = { label_selector: { ...ownLabels(owner), [LABEL.uid]: uid } }
    const { containers = [] } = await client.listContainers({ filter }, { signal })
    const { items = [] } = await client.listPodSandbox({ filter }, { signal })
    for (const { id = '' } of items) {
      await ignoring(client.stopPodSandbox({ pod_sandbox_id: id }, { signal, timeoutMs: SANDBOX_MS }))
      await ignoring(client.removePodSandbox({ pod_sandbox_id: id }, { signal, timeoutMs: SANDBOX_MS }))
    }
    const names = [...items, ...containers].map(i => ({ name: i.labels?.[LABEL.pod] ?? '', namespace: i.labels?.[LABEL.namespace] ?? '' }))
    const left = await podsOnDisk(setup.paths, found => found === uid)
    for (const { name, namespace } of [...names, ...left])
      if (name) await rm(logDirectory(setup.paths, { name, namespace, uid }), { recursive: true, force: true })
    await unlinkLogs(setup.paths, [...names, ...left])
    await setup.remove(uid)
    await removeCgroup(podCgroup(owner, uid))
  }

  async #lastWords(status: ContainerStatus): Promise<string> {
    const uid = status.labels?.[LABEL.uid] ?? ''
    const name = status.labels?.[LABEL.container] ?? ''
    const { paths } = this.#options.setup
    const pod = this.#options.podOf(uid)
    const container = pod && containerOf(pod, name)
    const file = terminationFile(paths, uid, name, status.metadata?.attempt ?? 0)
    return terminationMessage(container ?? {}, status.exit_code ?? 0, file, status.log_path ?? join(podDirectory(paths, uid), 'none'))
  }
}

const containerOf = (pod: Pod, name: string): Container | undefined => allContainers(pod.spec).find(c => c.name === name)

/** A container that ends by itself takes its shim along, and containerd's call to it fails in the middle: the second finds it ended. */
const twiceIfShimEnds = <T>(call: () => Promise<T>): Promise<T> =>
  call().catch(error => {
    if (error instanceof Error && error.message.includes('ttrpc: closed')) return call()
    throw error
  })

/** What the engine says of a container that it names by a new id each time. */
const nameless = (message: string, { name }: Container): string => message.replaceAll(/\b[0-9a-f]{64}\b/g, name)

/** What could not be ended, in the kubelet's words. */
const notKilled = (reason: 'KillContainerError' | 'KillPodSandboxError') => (error: unknown) => {
  throw error instanceof ChannelError ? new StepError(reason, rpcError(error), { cause: error }) : error
}

/** Gone already, or going, is as good as done. */
async function ignoring(promise: Promise<unknown>): Promise<void> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof ChannelError && (error.code === CODE.notFound || error.message.endsWith('already in removing state')))) throw error
  }
}

/** A pod as the kubelet's messages name it. */
const nameOf = ({ metadata: { name, namespace, uid } }: Pod): string => `${name}_${namespace}(${uid})`

/** `runAsNonRoot` against what the container would run as. */
function refuseRoot(pod: Pod, container: Container, image: Image): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot
  if (!nonRoot) return
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser
  const about = `(pod: "${nameOf(pod)}", container: ${container.name})`
  if (user === 0) throw new StepError('CreateContainerConfigError', `container's runAsUser breaks non-root policy ${about}`)
  if (user !== undefined) return
  if (image.username) {
    const message = `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${about}`
    throw new StepError('CreateContainerConfigError', message)
  }
  if ((image.uid?.value ?? 0) === 0) throw new StepError('CreateContainerConfigError', `container has runAsNonRoot and image will run as root ${about}`)
}
