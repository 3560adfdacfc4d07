import type { KubeObject } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { TEMPLATE_GENERATION_LABEL } from './facts.ts'

/** What an object is to a set that looks for its own. Every object has exactly one. */
export type Claim =
  | 'kept'
  /** Another controller's. */
  | 'foreign'
  /** Ours no longer: it does not match the selector. To be let go. */
  | 'release'
  /** Nobody's, and it matches. To be taken. */
  | 'adopt'
  | 'ignored'

export interface Claimant {
  readonly uid: string
  /** Undefined for a claimant without namespace, whose objects may be anywhere. */
  readonly namespace: string | undefined
  readonly terminating: boolean
  readonly matches: (labels: Readonly<Record<string, string>> | undefined) => boolean
}

/** An empty selector selects everything and is never acted on. */
export function selectsAll({ spec: { selector } }: DaemonSet): boolean {
  return !!selector && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** The table of DAEMONSET.md 2.4. */
export function claimOn(claimant: Claimant, object: KubeObject): Claim {
  const { metadata } = object
  const controller = controllerOf(object)
  const matches = claimant.matches(metadata.labels)
  if (controller) {
    if (controller.uid !== claimant.uid) return 'foreign'
    if (matches) return 'kept'
    return claimant.terminating ? 'ignored' : 'release'
  }
  if (claimant.terminating || !matches || metadata.deletionTimestamp !== undefined) return 'ignored'
  if (claimant.namespace !== undefined && metadata.namespace !== claimant.namespace) return 'ignored'
  return 'adopt'
}

export interface Claims<T> {
  readonly kept: readonly T[]
  readonly adopt: readonly T[]
  readonly release: readonly T[]
}

export function planClaims<T extends KubeObject>(claimant: Claimant, objects: Iterable<T>): Claims<T> {
  const claims = { kept: [] as T[], adopt: [] as T[], release: [] as T[] }
  for (const object of objects) {
    const claim = claimOn(claimant, object)
    if (claim !== 'foreign' && claim !== 'ignored') claims[claim].push(object)
  }
  return claims
}

/** Strategic merge patch that lets an object go; it names the object's uid so that a namesake is not touched. */
export const releasePatch = (object: KubeObject, ownerUid: string): object => ({
  metadata: { uid: object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: ownerUid }] },
})

/**
 * Strategic merge patch that takes an object. It loses the template generation that its former owner gave it, which says nothing about
 * the new owner's template.
 */
export const adoptPatch = (object: KubeObject, owner: object): object => ({
  metadata: {
    uid: object.metadata.uid,
    ownerReferences: [owner],
    ...(object.metadata.labels?.[TEMPLATE_GENERATION_LABEL] !== undefined && { labels: { [TEMPLATE_GENERATION_LABEL]: null } }),
  },
})

/** Why nothing may be adopted, judged on the claimant as it is now; undefined when it may. */
export function adoptionProblem(kind: string, cached: KubeObject, live: KubeObject | undefined): string | undefined {
  const name = `${cached.metadata.namespace ?? ''}/${cached.metadata.name}`
  if (live?.metadata.uid !== cached.metadata.uid)
    return `original ${kind} ${name} is gone: got uid ${live?.metadata.uid ?? '<none>'}, wanted ${cached.metadata.uid}`
  if (live.metadata.deletionTimestamp !== undefined) return `${name} has just been deleted at ${live.metadata.deletionTimestamp}`
  return undefined
}
