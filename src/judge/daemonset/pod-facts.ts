import { isFinished, isPodReady, readySince } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { HASH_LABEL, type SetFacts, TEMPLATE_GENERATION_LABEL } from './facts.ts'

/** The node that a daemon pod is bound to or pinned to; undefined when it names none, or not exactly one. */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName
  for (const term of pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of term.matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In') return values?.length === 1 ? values[0] : undefined
    }
  }
  return undefined
}

export const isScheduled = (pod: Pod): boolean => !!pod.spec.nodeName
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined
/** Ended and being deleted: to the set it is not there any more, whatever finalizers hold its object. */
export const isGone = (pod: Pod): boolean => isTerminating(pod) && isFinished(pod)

type Labels = Pod['metadata']['labels']
const nameHash = (labels: Labels, { hash }: SetFacts): boolean => hash !== '' && labels?.[HASH_LABEL] === hash

export const hasCurrentHash = (pod: Pod, facts: SetFacts): boolean => nameHash(pod.metadata.labels, facts)

/** Whether a pod is of the current template: by the revision's hash or by the template's generation. */
export const isUpdated = (pod: Pod, facts: SetFacts): boolean => isOfRevision(pod.metadata.labels, facts)

/** The same of a pod with these labels. */
export const isOfRevision = (labels: Labels, facts: SetFacts): boolean =>
  nameHash(labels, facts) || (facts.templateGeneration !== undefined && labels?.[TEMPLATE_GENERATION_LABEL] === facts.templateGeneration)

/** From when on a pod counts as available (ready for `minReadyMs`); undefined when it is not ready, or its condition does not say since when. */
export function availableFrom(pod: Pod, minReadyMs: number): number | undefined {
  if (minReadyMs === 0) return isPodReady(pod) ? 0 : undefined
  const since = readySince(pod)
  return since ? since + minReadyMs : undefined
}

/** The order in which one of several pods of a node counts: scheduled first, then the oldest, then by name. */
export function firstInLine(a: Pod, b: Pod): number {
  if (isScheduled(a) !== isScheduled(b)) return isScheduled(a) ? -1 : 1
  const older = Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp)
  if (older) return older
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0
}
