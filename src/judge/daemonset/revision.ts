import type { KubeObject, NewObject } from '../../api/meta/object.ts'
import { withoutUnsaid } from '../../api/schema/unsaid.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { PodTemplateSpec } from '../../api/types/core/pod.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { fnv1a32 } from '../../base/fnv.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { ownedBy } from './daemon-pod.ts'
import { HASH_LABEL } from './facts.ts'

type Data = Readonly<Record<string, unknown>>
const ofTemplate = new WeakMap<object, Data>()

/** What a revision remembers of a set: a patch that puts this template back. Keys are sorted, so that equal templates give equal bytes. */
export function revisionData({ spec: { template } }: DaemonSet): Data {
  let data = ofTemplate.get(template)
  if (!data) {
    data = deepFreeze(JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } })) as Data)
    ofTemplate.set(template, data)
  }
  return data
}

const texts = new WeakMap<object, string>()
/** The canonical text of a revision's data, kept for each frozen object. */
function textOf(data: object | undefined): string {
  if (!data) return ''
  let text = texts.get(data)
  if (text === undefined) {
    text = canonicalJson(data)
    texts.set(data, text)
  }
  return text
}

const meanings = new WeakMap<object, string>()
/** The canonical text of what the data means: without zeros that are spelled out and say nothing. */
function meaningOf(data: object | undefined): string {
  if (!data) return ''
  let text = meanings.get(data)
  if (text === undefined) {
    const { template } = (data as { spec?: { template?: object } }).spec ?? {}
    text = template ? canonicalJson({ ...data, spec: { template: withoutUnsaid(PodTemplateSpec, template) } }) : textOf(data)
    meanings.set(data, text)
  }
  return text
}

/** Two revisions are the same when their data means the same; their hashes do not matter. */
export const sameData = (revision: ControllerRevision, data: object): boolean => meaningOf(revision.data) === meaningOf(data)

const ALPHABET = '456789bcdf'

/** A name for a template: stable, and different when the collision count is. One to ten characters that make no words. */
export function revisionHash(data: object, collisionCount: number | undefined): string {
  const digits = String(fnv1a32(collisionCount === undefined ? textOf(data) : `${textOf(data)}\0${collisionCount}`))
  return digits.replace(/\d/g, digit => ALPHABET[Number(digit)]!)
}

/** The hash that a revision goes by. */
export const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[HASH_LABEL] ?? ''

/** By number, then age, then name. */
export const inOrder = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision || byAge(a, b) || (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)

const byAge = (a: KubeObject, b: KubeObject): number => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp)

/** A new revision of the set's template. All annotations that the set has now are captured (`kubernetes.io/change-cause` among them). */
export function newRevision(set: DaemonSet, data: Data, number: number): NewObject<ControllerRevision> {
  const hash = revisionHash(data, set.status.collisionCount)
  const { name, namespace, annotations } = set.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...set.spec.template.metadata?.labels, [HASH_LABEL]: hash },
      ...(annotations && { annotations }),
      ownerReferences: [ownedBy(set)],
    },
    data,
    revision: number,
  }
}
