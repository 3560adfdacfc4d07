import { type FieldError, forbiddenField, invalid, invalidObject, notSupported, required, tooLong } from '../../api/meta/field-error.ts'
import { badRequest, type StatusError } from '../../api/meta/status.ts'
import { decode } from '../../api/schema/decode.ts'
import { DeleteOptions } from '../../api/types/meta.ts'
import type { Caller, ListQuery, WatchQuery, WriteQuery } from './request.ts'

const META = 'meta.k8s.io'
const refused = (kind: string, errors: readonly FieldError[]): StatusError => invalidObject({ group: META, kind }, '', errors)

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'
const VALIDATIONS: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn']

/** The options of one write, judged. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
}

const OPTIONS_KIND = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions', apply: 'PatchOptions' } as const

/** Throws `Invalid` for a `dryRun` that is not `All`, an unknown `fieldValidation`, a bad `fieldManager`, a `force` without apply. */
export function writeOptions(query: WriteQuery, verb: keyof typeof OPTIONS_KIND, caller: Caller): WriteOptions {
  const errors: FieldError[] = []
  const { fieldManager, fieldValidation, force } = query
  if (force !== undefined && verb === 'patch') errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  if (verb === 'apply' && !fieldManager) errors.push(required('fieldManager', 'is required for apply patch'))
  if (fieldManager) errors.push(...managerErrors(fieldManager))
  if (fieldValidation && !VALIDATIONS.includes(fieldValidation as FieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, VALIDATIONS))
  }
  const dryRun = isDryRun(query.dryRun, errors)
  if (errors.length > 0) throw refused(OPTIONS_KIND[verb], errors)
  return { dryRun, fieldManager: fieldManager || managerOf(caller), fieldValidation: (fieldValidation as FieldValidation) || 'Warn' }
}

function managerErrors(manager: string): readonly FieldError[] {
  if (manager.length > 128) return [tooLong('fieldManager', 128)]
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(manager) ? [] : [invalid('fieldManager', manager, 'should only contain printable characters')]
}

/** Who a write without a field manager is put down to: what stands before the first `/` of the user agent. */
const managerOf = (caller: Caller): string => (caller.userAgent ?? '').split('/', 1)[0]!.slice(0, 128) || 'unknown'

function isDryRun(values: readonly string[] | undefined, errors: FieldError[]): boolean {
  const said = (values ?? []).filter(value => value !== '')
  if (said.some(value => value !== 'All')) errors.push(notSupported('dryRun', said.length === 1 ? said[0] : said, ['All']))
  return said.length > 0
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan'
const PROPAGATIONS: readonly Propagation[] = ['Background', 'Foreground', 'Orphan']

/** The options of a delete, judged. */
export interface DeleteSettings {
  readonly dryRun: boolean
  readonly gracePeriodSeconds: number | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  /** As asked; the kind's default when absent. */
  readonly propagation: Propagation | undefined
}

/** Reads DeleteOptions of any group; with a body the query's `dryRun` does not count. */
export function deleteSettings(body: unknown, query: WriteQuery): DeleteSettings {
  const given =
    body === undefined || body === null ? {} : decode(DeleteOptions, body, { unknown: 'drop', as: { kind: 'DeleteOptions', version: 'meta.k8s.io/v1' } }).value
  if (given.kind && given.kind !== 'DeleteOptions') throw badRequest(`the body of a delete must be DeleteOptions, not ${given.kind}`)
  const errors: FieldError[] = []
  const { orphanDependents, propagationPolicy } = given
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    errors.push(invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  }
  if (propagationPolicy !== undefined && !PROPAGATIONS.includes(propagationPolicy as Propagation)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, [...PROPAGATIONS, 'nil']))
  }
  const dryRun = isDryRun(body === undefined || body === null ? query.dryRun : given.dryRun, errors)
  if (errors.length > 0) throw refused('DeleteOptions', errors)
  const legacy = orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background'
  return {
    dryRun,
    gracePeriodSeconds: given.gracePeriodSeconds,
    uid: given.preconditions?.uid || undefined,
    resourceVersion: given.preconditions?.resourceVersion || undefined,
    propagation: (propagationPolicy as Propagation | undefined) ?? legacy,
  }
}

/** A revision as clients write it; `undefined` when none was given. */
export function revisionOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,16}$/.test(text)) throw badRequest(`invalid resource version ${JSON.stringify(text.slice(0, 64))}: must be a decimal integer`)
  return Number(text)
}

/** How a list is to be served. */
export interface ListSettings {
  readonly limit: number
  readonly from: Continuation | undefined
  /** `latest`, any state (`0`), at least that revision, or exactly it. */
  readonly at: { readonly least?: number; readonly exactly?: number }
}

/** Where a list goes on: after `after`, in the state of `revision`; -1 in the newest one. */
export interface Continuation {
  readonly revision: number
  readonly after: string
}

export function listSettings(query: ListQuery): ListSettings {
  const { resourceVersion = '', resourceVersionMatch: match = '' } = query
  const errors: FieldError[] = []
  if (query.sendInitialEvents !== undefined) errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  if (match) {
    const field = 'resourceVersionMatch'
    if (!resourceVersion) errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (query.continue) errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (errors.length > 0) throw refused('ListOptions', errors)
  const revision = revisionOf(resourceVersion)
  const limit = Math.max(0, query.limit ?? 0)
  if (query.continue) {
    if (revision !== undefined && revision !== 0) throw badRequest('specifying resource version is not allowed when using continue')
    return { limit, from: decodeContinue(query.continue), at: {} }
  }
  if (revision === undefined) return { limit, from: undefined, at: {} }
  const exact = match === 'Exact' || (match === '' && limit > 0 && revision > 0)
  return { limit, from: undefined, at: exact ? { exactly: revision } : { least: revision } }
}

/** An opaque token for the next page. */
export const encodeContinue = ({ revision, after }: Continuation): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` })).toString('base64url')

function decodeContinue(token: string): Continuation {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    throw badRequest('continue key is not valid: it is not a token of this server')
  }
  const { v, rv, start } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0 || rv < -1 || typeof start !== 'string' || !start) {
    throw badRequest('continue key is not valid: it is not a token of this server')
  }
  return { revision: rv, after: start.endsWith('\u0000') ? start.slice(0, -1) : start }
}

/** How a watch is to begin and end. */
export interface WatchSettings {
  /** The present state first, as ADDED. */
  readonly present: boolean
  /** Changes after this revision; with the present state: at least this one. 0: whatever there is now. */
  readonly revision: number
  /** Say with a bookmark when the present state has been told. */
  readonly announce: boolean
  readonly bookmarks: boolean
  readonly timeoutSeconds: number | undefined
}

export function watchSettings(query: WatchQuery): WatchSettings {
  const { sendInitialEvents, resourceVersionMatch: match = '', timeoutSeconds } = query
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  } else if (match && sendInitialEvents === undefined) {
    errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (query.continue) errors.push(forbiddenField('continue', 'continue is forbidden for watch'))
  if (errors.length > 0) throw refused('ListOptions', errors)
  const revision = revisionOf(query.resourceVersion) ?? 0
  return {
    present: sendInitialEvents === true || (sendInitialEvents === undefined && revision === 0),
    revision,
    announce: sendInitialEvents === true,
    bookmarks: query.allowWatchBookmarks === true,
    timeoutSeconds: timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds : undefined,
  }
}
