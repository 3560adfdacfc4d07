import type { Kind } from '../../api/kinds/kind.ts'
import type { Draft, KubeObject } from '../../api/meta/object.ts'
import { badRequest, conflict } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import { withoutUnsaid } from '../../api/schema/unsaid.ts'
import type { ObjectMeta } from '../../api/types/meta.ts'
import { equal } from '../../base/equal.ts'

/** An object on its way through the pipeline; its parts may still be shared with a stored one, so only what a step made itself may be changed deeply. */
export type Working = Draft<KubeObject>
type Meta = Draft<ObjectMeta>

/** When a generation is counted up: with every change of what is wanted, from the first change on, or never after creation. */
type Counting = 'always' | 'from the first change' | 'at creation' | 'never'

/** Kinds that count otherwise than by whether they have a spec, as upstream. */
const COUNTING: Readonly<Record<string, Counting>> = {
  nodes: 'never',
  namespaces: 'never',
  services: 'never',
  persistentvolumes: 'never',
  persistentvolumeclaims: 'never',
  leases: 'never',
  certificatesigningrequests: 'never',
  volumeattachments: 'never',
  csinodes: 'never',
  horizontalpodautoscalers: 'never',
  csidrivers: 'from the first change',
  priorityclasses: 'at creation',
  endpointslices: 'always',
}

function countingOf(kind: Kind): Counting {
  if (kind.schema.structural !== undefined) return 'always'
  return COUNTING[kind.resource] ?? ('spec' in kind.schema.properties ? 'always' : 'never')
}

/** Whether a text names a state of an object; what is no number, or zero, names none. */
const isRevision = (text: string | undefined): boolean => text !== undefined && /^[0-9]+$/.test(text) && Number(text) !== 0

/** What the server decides about the metadata of a new object. A `resourceVersion` there is a BadRequest. */
export function beginMetadata(kind: Kind, draft: Working, now: number, uid: string): void {
  const meta = draft.metadata as Meta
  if (isRevision(meta.resourceVersion)) throw badRequest('resourceVersion should not be set on objects to be created')
  delete meta.resourceVersion
  meta.uid = uid
  meta.creationTimestamp = timeOf(now)
  if (meta.deletionTimestamp !== undefined) delete meta.deletionTimestamp
  if (meta.deletionGracePeriodSeconds !== undefined) delete meta.deletionGracePeriodSeconds
  if (meta.selfLink !== undefined) delete meta.selfLink
  const counting = countingOf(kind)
  if (counting === 'always' || counting === 'at creation') meta.generation = 1
  else if (meta.generation !== undefined) delete meta.generation
}

/**
 * What an update may not say about the metadata: it is taken from the stored object. Another uid is a Conflict; the revision
 * is compared by whoever writes.
 */
export function keepMetadata(kind: Kind, draft: Working, old: KubeObject): void {
  const meta = draft.metadata as Meta
  if (meta.uid && meta.uid !== old.metadata.uid) {
    throw conflict(kind, old.metadata.name, `Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${old.metadata.uid}`)
  }
  meta.uid = old.metadata.uid
  meta.creationTimestamp = old.metadata.creationTimestamp
  if (meta.selfLink !== undefined) delete meta.selfLink
  if (old.metadata.generation !== undefined) meta.generation = old.metadata.generation
  else if (meta.generation !== undefined) delete meta.generation
  // A deletion once begun is neither undone nor moved by an update; beginning one this way is refused by validation.
  if (old.metadata.deletionTimestamp !== undefined) {
    meta.deletionTimestamp = old.metadata.deletionTimestamp
    if (old.metadata.deletionGracePeriodSeconds !== undefined) meta.deletionGracePeriodSeconds = old.metadata.deletionGracePeriodSeconds
  }
}

/** Members of the metadata that count with what is wanted. */
const COUNTED_METADATA: Readonly<Record<string, 'annotations' | 'labels'>> = { deployments: 'annotations', endpointslices: 'labels' }

/** Counts the generation up when anything but metadata and status changed, or of few kinds a part of the metadata. */
export function countGeneration(kind: Kind, draft: Working, old: KubeObject): void {
  const counting = countingOf(kind)
  if (counting === 'never' || counting === 'at creation') return
  const counted = COUNTED_METADATA[kind.resource]
  const changed =
    (bodyDiffers(draft, old) && meaningDiffers(kind, draft, old)) ||
    (counted !== undefined && !equal(draft.metadata[counted] ?? {}, old.metadata[counted] ?? {}))
  if (changed) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
}

/** Whether there is a difference but in zeros that one of the two spells out. */
const meaningDiffers = ({ schema }: Kind, draft: Working, old: KubeObject): boolean =>
  schema.structural !== undefined || bodyDiffers(withoutUnsaid(schema, draft), withoutUnsaid(schema, old))

function bodyDiffers(a: object, b: object): boolean {
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!APART.has(key) && !equal(left[key], right[key])) return true
  for (const key in right) if (!APART.has(key) && left[key] === undefined && right[key] !== undefined) return true
  return false
}
const APART = new Set(['apiVersion', 'kind', 'metadata', 'status'])

/** Whether a write would change nothing: all the same but the revision and the times in managedFields. */
export function sameObject(draft: object, old: KubeObject): boolean {
  const left = draft as Record<string, unknown>
  const right = old as unknown as Record<string, unknown>
  for (const key in left) if (key !== 'metadata' && !equal(left[key], right[key])) return false
  for (const key in right) if (key !== 'metadata' && left[key] === undefined && right[key] !== undefined) return false
  return sameMetadata(left['metadata'] as Record<string, unknown>, old.metadata as unknown as Record<string, unknown>)
}

function sameMetadata(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  for (const key in left) {
    // Read in one place: V8 gives up code again and again in which one of two has hardly been seen.
    const mine = left[key]
    const theirs = right[key]
    if (key === 'resourceVersion') continue
    if (key === 'managedFields' ? !sameManagers(mine, theirs) : !equal(mine, theirs)) return false
  }
  for (const key in right) if (key !== 'resourceVersion' && left[key] === undefined && right[key] !== undefined) return false
  return true
}

function sameManagers(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  return a.every((entry, i) => equal({ ...entry, time: undefined }, { ...b[i], time: undefined }))
}
