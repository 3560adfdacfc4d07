import { equal } from '../../../base/equal.ts'
import { deepFreeze } from '../../../base/freeze.ts'
import type { Message } from '../../schema/build.ts'
import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { type Changes, compare } from './compare.ts'
import { covers, difference, type FieldSet, intersection, isEmpty, union, without } from './fields.ts'
import { capUpdaters, identityOf, type Managers, readManagers, withFields, writeManagers } from './managers.ts'
import { placeOfMessage } from './place.ts'
import { sharedSet } from './shared-sets.ts'
import { emptyObject } from './skeleton.ts'

/** Which members of an object a write cannot set. */
export type Ignored = (member: string) => boolean

/** The versions (`apps/v1`) that an object is served at. */
export interface Versions {
  /** What objects of a version are made of; undefined for one that is not served, of which nothing can be said. */
  readonly message: (apiVersion: string) => Message | undefined
  /** The object of one version as another one shows it, both of them served. */
  readonly convert: (object: Fields, from: string, to: string) => Fields
}
type Fields = Readonly<Record<string, unknown>>

/** What a write is, for the record of who owns what. */
export interface Writer {
  readonly manager: string
  /** The version the client wrote at: `apps/v1`. */
  readonly apiVersion: string
  readonly subresource?: string | undefined
  /** Members of the object that this write cannot set (`status` through the main resource). */
  readonly ignore?: Ignored | undefined
  /** RFC 3339 with seconds. */
  readonly now: string
}

export interface Tracked extends Writer {
  readonly versions: Versions
  /** The version of the two objects. */
  readonly stored: string
  /** The stored object; undefined on create. */
  readonly old: Fields | undefined
  /** What is to be stored: decoded, filled and defaulted. It may carry the `managedFields` that the client sent. */
  readonly object: Fields
}

/**
 * The `managedFields` that an object gets by any write but apply: what was added or changed belongs to the writer and is
 * taken from everybody else, what was removed belongs to nobody. Frozen; the very list of `old` when nothing changed.
 */
export function trackUpdate(write: Tracked): readonly ManagedFieldsEntry[] | undefined {
  const { versions, old, object } = write
  const before = entriesOf(old)
  const sent = write.subresource ? undefined : entriesOf(object)
  if (isReset(sent)) return undefined
  const managers = managersFor(before, sent)
  // An object that lives without a record goes on without one until something is applied to it.
  if (old && managers.size === 0) return undefined
  const changesAt = changesByVersion({ versions, from: write.stored, old, object, ignore: write.ignore })
  const changes = changesAt(write.apiVersion)
  if (changes === undefined) throw new Error(`${write.apiVersion} is not served`)
  const taken = tracked(changes.taken)
  if (isEmpty(changes.taken) && isEmpty(changes.removed)) return sameOr(before, managers)
  takeFromOthers(managers, changesAt, undefined)
  if (!isEmpty(taken)) {
    const self = { manager: write.manager, operation: 'Update' as const, apiVersion: write.apiVersion, subresource: write.subresource ?? '' }
    const identity = identityOf(self)
    const owned = managers.get(identity)?.fields
    managers.set(identity, {
      ...self,
      time: write.now,
      fields: owned && covers(owned, taken) ? owned : sharedSet(versions.message(write.apiVersion)!, write.subresource, union(owned ?? {}, taken)),
    })
  }
  capUpdaters(managers)
  return sameOr(before, managers)
}

const entriesOf = (object: Fields | undefined): readonly ManagedFieldsEntry[] | undefined =>
  (object?.['metadata'] as { managedFields?: readonly ManagedFieldsEntry[] } | undefined)?.managedFields

/** A single empty entry asks for the record to be dropped. */
const isReset = (sent: readonly ManagedFieldsEntry[] | undefined): boolean => sent?.length === 1 && Object.keys(sent[0]!).length === 0

/** The record a client sent counts if it is one; clients that know nothing of it send none, and cannot delete it so. */
function managersFor(before: readonly ManagedFieldsEntry[] | undefined, sent: readonly ManagedFieldsEntry[] | undefined): Managers {
  if (sent && sent.length > 0 && sent !== before && !equal(sent, before)) {
    const managers = readManagers(sent, false)
    if (managers && managers.size > 0) return managers
  }
  return readManagers(before, true) ?? new Map()
}

function sameOr(before: readonly ManagedFieldsEntry[] | undefined, managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  const entries = writeManagers(managers)
  if (entries.length === 0) return undefined
  return before && equal(before, entries) ? before : deepFreeze(entries)
}

const TYPE = ['f:apiVersion', 'f:kind']
const METADATA = [
  '.',
  'f:name',
  'f:namespace',
  'f:creationTimestamp',
  'f:selfLink',
  'f:uid',
  'f:clusterName',
  'f:generation',
  'f:managedFields',
  'f:resourceVersion',
]

/** The changes that a write can make at all. */
export const settable = ({ taken, removed }: Changes, ignore: Ignored | undefined): Changes =>
  ignore ? { taken: settableSet(taken, ignore), removed: settableSet(removed, ignore) } : { taken, removed }

export const settableSet = (set: FieldSet, ignore: Ignored | undefined): FieldSet =>
  ignore
    ? without(
        set,
        Object.keys(set).filter(element => element.startsWith('f:') && ignore(element.slice(2))),
      )
    : set

/** What changed, as each version shows it; undefined for a version that is not served. */
export type ChangesAt = (apiVersion: string) => Changes | undefined

interface Changing {
  readonly versions: Versions
  /** The version of the two objects. */
  readonly from: string
  readonly old: Fields | undefined
  readonly object: Fields
  readonly ignore: Ignored | undefined
  /** All changes at `from`, where they are known. */
  readonly changes?: Changes | undefined
}

export function changesByVersion({ versions, from, old, object, ignore, changes: given }: Changing): ChangesAt {
  const known = new Map<string, Changes | undefined>(given && [[from, settable(given, ignore)]])
  return apiVersion => {
    if (known.has(apiVersion)) return known.get(apiVersion)
    const message = versions.message(apiVersion)
    const shown = (one: Fields) => (apiVersion === from ? one : versions.convert(one, from, apiVersion))
    const changes = message && settable(compare(placeOfMessage(message), old ? shown(old) : emptyObject(message), shown(object)), ignore)
    known.set(apiVersion, changes)
    return changes
  }
}

/** What of a set is kept on record: not what the server sets by itself. */
export function tracked(set: FieldSet): FieldSet {
  const rest = without(set, TYPE)
  const metadata = rest['f:metadata']
  if (!metadata) return rest
  const kept = without(metadata, METADATA)
  if (kept === metadata && !isEmpty(kept)) return rest
  const { 'f:metadata': _, ...others } = rest
  return isEmpty(kept) ? others : { 'f:metadata': kept, ...others }
}

/** Takes changed and removed fields from every manager but `except`, and forgets those that own nothing more, or wrote at a version that is gone. */
export function takeFromOthers(managers: Managers, changesAt: ChangesAt, except: string | undefined): void {
  for (const [identity, owned] of [...managers]) {
    if (identity === except) continue
    const changes = changesAt(owned.apiVersion)
    if (changes === undefined) {
      managers.delete(identity)
      continue
    }
    const conflicts = intersection(owned.fields, changes.taken)
    const left = difference(difference(owned.fields, conflicts), changes.removed)
    if (isEmpty(left)) managers.delete(identity)
    else managers.set(identity, withFields(owned, left))
  }
  if (except === undefined) return
  const own = managers.get(except)
  if (own && isEmpty(own.fields)) managers.delete(except)
}
