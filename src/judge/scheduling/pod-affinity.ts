import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Cluster, Placed } from './cluster.ts'
import type { Refusal } from './node-filters.ts'
import { type PodTerm, podTermsOf } from './pod-terms.ts'

const refusal = (reason: string, preemptible: boolean): Refusal => Object.freeze({ rule: 'InterPodAffinity', reasons: [reason], preemptible })
const AFFINITY = refusal("node(s) didn't match pod affinity rules", false)
const ANTI_AFFINITY = refusal("node(s) didn't match pod anti-affinity rules", true)
const OTHERS_ANTI_AFFINITY = refusal("node(s) didn't satisfy existing pods anti-affinity rules", true)

/** How many pods stand behind each topology key and value. */
class Tally {
  readonly #counts = new Map<string, Map<string, number>>()
  add(key: string, node: Node | undefined, by: number): void {
    const value = node?.metadata.labels?.[key]
    if (value === undefined) return
    const values = this.#counts.get(key) ?? new Map<string, number>()
    this.#counts.set(key, values)
    const count = (values.get(value) ?? 0) + by
    if (count) values.set(value, count)
    else values.delete(value)
  }
  get(key: string, value: string | undefined): number {
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0)
  }
  get empty(): boolean {
    for (const values of this.#counts.values()) if (values.size > 0) return false
    return true
  }
}

/** What pod affinity and anti-affinity, its own and that of others, say about placing one pod. */
export class PodAffinityRules {
  readonly #pod: Pod
  readonly #cluster: Cluster
  readonly #affinity: readonly PodTerm[]
  readonly #antiAffinity: readonly PodTerm[]
  readonly #near = new Tally()
  readonly #apart = new Tally()
  readonly #keptAway = new Tally()

  /** Undefined when there is nothing to obey. */
  static of(pod: Pod, cluster: Cluster): PodAffinityRules | undefined {
    const { affinity, antiAffinity } = podTermsOf(pod)
    if (affinity.length + antiAffinity.length === 0 && cluster.antiAffine()[Symbol.iterator]().next().done) return undefined
    return new PodAffinityRules(pod, cluster)
  }

  constructor(pod: Pod, cluster: Cluster) {
    this.#pod = pod
    this.#cluster = cluster
    const { affinity, antiAffinity } = podTermsOf(pod)
    this.#affinity = affinity
    this.#antiAffinity = antiAffinity
    const terms = [...affinity, ...antiAffinity]
    if (terms.length > 0) {
      const anywhere = terms.some(term => !term.namespaces)
      const namespaces = anywhere ? undefined : new Set(terms.flatMap(term => [...term.namespaces!]))
      for (const placed of cluster.placed(namespaces)) this.#shiftOwn(placed, 1)
    }
    for (const placed of cluster.antiAffine()) this.#shiftOthers(placed, 1)
  }

  /** Counts a pod that comes (1) or leaves (-1), to ask what if. */
  shift(placed: Placed, by: 1 | -1): void {
    this.#shiftOwn(placed, by)
    this.#shiftOthers(placed, by)
  }

  refusalOn(node: Node): Refusal | undefined {
    const labels = node.metadata.labels ?? {}
    if (this.#affinity.length > 0) {
      if (this.#affinity.some(term => labels[term.topologyKey] === undefined)) return AFFINITY
      const there = this.#affinity.every(term => this.#near.get(term.topologyKey, labels[term.topologyKey]) > 0)
      // The first of a group that wants to be near itself may go anywhere.
      if (!there && !(this.#near.empty && this.#matchesAll(this.#pod))) return AFFINITY
    }
    if (this.#antiAffinity.some(term => this.#apart.get(term.topologyKey, labels[term.topologyKey]) > 0)) return ANTI_AFFINITY
    for (const key in labels) if (this.#keptAway.get(key, labels[key]) > 0) return OTHERS_ANTI_AFFINITY
    return undefined
  }

  #matchesAll(other: Pod): boolean {
    return this.#affinity.every(term => term.matches(other, this.#cluster.namespaceLabels))
  }

  #shiftOwn({ pod, node }: Placed, by: number): void {
    const on = this.#cluster.info(node)?.node
    if (this.#affinity.length > 0 && this.#matchesAll(pod)) for (const term of this.#affinity) this.#near.add(term.topologyKey, on, by)
    for (const term of this.#antiAffinity) if (term.matches(pod, this.#cluster.namespaceLabels)) this.#apart.add(term.topologyKey, on, by)
  }

  #shiftOthers({ pod, node }: Placed, by: number): void {
    for (const term of podTermsOf(pod).antiAffinity) {
      if (term.matches(this.#pod, this.#cluster.namespaceLabels)) this.#keptAway.add(term.topologyKey, this.#cluster.info(node)?.node, by)
    }
  }
}
