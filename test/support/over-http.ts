import type { Api } from '../../src/api/access.ts'
import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import type { ControllerRevision } from '../../src/api/types/apps/controller-revision.ts'
import type { DaemonSet, DaemonSetSpec, DaemonSetStatus } from '../../src/api/types/apps/daemon-set.ts'
import type { Taint } from '../../src/api/types/core/affinity.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod, PodSpec } from '../../src/api/types/core/pod.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, eventually, startCluster } from './cluster.ts'

const now = () => `${new Date().toISOString().slice(0, 19)}Z`

export interface NodeText {
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly Taint[]
  readonly ready?: boolean
  readonly cordoned?: boolean
  readonly allocatable?: Readonly<Record<string, string>>
  readonly conditions?: NonNullable<Node['status']['conditions']>
}

/** A started server without nodes, and a client over HTTPS that plays the part of nodes: what upstream's integration tests have. */
export class OverHttp {
  readonly cluster: Cluster
  readonly api: Api
  readonly #http: HttpApi
  readonly #marking = new AbortController()
  /** Pods that the player marks Running and Ready once they are bound; all when not said otherwise. */
  marks: (pod: Pod) => boolean = () => true
  #marker: Promise<void>

  static async start(args: readonly string[] = ['--nodes', '0', '--simulated', '0']): Promise<OverHttp> {
    const cluster = await startCluster(args)
    return new OverHttp(cluster, new HttpApi(await readKubeconfig({ file: cluster.kubeconfig })))
  }

  private constructor(cluster: Cluster, http: HttpApi) {
    this.cluster = cluster
    this.#http = http
    this.api = http
    this.#marker = this.#mark()
  }

  async close(): Promise<void> {
    this.#marking.abort()
    await this.#marker
    this.#http.close()
    await this.cluster.stop()
  }

  async #mark(): Promise<void> {
    const { signal } = this.#marking
    while (!signal.aborted) {
      try {
        for await (const batch of this.api.watch<Pod>({ kind: Pods }, { initialEvents: true, signal })) {
          for (const event of batch) if (event.type !== 'BOOKMARK' && event.type !== 'DELETED') await this.#markOne(event.object)
        }
      } catch (error) {
        if (!signal.aborted && !isStatus(error)) throw error
      }
    }
  }

  async #markOne(pod: Pod): Promise<void> {
    const { name, namespace, deletionTimestamp } = pod.metadata
    if (!pod.spec.nodeName) return
    // Without an agent nobody ends a pod that is being deleted.
    if (deletionTimestamp) await this.api.delete({ kind: Pods, namespace, name }, { gracePeriodSeconds: 0 }).catch(() => {})
    else if (pod.status.phase === 'Pending' && this.marks(pod)) await this.setReady(pod).catch(() => {})
  }

  /** Looks once more at the pods that `marks` has held back. */
  async markAll(): Promise<void> {
    const { items } = await this.api.list({ kind: Pods })
    for (const pod of items) await this.#markOne(pod)
  }

  async setReady(pod: Pod, status: 'True' | 'False' = 'True'): Promise<void> {
    const { name, namespace } = pod.metadata
    const body = { status: { phase: 'Running', conditions: [{ type: 'Ready', status, lastTransitionTime: now() }] } }
    await this.api.patch({ kind: Pods, namespace, name, subresource: 'status' }, { type: 'strategic', body })
  }

  async setPhase(pod: Pod, phase: string): Promise<void> {
    const { name, namespace } = pod.metadata
    await this.api.patch({ kind: Pods, namespace, name, subresource: 'status' }, { type: 'merge', body: { status: { phase } } })
  }

  async addNode(name: string, text: NodeText = {}): Promise<void> {
    const { labels = {}, taints, ready = true, cordoned, allocatable = { cpu: '4', memory: '8Gi', pods: '100' }, conditions = [] } = text
    await this.api.create({ kind: Nodes }, { metadata: { name, labels }, spec: { ...(taints && { taints }), ...(cordoned && { unschedulable: true }) } })
    const said = [{ type: 'Ready', status: ready ? 'True' : 'False', lastHeartbeatTime: now(), lastTransitionTime: now() }, ...conditions]
    await this.api.patch(
      { kind: Nodes, name, subresource: 'status' },
      { type: 'merge', body: { status: { allocatable, capacity: allocatable, conditions: said } } },
    )
    if (!ready) return
    await eventually(
      () => this.api.get({ kind: Nodes, name }),
      node => !node.spec.taints?.some(taint => taint.key === 'node.kubernetes.io/not-ready'),
    )
  }

  async taint(name: string, taints: readonly Taint[]): Promise<void> {
    const node = await this.api.get({ kind: Nodes, name })
    await this.api.update({ kind: Nodes, name }, { ...node, spec: { ...node.spec, taints } })
  }

  /** A namespace and nodes of a test's own: its sets want the nodes that carry its name. */
  async place(name: string): Promise<Place> {
    await this.api.create({ kind: Namespaces }, { metadata: { name }, spec: {} })
    return new Place(this, name)
  }
}

export interface SetWords {
  readonly strategy?: DaemonSetSpec['updateStrategy']
  readonly pod?: Partial<PodSpec>
  readonly spec?: Partial<DaemonSetSpec>
  readonly finalizers?: readonly string[]
}

export class Place {
  readonly over: OverHttp
  readonly name: string
  #nodes: string[] = []

  constructor(over: OverHttp, name: string) {
    this.over = over
    this.name = name
  }

  async nodes(count: number, text: NodeText = {}): Promise<readonly string[]> {
    const names = Array.from({ length: count }, (_, i) => `${this.name}-${this.#nodes.length + i}`)
    for (const name of names) await this.node(name, text)
    return names
  }
  async node(name: string, text: NodeText = {}): Promise<void> {
    this.#nodes.push(name)
    await this.over.addNode(name, { ...text, labels: { place: this.name, ...text.labels } })
  }

  create(words: SetWords = {}): Promise<DaemonSet> {
    const { strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }, pod = {}, spec = {}, finalizers } = words
    return this.over.api.create(
      { kind: DaemonSets, namespace: this.name },
      {
        metadata: { name: 'foo' },
        spec: {
          selector: { matchLabels: { name: 'test' } },
          updateStrategy: strategy,
          revisionHistoryLimit: 2,
          template: {
            metadata: { labels: { name: 'test' }, ...(finalizers && { finalizers }) },
            spec: { containers: [{ name: 'foo', image: 'bar' }], terminationGracePeriodSeconds: 0, nodeSelector: { place: this.name }, ...pod },
          },
          ...spec,
        },
      },
    )
  }

  set(): Promise<DaemonSet> {
    return this.over.api.get({ kind: DaemonSets, namespace: this.name, name: 'foo' })
  }
  async patch(body: object, type: 'merge' | 'strategic' | 'json' = 'strategic'): Promise<DaemonSet> {
    return this.over.api.patch({ kind: DaemonSets, namespace: this.name, name: 'foo' }, { type, body })
  }
  image(image: string): Promise<DaemonSet> {
    return this.patch({ spec: { template: { spec: { containers: [{ name: 'foo', image }] } } } })
  }
  async pods(): Promise<readonly Pod[]> {
    return (await this.over.api.list({ kind: Pods, namespace: this.name })).items
  }
  async active(): Promise<readonly Pod[]> {
    return (await this.pods()).filter(pod => pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded' && !pod.metadata.deletionTimestamp)
  }
  async revisions(): Promise<readonly ControllerRevision[]> {
    const { items } = await this.over.api.list({ kind: ControllerRevisions, namespace: this.name })
    return [...items].sort((a, b) => a.revision - b.revision)
  }

  /** Waits until so many pods are active and the status tells so. */
  async settles(pods: number, status: Partial<DaemonSetStatus>): Promise<void> {
    await eventually(
      async () => ({ active: (await this.active()).length, status: (await this.set()).status }),
      ({ active, status: told }) =>
        active === pods && Object.entries(status).every(([field, value]) => ((told as Record<string, unknown>)[field] ?? 0) === value),
      20_000,
    )
  }

  /** Everything of the test goes. */
  async leave(): Promise<void> {
    const { api } = this.over
    await api.delete({ kind: DaemonSets, namespace: this.name, name: 'foo' }).catch(() => {})
    for (const pod of await this.pods()) {
      if (pod.metadata.finalizers)
        await api
          .patch({ kind: Pods, namespace: this.name, name: pod.metadata.name }, { type: 'merge', body: { metadata: { finalizers: null } } })
          .catch(() => {})
    }
    await api.delete({ kind: Namespaces, name: this.name })
    for (const name of this.#nodes) await api.delete({ kind: Nodes, name }).catch(() => {})
  }
}
