import type { NewObject } from '../../api/meta/object.ts'
import { controllerReference } from '../../api/meta/owner.ts'
import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import type { PodTemplateSpec } from '../../api/types/core/pod.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { equal } from '../../base/equal.ts'
import { fnv1a32 } from '../../base/fnv.ts'
import { replicasOf, rollingBudget } from './amounts.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAX = 'deployment.kubernetes.io/max-replicas'
const HASH_LABEL = 'pod-template-hash'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** Annotations of a Deployment that its ReplicaSets do not take over. */
const NOT_COPIED: ReadonlySet<string> = new Set([LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED, MAX, 'deprecated.deployment.rollback.to'])

const ALPHABET = '456789bcdf'
/** Stable for equal templates; a collision count makes another one. */
export const templateHash = (template: PodTemplateSpec, collisionCount = 0): string =>
  String(fnv1a32(canonicalJson(template) + (collisionCount ? `\0${collisionCount}` : ''))).replace(/\d/g, digit => ALPHABET[Number(digit)]!)

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}
const sameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean => equal(withoutHash(a), withoutHash(b))

export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)

/** The set that has the Deployment's template (the oldest, if several), and all others by age. */
export function newAndOld(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { readonly newest: ReplicaSet | undefined; readonly old: readonly ReplicaSet[] } {
  const sorted = [...sets].sort(byAge)
  const newest = sorted.find(set => sameTemplate(set.spec.template, deployment.spec.template))
  return { newest, old: sorted.filter(set => set !== newest) }
}

export const revisionOf = ({ metadata }: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } }): number => {
  const revision = Number(metadata.annotations?.[REVISION] ?? 0)
  return Number.isSafeInteger(revision) ? revision : 0
}
export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1

/** The numbers that a set goes by after a scaling. */
export const scaleAnnotations = (deployment: Deployment): Readonly<Record<string, string>> => ({
  [DESIRED]: String(replicasOf(deployment)),
  [MAX]: String(replicasOf(deployment) + rollingBudget(deployment).maxSurge),
})

/** The annotations of the newest set: the Deployment's, its number, and the numbers it had before. */
export function newestAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: number): Readonly<Record<string, string>> {
  const before = set?.metadata.annotations ?? {}
  const copied = Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)))
  const had = set ? revisionOf(set) : 0
  if (had >= revision) return { ...before, ...copied }
  const history = [...(before[REVISION_HISTORY] ?? '').split(',').filter(Boolean), ...(had ? [String(had)] : [])].slice(-200)
  return { ...before, ...copied, [REVISION]: String(revision), ...(history.length && { [REVISION_HISTORY]: history.join() }) }
}

/** A set for the Deployment's template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: number): NewObject<ReplicaSet> {
  const { metadata, spec, status } = deployment
  const hash = templateHash(spec.template, status.collisionCount)
  const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash }
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace && { namespace: metadata.namespace }),
      labels,
      annotations: { ...newestAnnotations(deployment, undefined, revision), ...scaleAnnotations(deployment) },
      ownerReferences: [controllerReference({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}
