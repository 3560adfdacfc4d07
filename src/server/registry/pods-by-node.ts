import type { Pod } from '../../api/types/core/pod.ts'
import { targetNode } from '../../judge/daemonset/pod-facts.ts'

const NONE: readonly Pod[] = Object.freeze([])

/** Pods by the node that they are bound or pinned to. Those that name none are left out. */
export class PodsByNode {
  readonly #pods = new Map<string, readonly Pod[]>()

  get nodes(): Iterable<string> {
    return this.#pods.keys()
  }

  on(node: string): readonly Pod[] {
    return this.#pods.get(node) ?? NONE
  }

  clear(): void {
    this.#pods.clear()
  }

  /** Takes the place of a pod of the same name on its node; gives back the node. */
  put(pod: Pod): string | undefined {
    const node = targetNode(pod)
    if (node !== undefined) this.#pods.set(node, [...this.#others(node, pod), pod])
    return node
  }

  /** Gives back the node that it was on. */
  drop(pod: Pod): string | undefined {
    const node = targetNode(pod)
    if (node === undefined) return undefined
    const left = this.#others(node, pod)
    if (left.length > 0) this.#pods.set(node, left)
    else this.#pods.delete(node)
    return node
  }

  #others(node: string, { metadata: { namespace, name } }: Pod): readonly Pod[] {
    const pods = this.on(node)
    const other = ({ metadata }: Pod) => metadata.name !== name || metadata.namespace !== namespace
    return pods.length === 0 || pods.every(other) ? pods : pods.filter(other)
  }
}
