import type { Kind } from '../../api/kinds/kind.ts'
import { validateStatusUpdate, validateUpdate } from '../../api/kinds/validate.ts'
import { type FieldError, invalid, invalidObject } from '../../api/meta/field-error.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/plugin.ts'
import { warnAbout } from './create.ts'
import { type ManagedFields, setManagers, trackWrite } from './managers.ts'
import { countGeneration, keepMetadata, type Working } from './metadata.ts'
import { dropRepeatedOwners } from './owners.ts'
import type { Caller, Served } from './request.ts'
import type { Next } from './rewrite.ts'
import type { World } from './world.ts'

/** What an update is for: the object, or one part of it. */
export type Part = 'main' | 'status' | (string & {})

export interface Update {
  readonly served: Served
  readonly part: Part
  /** Whether what is wanted was made by a patch or an apply. */
  readonly patched?: boolean
  readonly caller: Caller
  readonly dryRun: boolean
  readonly warn: (text: string) => void
  /** What is wrong with the next state; the kind's rules for an update of it when absent. */
  readonly validate?: ((object: KubeObject, old: KubeObject) => readonly FieldError[]) | undefined
  readonly manager: string
  /** The record of who owns which field, where the write is an apply. */
  readonly managedFields?: ManagedFields | undefined
}

/** Admits a next state that is known to be well made, and to change nothing that is recorded or counted. */
export function admittedState(world: World, update: Update, draft: Working, old: KubeObject): Next | Promise<Next> {
  const admission = admissionOf(update, draft, old)
  const checked = (): Next | Promise<Next> => world.admission.check(admission)?.then(() => ({ write: draft })) ?? { write: draft }
  return world.admission.mutate(admission)?.then(checked) ?? checked()
}

const admissionOf = ({ served: { kind }, part, caller, dryRun, warn }: Update, draft: Working, old: KubeObject): AdmissionRequest => ({
  operation: 'update',
  kind,
  subresource: part === 'main' ? undefined : part,
  namespace: old.metadata.namespace,
  name: old.metadata.name,
  user: caller.user,
  object: draft,
  old,
  dryRun,
  warn,
})

/** Admits, prepares and validates the next state of an object. Owns the draft. Synchronous unless admission waits. */
export function nextState(world: World, update: Update, draft: Working, old: KubeObject): Next | Promise<Next> {
  keepMetadata(update.served.kind, draft, old)
  const admission = admissionOf(update, draft, old)
  const mutating = world.admission.mutate(admission)
  return mutating === undefined ? admitted(world, update, draft, old, admission) : mutating.then(() => admitted(world, update, draft, old, admission))
}

function admitted(world: World, update: Update, draft: Working, old: KubeObject, admission: AdmissionRequest): Next | Promise<Next> {
  const { served, part, warn } = update
  const { kind } = served
  if (part === 'main' && kind.subresources?.status) keepStatus(draft, old)
  dropRepeatedOwners(draft, update.patched === true, warn)
  // What is written is the writer's, also where the server then decides otherwise.
  const record = update.managedFields ?? trackWrite(world, update, draft, old, admission.subresource)
  if (part === 'main') kind.prepareForUpdate?.(draft, old)
  if (!WITHOUT_GENERATION.has(part)) countGeneration(kind, draft, old)
  draft.metadata.resourceVersion = old.metadata.resourceVersion
  const reserved = part === 'main' ? world.reservations.get(kind.resource)?.(draft, old) : undefined
  const refuse = (error: unknown): never => {
    reserved?.release()
    throw error
  }
  const checked = (): Next => {
    if (part === 'main') warnAbout(kind, draft as KubeObject, old, warn)
    setManagers(draft, record)
    if (!endsNow(kind.resource, draft, old)) return { write: draft, release: reserved?.release }
    reserved?.release()
    return { remove: true, final: draft as KubeObject }
  }
  try {
    const errors = rulesOf(world, update)(draft as KubeObject, old)
    if (errors.length > 0) throw invalidObject(served.at, old.metadata.name, errors)
    const checking = world.admission.check(admission)
    return checking === undefined ? checked() : checking.then(checked).catch(refuse)
  } catch (error) {
    return refuse(error)
  }
}

/** Parts whose change is no new wish of the user. */
const WITHOUT_GENERATION: ReadonlySet<string> = new Set(['status', 'binding', 'approval', 'finalize'])

function rulesOf({ clock }: World, { served: { kind }, part, validate }: Update): NonNullable<Update['validate']> {
  if (validate) return validate
  const context = { now: clock.now() }
  if (part === 'status') return (object, old) => validateStatusUpdate(kind, object, old, context)
  return (object, old) => validateUpdate(kind, object, old, context)
}

/** The main resource says nothing about the status. */
function keepStatus(draft: Working, old: KubeObject): void {
  const to = draft as { status?: unknown }
  const from = old as { status?: unknown }
  if (from.status === undefined) delete to.status
  else to.status = from.status
}

/** An object whose deletion has begun, without grace, is gone when its last finalizer goes. */
function endsNow(resource: string, draft: Working, old: KubeObject): boolean {
  if (old.metadata.deletionGracePeriodSeconds !== 0 || (draft.metadata.finalizers?.length ?? 0) > 0) return false
  if (resource !== 'namespaces') return true
  const { spec } = draft as { spec?: { finalizers?: readonly string[] } }
  return (spec?.finalizers?.length ?? 0) === 0
}

/** The object that `/status` was given, as it is to be stored: everything but the status is that of the stored one. */
export function withStatus(kind: Kind, draft: Working, old: KubeObject): Working {
  const status = KEPT_STATUS[old.kind]?.(draft, old) ?? (draft as { status?: unknown }).status
  const metadata = { ...old.metadata, managedFields: draft.metadata.managedFields, resourceVersion: draft.metadata.resourceVersion } as Working['metadata']
  for (const key of throughStatus(kind)) assign(metadata, key, draft.metadata[key])
  const { status: _, ...rest } = old as KubeObject & { readonly status?: unknown }
  return { ...rest, metadata, ...(status !== undefined && { status }) } as unknown as Working
}

/** What of the status is not written through `/status` but elsewhere: decisions on certificates through `/approval`. */
const KEPT_STATUS: Readonly<Record<string, (draft: Working, old: KubeObject) => unknown>> = {
  CertificateSigningRequest: (draft, old) => {
    type Status = { conditions?: readonly { readonly type: string }[] }
    const { conditions = [], ...rest } = (draft as { status?: Status }).status ?? {}
    const decided = ((old as { status?: Status }).status?.conditions ?? []).filter(({ type }) => type === 'Approved' || type === 'Denied')
    const all = [...decided, ...conditions.filter(({ type }) => type !== 'Approved' && type !== 'Denied')]
    return { ...rest, ...(all.length > 0 && { conditions: all }) }
  },
}

/** Members of the metadata that are written together with the status: what observes an object may mark it. */
function throughStatus(kind: Kind): readonly ('labels' | 'annotations')[] {
  if (kind.schema.structural || UNMARKED.has(kind.resource)) return []
  return kind.resource === 'deployments' ? ['annotations'] : ['labels', 'annotations']
}
const UNMARKED: ReadonlySet<string> = new Set(['customresourcedefinitions', 'volumeattachments', 'certificatesigningrequests'])

function assign<K extends 'labels' | 'annotations'>(metadata: Working['metadata'], key: K, value: Working['metadata'][K]): void {
  if (value !== undefined) metadata[key] = value
  // An object from which something was taken is slow from then on.
  else if (key in metadata) delete metadata[key]
}

/** Refuses an update without a revision for kinds that want one. */
export function demandRevision({ kind, at }: Served, name: string, resourceVersion: string | undefined): void {
  if (kind.requiresRevisionOnUpdate && !resourceVersion) {
    throw invalidObject(at, name, [invalid('metadata.resourceVersion', 0, 'must be specified for an update')])
  }
}
