import type { ObservedContainer, ObservedPod, ObservedSandbox } from '../runtime.ts'
import type { CriClient } from './client.ts'
import { ANNOTATION } from './container-config.ts'
import type { Container, ContainerStatus, PodSandbox } from './messages.ts'
import { userOf } from './running-as.ts'
import { GRACE, LABEL, type Owner, ownLabels } from './sandbox-config.ts'

const SANDBOX_READY = 0
const STATES = ['created', 'running', 'exited', 'unknown'] as const
const RUNNING = 1
const EXITED = 2
const NANOS = 1e6

/** Lists what the engine holds for this node. Details that cannot change any more are asked for once. */
export class Observer {
  readonly #client: CriClient
  readonly #owner: Owner
  readonly #message: (status: ContainerStatus) => Promise<string>
  readonly #addresses = new Map<string, readonly string[]>()
  readonly #containers = new Map<string, { readonly state: number; readonly observed: ObservedContainer }>()

  constructor(client: CriClient, owner: Owner, message: (status: ContainerStatus) => Promise<string>) {
    this.#client = client
    this.#owner = owner
    this.#message = message
  }

  async list({ uid, signal }: { readonly uid?: string; readonly signal?: AbortSignal }): Promise<Map<string, ObservedPod>> {
    const selector = { ...ownLabels(this.#owner), ...(uid !== undefined && { [LABEL.uid]: uid }) }
    const filter = { label_selector: selector }
    const [{ items = [] }, { containers = [] }] = await Promise.all([
      this.#client.listPodSandbox({ filter }, { signal }),
      this.#client.listContainers({ filter }, { signal }),
    ])
    const pods = new Map<
      string,
      { uid: string; name: string; namespace: string; sandboxes: ObservedSandbox[]; containers: ObservedContainer[]; graceSeconds?: number }
    >()
    const podOf = (labels: Readonly<Record<string, string>> = {}) => {
      const key = labels[LABEL.uid] ?? ''
      let pod = pods.get(key)
      if (!pod) {
        pod = { uid: key, name: labels[LABEL.pod] ?? '', namespace: labels[LABEL.namespace] ?? '', sandboxes: [], containers: [] }
        pods.set(key, pod)
      }
      return pod
    }
    const sandboxes = await Promise.all(items.map(item => this.#sandbox(item, signal)))
    for (const [i, item] of items.entries()) {
      const pod = podOf(item.labels)
      pod.sandboxes.push(sandboxes[i]!)
      const grace = Number(item.annotations?.[GRACE])
      if (Number.isFinite(grace)) pod.graceSeconds = grace
    }
    const observed = await Promise.all(containers.map(container => this.#container(container, signal)))
    for (const [i, container] of containers.entries()) if (observed[i]) podOf(container.labels).containers.push(observed[i])
    for (const pod of pods.values()) {
      pod.sandboxes.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
      pod.containers.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
    }
    if (uid === undefined) this.#forget(items, containers)
    return pods
  }

  async #sandbox(item: PodSandbox, signal: AbortSignal | undefined): Promise<ObservedSandbox> {
    const id = item.id ?? ''
    const ready = (item.state ?? SANDBOX_READY) === SANDBOX_READY
    let ips = this.#addresses.get(id)
    if (ready && !ips) {
      const { status } = await this.#client.podSandboxStatus({ pod_sandbox_id: id }, { signal })
      ips = [status?.network?.ip, ...(status?.network?.additional_ips ?? []).map(a => a.ip)].filter(ip => ip !== undefined && ip !== '') as string[]
      this.#addresses.set(id, ips)
    }
    return { id, attempt: item.metadata?.attempt ?? 0, ready, createdAt: Math.floor((item.created_at ?? 0) / NANOS), ips: ready ? (ips ?? []) : [] }
  }

  async #container(container: Container, signal: AbortSignal | undefined): Promise<ObservedContainer | undefined> {
    const id = container.id ?? ''
    const state = container.state ?? 0
    const known = this.#containers.get(id)
    if (known && known.state === state && (state === RUNNING || state === EXITED)) return known.observed
    let status: ContainerStatus | undefined
    let info: string | undefined
    try {
      const answer = await this.#client.containerStatus({ container_id: id, verbose: known?.observed.user === undefined }, { signal })
      status = answer.status
      info = answer.info?.['info']
    } catch (error) {
      // It went away in between.
      if ((error as { code?: number }).code === 5) return undefined
      throw error
    }
    if (!status) return undefined
    const now = status.state ?? 0
    const ended = now === EXITED
    const user = known?.observed.user ?? userOf(status, info)
    const observed: ObservedContainer = {
      id,
      sandbox: container.pod_sandbox_id ?? '',
      name: container.labels?.[LABEL.container] ?? container.metadata?.name ?? '',
      attempt: container.metadata?.attempt ?? 0,
      state: STATES[now] ?? 'unknown',
      image: status.annotations?.[ANNOTATION.image] ?? '',
      imageId: status.image_ref ?? container.image_ref ?? '',
      createdAt: milliseconds(status.created_at),
      startedAt: milliseconds(status.started_at),
      // The engine notes the start when its call returns: a container that ends at once seems to end before it began.
      finishedAt: ended ? Math.max(milliseconds(status.finished_at), milliseconds(status.started_at)) : milliseconds(status.finished_at),
      exitCode: status.exit_code ?? 0,
      reason: ended ? (status.reason ?? '') : '',
      message: ended ? status.message || (await this.#message(status)) : '',
      backoffSeconds: Number(status.annotations?.[ANNOTATION.backoff] ?? 0),
      ...(user && { user }),
    }
    this.#containers.set(id, { state: now, observed })
    return observed
  }

  #forget(items: readonly PodSandbox[], containers: readonly Container[]): void {
    const sandboxes = new Set(items.map(i => i.id))
    const present = new Set(containers.map(c => c.id))
    for (const id of this.#addresses.keys()) if (!sandboxes.has(id)) this.#addresses.delete(id)
    for (const id of this.#containers.keys()) if (!present.has(id)) this.#containers.delete(id)
  }
}

const milliseconds = (nanos: number | undefined): number => Math.max(0, Math.floor((nanos ?? 0) / NANOS))
