import { compileRequirements, type Matcher, matcherOf, nothing } from '../../api/meta/label-selector.ts'
import type { Labels } from '../../api/meta/labels.ts'
import type { PodAffinityTerm } from '../../api/types/core/affinity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { LabelSelector } from '../../api/types/meta.ts'

/** One term of pod affinity or anti-affinity, ready to be asked about other pods. */
export interface PodTerm {
  readonly topologyKey: string
  /** Namespaces that the term names; undefined when labels of the namespace decide. */
  readonly namespaces: ReadonlySet<string> | undefined
  matches(other: Pod, namespaceLabels: NamespaceLabels): boolean
}
export type NamespaceLabels = (namespace: string) => Labels | undefined

export interface PodTerms {
  readonly affinity: readonly PodTerm[]
  readonly antiAffinity: readonly PodTerm[]
}

const NO_TERMS: PodTerms = Object.freeze({ affinity: Object.freeze([]), antiAffinity: Object.freeze([]) })
const known = new WeakMap<Pod, PodTerms>()

/** The required pod affinity and anti-affinity terms of a pod. */
export function podTermsOf(pod: Pod): PodTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  if (!podAffinity && !podAntiAffinity) return NO_TERMS
  let terms = known.get(pod)
  if (!terms) {
    terms = {
      affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term => podTerm(term, pod)),
      antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term => podTerm(term, pod)),
    }
    known.set(pod, terms)
  }
  return terms
}

/** A term as `owner` means it: without namespaces it speaks of the owner's own; `matchLabelKeys` take the owner's values. */
export function podTerm(term: PodAffinityTerm, owner: Pod): PodTerm {
  const labels = withKeys(term.labelSelector, owner, term.matchLabelKeys, term.mismatchLabelKeys)
  const listed = new Set(term.namespaces?.length || term.namespaceSelector ? term.namespaces : [owner.metadata.namespace!])
  const selector = term.namespaceSelector ? matcherOf(term.namespaceSelector) : nothing
  return {
    topologyKey: term.topologyKey,
    namespaces: term.namespaceSelector ? undefined : listed,
    matches: (other, namespaceLabels) =>
      (listed.has(other.metadata.namespace!) || (selector !== nothing && selector(namespaceLabels(other.metadata.namespace!)))) &&
      labels(other.metadata.labels),
  }
}

/** A selector narrowed to pods that agree (and disagree) with `owner` in the values of some labels. */
export function withKeys(selector: LabelSelector | undefined, owner: Pod, same: readonly string[] = [], other: readonly string[] = []): Matcher {
  const base = matcherOf(selector)
  const { labels = {} } = owner.metadata
  const requirements = [
    ...same.filter(key => Object.hasOwn(labels, key)).map(key => ({ key, operator: 'In' as const, values: [labels[key]!] })),
    ...other.filter(key => Object.hasOwn(labels, key)).map(key => ({ key, operator: 'NotIn' as const, values: [labels[key]!] })),
  ]
  if (requirements.length === 0) return base
  const keys = compileRequirements(requirements)
  return given => base(given) && keys(given)
}
