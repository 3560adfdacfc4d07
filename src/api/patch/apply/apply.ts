import { equal } from '../../../base/equal.ts'
import { badRequest, type Cause, StatusError } from '../../meta/status.ts'
import type { Message } from '../../schema/build.ts'
import { decode } from '../../schema/decode.ts'
import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { mergeTyped, removeFields } from './combine.ts'
import { compare } from './compare.ts'
import { difference, type FieldSet, intersection, isEmpty, pathsOf, union, withNamedFields } from './fields.ts'
import { keepLastApplied, ownedByLastApplied } from './last-applied.ts'
import { capUpdaters, identityOf, type Managers, type Owned, readManagers, writeManagers } from './managers.ts'
import { fieldsOf } from './owned.ts'
import { placeOfMessage, type Struct } from './place.ts'
import { emptyObject } from './skeleton.ts'
import { type ChangesAt, changesByVersion, settable, settableSet, takeFromOthers, tracked, type Versions, type Writer } from './track.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Application extends Writer {
  readonly message: Message
  /** Where other managers may have written at other versions; the whole record is of the version applied when absent. */
  readonly versions?: Versions | undefined
  /** The stored object at the version applied; undefined where there is none yet. */
  readonly live: Fields | undefined
  /** What the client sent: JSON of any form. */
  readonly config: unknown
  readonly force: boolean
  /** The kind, for messages. */
  readonly as: { readonly kind: string; readonly version: string }
}

export interface Applied {
  /** Still to be decoded, filled and defaulted; shares with `live` what was not changed. Carries no `managedFields`. */
  readonly object: Fields
  /** To be set on the object before it is stored. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined
  /** Nothing but perhaps the record differs from `live`. */
  readonly unchanged: boolean
}

/**
 * Server-side apply: lays a configuration over the live object, takes out what this manager applied before and does not
 * any more, and keeps the record of owners. Throws a BadRequest for a configuration that does not fit the schema, and a
 * Conflict with one cause for each field that another manager owns with another value.
 */
export function applyPatch(application: Application): Applied {
  const { message, live, manager, force, now } = application
  const config = readConfig(application)
  const place = placeOfMessage(message)
  const bare = live && withoutRecord(live)
  const managers = managersOf(application, place, bare)
  try {
    return settle(application, place, bare, config, managers, force)
  } catch (error) {
    if (!(error instanceof Conflicts) || manager !== 'kubectl' || !bare) throw toStatus(error)
    // kubectl may take from others what its client-side apply said last and still stands.
    const allowed = ownedByLastApplied(place, bare)
    const left = error.conflicts.filter(({ fields }) => !isEmpty(difference(fields, allowed))).map(one => ({ ...one, fields: difference(one.fields, allowed) }))
    if (left.length > 0) throw toStatus(new Conflicts(left))
    return settle({ ...application, now }, place, bare, config, managersOf(application, place, bare), true)
  }
}

function readConfig({ message, config, as }: Application): Fields {
  const { value, problems } = decode(message as Message & { readonly name: string }, config, { unknown: 'warn', as, literal: true })
  const read = value as unknown as Fields
  if (problems.length > 0) {
    const faults = problems.map(problem => `.${JSON.parse(problem.slice(problem.indexOf('"')))}: field not declared in schema`)
    throw cannotType(read, as, faults)
  }
  const managed = (config as { metadata?: { managedFields?: unknown } }).metadata?.managedFields
  if (managed !== undefined && managed !== null) throw badRequest('metadata.managedFields must be nil')
  return read
}

function cannotType(config: Fields, as: Application['as'], faults: readonly string[]): StatusError {
  const { namespace = '', name = '' } = (config['metadata'] ?? {}) as { namespace?: string; name?: string }
  const what = `(${namespace}/${name}; ${config['apiVersion'] ?? as.version}, Kind=${as.kind})`
  return badRequest(`failed to create typed patch object ${what}: ${faults.length === 1 ? faults[0] : `errors:\n  ${faults.join('\n  ')}`}`)
}

function withoutRecord(object: Fields): Fields {
  const metadata = object['metadata'] as Fields | undefined
  if (!metadata || !('managedFields' in metadata)) return object
  const { managedFields: _, ...rest } = metadata
  return { ...object, metadata: rest }
}

const BEFORE_FIRST_APPLY = 'before-first-apply'

function managersOf({ live, apiVersion, now, ignore, message }: Application, place: Struct, bare: Fields | undefined): Managers {
  const entries = (live?.['metadata'] as { managedFields?: readonly ManagedFieldsEntry[] } | undefined)?.managedFields
  const managers = readManagers(entries, true) ?? new Map()
  if (bare && managers.size === 0) {
    const fields = tracked(settable(compare(place, emptyObject(message), bare), ignore).taken)
    const owned: Owned = { manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion, subresource: '', time: now, fields }
    if (!isEmpty(fields)) managers.set(identityOf(owned), owned)
  }
  return managers
}

function settle(application: Application, place: Struct, live: Fields | undefined, config: Fields, managers: Managers, force: boolean): Applied {
  const { manager, apiVersion, subresource = '', now, message, ignore } = application
  const self = { manager, operation: 'Apply' as const, apiVersion, subresource }
  const identity = identityOf(self)
  const last = managers.get(identity)
  const given = fieldsOf(place, config, (path, why) => {
    throw cannotType(config, application.as, [`${path}: ${why}`])
  })
  const fields = tracked(settableSet(given, ignore))
  const merged = mergeTyped(place, live ?? {}, config) as Fields
  managers.set(identity, { ...self, time: now, fields })
  const versions = application.versions ?? { message: () => message, convert: object => object }
  const pruned = last ? prune({ versions, apiVersion, managers, last }, merged) : merged
  const changes = compare(place, live ?? emptyObject(message), pruned)
  const changesAt = changesByVersion({ versions, from: apiVersion, old: live, object: pruned, ignore, changes })
  if (!force) refuseConflicts(managers, identity, changesAt)
  takeFromOthers(managers, changesAt, identity)
  const object = manager === 'kubectl' ? keepLastApplied(pruned, config) : pruned
  const unchanged = live !== undefined && isEmpty(changes.taken) && isEmpty(changes.removed) && (object === pruned || equal(object, pruned))
  if (unchanged && last && equal(last.fields, fields) && last.apiVersion === apiVersion) managers.set(identity, last)
  // The time is that of the last apply that changed something.
  else if (unchanged) managers.set(identity, { ...self, time: last?.time, fields })
  if (isEmpty(fields)) managers.delete(identity)
  capUpdaters(managers)
  const entries = writeManagers(managers)
  return { object, managedFields: entries.length > 0 ? entries : undefined, unchanged }
}

interface Pruning {
  readonly versions: Versions
  /** The version applied. */
  readonly apiVersion: string
  readonly managers: Managers
  /** What the manager applied last time. */
  readonly last: Owned
}

/**
 * Takes out what the manager applied last time, does not apply now, and nobody else owns, at the version it was applied
 * at. Items of a list or map go as a whole when nothing in them stays; what was never this manager's comes back.
 */
function prune({ versions, apiVersion, managers, last }: Pruning, object: Fields): Fields {
  const message = versions.message(last.apiVersion)
  if (!message) return object
  const shown = (one: Fields, from: string, to: string) => (from === to ? one : versions.convert(one, from, to))
  const place = placeOfMessage(message)
  const merged = shown(object, apiVersion, last.apiVersion)
  const lastNamed = withNamedFields(last.fields)
  let pruned = (removeFields(place, merged, lastNamed) ?? {}) as Fields
  for (const [version, owned] of ownedByVersion(managers, last.apiVersion)) {
    const other = versions.message(version)
    if (!other) continue
    const at = placeOfMessage(other)
    const whole = shown(merged, last.apiVersion, version)
    const left = withNamedFields(present(at, shown(pruned, last.apiVersion, version)))
    const gone = difference(withNamedFields(present(at, whole)), union(left, withNamedFields(owned)))
    pruned = shown((removeFields(at, whole, gone) ?? {}) as Fields, version, last.apiVersion)
  }
  const all = withNamedFields(present(place, merged))
  const kept = withNamedFields(present(place, pruned))
  const settledAt = (removeFields(place, merged, intersection(difference(all, kept), lastNamed)) ?? {}) as Fields
  return shown(settledAt, last.apiVersion, apiVersion)
}

/** What all managers own together at each version; the given one first. */
function ownedByVersion(managers: Managers, first: string): ReadonlyMap<string, FieldSet> {
  const owned = new Map<string, FieldSet>([[first, {}]])
  for (const { apiVersion, fields } of managers.values()) owned.set(apiVersion, union(owned.get(apiVersion) ?? {}, fields))
  return owned
}

/** Every field of an object; lists whose items cannot be told apart do not stop it. */
const present = (place: Struct, object: Fields): FieldSet => compare(place, {}, object).taken

interface Conflict {
  readonly owned: Owned
  readonly fields: FieldSet
}

class Conflicts extends Error {
  readonly conflicts: readonly Conflict[]
  constructor(conflicts: readonly Conflict[]) {
    super('conflicts')
    this.conflicts = conflicts
  }
}

function refuseConflicts(managers: Managers, identity: string, changesAt: ChangesAt): void {
  const conflicts: Conflict[] = []
  for (const [other, owned] of managers) {
    if (other === identity) continue
    const changes = changesAt(owned.apiVersion)
    if (changes === undefined) continue
    const fields = intersection(owned.fields, changes.taken)
    if (!isEmpty(fields)) conflicts.push({ owned, fields })
  }
  if (conflicts.length > 0) throw new Conflicts(conflicts)
}

function toStatus(error: unknown): unknown {
  if (!(error instanceof Conflicts)) return error
  const found = error.conflicts
    .map(({ owned, fields }) => ({ who: shownOwner(owned), paths: pathsOf(fields) }))
    .sort((a, b) => (a.who < b.who ? -1 : a.who > b.who ? 1 : 0))
  const causes: Cause[] = found.flatMap(({ who, paths }) => paths.map(field => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })))
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: conflict with ${found[0]!.who}: ${causes[0]!.field}`
      : `Apply failed with ${causes.length} conflicts: ${found.map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map(path => `- ${path}`)].join('\n')).join('\n')}`
  return new StatusError('Conflict', message, { causes })
}

function shownOwner(owned: Owned): string {
  const name = JSON.stringify(owned.manager) + (owned.subresource ? ` with subresource ${JSON.stringify(owned.subresource)}` : '')
  return owned.operation === 'Apply' ? name : `${name} using ${owned.apiVersion}`
}
