import { objectKey } from '../../api/meta/key.ts'
import type { Labels } from '../../api/meta/labels.ts'
import { isFinished } from '../../api/meta/pod.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import { NodeInfo } from './node-info.ts'
import { podTermsOf } from './pod-terms.ts'

/** A pod and the name of the node it is on. */
export interface Placed {
  readonly pod: Pod
  readonly node: string
}

/**
 * All that placement depends on, kept current change by change: what each node holds, pods by namespace, pods whose anti-affinity
 * others must respect, and pods that wait for room made for them. Pods about to be bound are in it as if they were (`assume`).
 */
export class Cluster {
  readonly #infos = new Map<string, NodeInfo>()
  /** Nodes that exist, in a stable order for the search to go round. */
  readonly #nodes: NodeInfo[] = []
  readonly #positions = new Map<string, number>()
  readonly #placed = new Map<string, { pod: Pod; readonly node: string }>()
  readonly #byNamespace = new Map<string, Map<string, Placed>>()
  readonly #antiAffine = new Map<string, Placed>()
  readonly #assumed = new Set<string>()
  readonly #nominated = new Map<string, Map<string, Pod>>()
  readonly #nominations = new Map<string, string>()
  readonly #namespaces = new Map<string, Labels | undefined>()
  #generation = 0

  readonly namespaceLabels = (namespace: string): Labels | undefined => this.#namespaces.get(namespace)

  /** Another number whenever anything has changed that a placement could depend on. */
  get generation(): number {
    return this.#generation
  }

  /** Nodes that exist. */
  get nodes(): readonly NodeInfo[] {
    return this.#nodes
  }
  info(node: string): NodeInfo | undefined {
    const info = this.#infos.get(node)
    return info?.node ? info : undefined
  }
  placement(key: string): Placed | undefined {
    return this.#placed.get(key)
  }
  isAssumed(key: string): boolean {
    return this.#assumed.has(key)
  }
  /** Pods on nodes, of the given namespaces or of all. */
  *placed(namespaces?: Iterable<string>): Iterable<Placed> {
    if (!namespaces) yield* this.#placed.values()
    else for (const namespace of namespaces) yield* this.#byNamespace.get(namespace)?.values() ?? []
  }
  /** Pods on nodes that have required anti-affinity. */
  antiAffine(): Iterable<Placed> {
    return this.#antiAffine.values()
  }
  /** Pods that preempted for room on a node and are not bound yet. */
  nominated(node: string): Iterable<Pod> {
    return this.#nominated.get(node)?.values() ?? []
  }

  /** The node that room was made on for a pod. */
  nomination(key: string): string | undefined {
    return this.#nominations.get(key)
  }

  setNamespace(name: string, labels: Labels | undefined): void {
    this.#generation++
    this.#namespaces.set(name, labels)
  }
  removeNamespace(name: string): void {
    this.#generation++
    this.#namespaces.delete(name)
  }

  /** Takes in a node; false when nothing differs that a placement looks at. */
  setNode(node: Node): boolean {
    const { name } = node.metadata
    const info = this.#infoFor(name)
    const differs = !info.node || offersDiffer(info.node, node)
    if (differs) this.#generation++
    if (!info.node) {
      this.#positions.set(name, this.#nodes.length)
      this.#nodes.push(info)
    }
    info.node = node
    return differs
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name)
    if (!info?.node) return
    this.#generation++
    const position = this.#positions.get(name)!
    const last = this.#nodes.pop()!
    if (last !== info) {
      this.#nodes[position] = last
      this.#positions.set(last.node!.metadata.name, position)
    }
    this.#positions.delete(name)
    info.node = undefined
    if (info.pods.size === 0) this.#infos.delete(name)
  }

  /** Takes in a pod as the server has it. One that is assumed stays so until the server shows it bound, finished or gone. */
  setPod(pod: Pod): void {
    const key = objectKey(pod)
    const before = this.#placed.get(key)
    if (isFinished(pod)) {
      this.removePod(key)
      return
    }
    if (!pod.spec.nodeName) {
      if (before && (!this.#assumed.has(key) || before.pod.metadata.uid !== pod.metadata.uid)) this.removePod(key)
      return
    }
    if (this.#assumed.delete(key) && before?.node === pod.spec.nodeName && before.pod.metadata.uid === pod.metadata.uid) this.denominate(key)
    this.#place(key, pod, pod.spec.nodeName)
  }

  removePod(key: string): void {
    this.denominate(key)
    this.#assumed.delete(key)
    this.#displace(key)
  }

  /** Counts a pod on a node before the server says so. */
  assume(pod: Pod, node: string): void {
    const key = objectKey(pod)
    this.denominate(key)
    this.#assumed.add(key)
    this.#place(key, pod, node)
  }
  /** Takes an assumption back; does nothing when the server has confirmed it. */
  forget(key: string): void {
    if (this.#assumed.delete(key)) this.#displace(key)
  }

  nominate(pod: Pod, node: string): void {
    const key = objectKey(pod)
    this.denominate(key)
    this.#generation++
    this.#nominations.set(key, node)
    const there = this.#nominated.get(node)
    if (there) there.set(key, pod)
    else this.#nominated.set(node, new Map([[key, pod]]))
  }
  denominate(key: string): void {
    const node = this.#nominations.get(key)
    if (node === undefined) return
    this.#generation++
    this.#nominations.delete(key)
    const there = this.#nominated.get(node)!
    there.delete(key)
    if (there.size === 0) this.#nominated.delete(node)
  }

  #infoFor(name: string): NodeInfo {
    let info = this.#infos.get(name)
    if (!info) {
      info = new NodeInfo()
      this.#infos.set(name, info)
    }
    return info
  }

  #place(key: string, pod: Pod, node: string): void {
    const before = this.#placed.get(key)
    this.#generation++
    if (before?.node === node && takesTheSame(before.pod, pod)) {
      before.pod = pod
      this.#infos.get(node)!.renew(key, pod)
      return
    }
    this.#displace(key)
    const placed = { pod, node }
    this.#placed.set(key, placed)
    const namespace = pod.metadata.namespace!
    const members = this.#byNamespace.get(namespace)
    if (members) members.set(key, placed)
    else this.#byNamespace.set(namespace, new Map([[key, placed]]))
    if (podTermsOf(pod).antiAffinity.length > 0) this.#antiAffine.set(key, placed)
    this.#infoFor(node).add(pod)
  }

  #displace(key: string): void {
    const before = this.#placed.get(key)
    if (!before) return
    this.#generation++
    this.#placed.delete(key)
    this.#antiAffine.delete(key)
    const namespace = before.pod.metadata.namespace!
    const members = this.#byNamespace.get(namespace)!
    members.delete(key)
    if (members.size === 0) this.#byNamespace.delete(namespace)
    const info = this.#infos.get(before.node)!
    info.remove(key)
    if (!info.node && info.pods.size === 0) this.#infos.delete(before.node)
  }
}

/** Whether two states of one pod are the same to whom counts what stands where; most changes are of its status. Parts that stayed the same are the same objects. */
const takesTheSame = ({ spec: a }: Pod, { spec: b }: Pod): boolean =>
  a === b ||
  (a.containers === b.containers &&
    a.initContainers === b.initContainers &&
    a.affinity === b.affinity &&
    a.resources === b.resources &&
    a.overhead === b.overhead)

/** Whether a node differs in anything that placement looks at; heartbeats do not count. */
const offersDiffer = (a: Node, b: Node): boolean =>
  !equal(a.metadata.labels, b.metadata.labels) ||
  !equal(a.spec.taints, b.spec.taints) ||
  (a.spec.unschedulable ?? false) !== (b.spec.unschedulable ?? false) ||
  !equal(a.status.allocatable, b.status.allocatable)
