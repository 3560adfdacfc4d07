import { objectKey } from '../../api/meta/key.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type HostPort, hostPortsOf, portsClash } from './host-ports.ts'
import { type Amounts, allocatableOf, requestsOf } from './resources.ts'

/** A pod's finished phases: it holds no resources and no ports any more. */

/** What the scheduler knows of one node: the node, the pods bound or about to be bound to it, and what they take together. */
export class NodeInfo {
  readonly #pods = new Map<string, Pod>()
  readonly #requested = new Map<string, number>()
  /** Pods with host ports: most have none, so that most nodes have few. */
  readonly #withPorts = new Map<string, readonly HostPort[]>()
  #node: Node | undefined
  #allocatable: Amounts = new Map()

  constructor(node?: Node) {
    this.node = node
  }

  /** Absent while pods are known of a node that is not. */
  get node(): Node | undefined {
    return this.#node
  }
  set node(node: Node | undefined) {
    if (node && (node.status.allocatable !== this.#node?.status.allocatable || !node.status.allocatable)) this.#allocatable = allocatableOf(node)
    this.#node = node
  }
  get allocatable(): Amounts {
    return this.#allocatable
  }
  get pods(): ReadonlyMap<string, Pod> {
    return this.#pods
  }
  requested(resource: string): number {
    return this.#requested.get(resource) ?? 0
  }
  /** What is left of a resource; negative when the node is overcommitted. */
  free(resource: string): number {
    return (this.#allocatable.get(resource) ?? 0) - this.requested(resource)
  }
  portTaken(port: HostPort): boolean {
    for (const ports of this.#withPorts.values()) for (const taken of ports) if (portsClash(port, taken)) return true
    return false
  }

  add(pod: Pod): void {
    const key = objectKey(pod)
    this.remove(key)
    this.#pods.set(key, pod)
    for (const [name, amount] of requestsOf(pod)) this.#requested.set(name, (this.#requested.get(name) ?? 0) + amount)
    const ports = hostPortsOf(pod)
    if (ports.length > 0) this.#withPorts.set(key, ports)
  }

  /** Takes the newer state of a pod that is here and takes no more and no less than it did. */
  renew(key: string, pod: Pod): void {
    this.#pods.set(key, pod)
  }

  remove(key: string): void {
    const pod = this.#pods.get(key)
    if (!pod) return
    this.#pods.delete(key)
    this.#withPorts.delete(key)
    for (const [name, amount] of requestsOf(pod)) {
      const left = (this.#requested.get(name) ?? 0) - amount
      if (left) this.#requested.set(name, left)
      else this.#requested.delete(name)
    }
  }

  /** A copy that may be changed to ask "what if". */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.#node)
    for (const pod of this.#pods.values()) copy.add(pod)
    return copy
  }
}
