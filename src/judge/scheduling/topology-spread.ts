import type { Matcher } from '../../api/meta/label-selector.ts'
import { matchesNodeSelectorAndAffinity } from '../../api/meta/node-affinity.ts'
import type { TopologySpreadConstraint } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Cluster, Placed } from './cluster.ts'
import { type Refusal, untoleratedTaint } from './node-filters.ts'
import { withKeys } from './pod-terms.ts'

const refusal = (reason: string, preemptible: boolean): Refusal => Object.freeze({ rule: 'PodTopologySpread', reasons: [reason], preemptible })
const UNEVEN = refusal("node(s) didn't match pod topology spread constraints", true)
const NO_LABEL = refusal("node(s) didn't match pod topology spread constraints (missing required label)", false)

interface Constraint {
  readonly of: TopologySpreadConstraint
  readonly matches: Matcher
  /** Matching pods by domain; every domain that counts is there, also with none. */
  readonly domains: Map<string, number>
  /** The count of the emptiest domain, while it is known. */
  least: number | undefined
}

/** What the topology spread constraints of a pod (those that must hold) say about placing it. */
export class TopologySpreadRules {
  readonly #pod: Pod
  readonly #cluster: Cluster
  readonly #constraints: readonly Constraint[]

  /** Undefined when there is nothing to obey. */
  static of(pod: Pod, cluster: Cluster): TopologySpreadRules | undefined {
    const hard = pod.spec.topologySpreadConstraints?.filter(constraint => constraint.whenUnsatisfiable === 'DoNotSchedule')
    return hard?.length ? new TopologySpreadRules(pod, cluster, hard) : undefined
  }

  constructor(pod: Pod, cluster: Cluster, constraints: readonly TopologySpreadConstraint[]) {
    this.#pod = pod
    this.#cluster = cluster
    this.#constraints = constraints.map(of => ({ of, matches: withKeys(of.labelSelector, pod, of.matchLabelKeys), domains: new Map(), least: undefined }))
    for (const { node } of cluster.nodes) {
      for (const constraint of this.#constraints) if (this.#counts(constraint, node!)) constraint.domains.set(domainOf(constraint, node!)!, 0)
    }
    for (const placed of cluster.placed([pod.metadata.namespace!])) this.shift(placed, 1)
  }

  /** Counts a pod that comes (1) or leaves (-1), to ask what if. */
  shift({ pod, node }: Placed, by: 1 | -1): void {
    if (pod.metadata.namespace !== this.#pod.metadata.namespace || pod.metadata.deletionTimestamp) return
    const on = this.#cluster.info(node)?.node
    if (!on) return
    for (const constraint of this.#constraints) {
      if (!constraint.matches(pod.metadata.labels) || !this.#counts(constraint, on)) continue
      const domain = domainOf(constraint, on)!
      constraint.domains.set(domain, (constraint.domains.get(domain) ?? 0) + by)
      constraint.least = undefined
    }
  }

  refusalOn(node: Node): Refusal | undefined {
    for (const constraint of this.#constraints) {
      const domain = domainOf(constraint, node)
      if (domain === undefined) return NO_LABEL
      const { domains, of } = constraint
      constraint.least ??= leastOf(domains, of.minDomains ?? 1)
      const itself = constraint.matches(this.#pod.metadata.labels) ? 1 : 0
      if ((domains.get(domain) ?? 0) + itself - constraint.least > of.maxSkew) return UNEVEN
    }
    return undefined
  }

  /** Whether a node's domain is one of those that are compared. */
  #counts({ of }: Constraint, node: Node): boolean {
    if (this.#constraints.some(constraint => domainOf(constraint, node) === undefined)) return false
    if (of.nodeAffinityPolicy !== 'Ignore' && !matchesNodeSelectorAndAffinity(this.#pod.spec, node)) return false
    return of.nodeTaintsPolicy !== 'Honor' || !untoleratedTaint(node.spec.taints, this.#pod.spec.tolerations)
  }
}

/** With fewer domains than there should be, a domain still to come counts as empty. */
function leastOf(domains: ReadonlyMap<string, number>, minDomains: number): number {
  if (domains.size < minDomains || domains.size === 0) return 0
  let least = Number.POSITIVE_INFINITY
  for (const count of domains.values()) least = Math.min(least, count)
  return least
}

const domainOf = ({ of }: Constraint, node: Node): string | undefined => node.metadata.labels?.[of.topologyKey]
