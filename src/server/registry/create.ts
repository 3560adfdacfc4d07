import { validateCreate } from '../../api/kinds/validate.ts'
import { invalidObject, required } from '../../api/meta/field-error.ts'
import { keyOf } from '../../api/meta/key.ts'
import { generatedName } from '../../api/meta/names.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { alreadyExists, badRequest, StatusError } from '../../api/meta/status.ts'
import { deepFreeze } from '../../base/freeze.ts'
import type { AdmissionRequest } from '../admission/plugin.ts'
import { type ManagedFields, setManagers, trackWrite } from './managers.ts'
import { beginMetadata, type Working } from './metadata.ts'
import { dropRepeatedOwners } from './owners.ts'
import type { Caller, Served } from './request.ts'
import { cacheOf, type World } from './world.ts'
import { CONFLICT, insert } from './write.ts'

/** A create, its body read. */
export interface Creation {
  readonly served: Served
  readonly namespace: string | undefined
  /** A draft at the stored version, defaults filled; owned by the creation. */
  readonly draft: Working
  readonly caller: Caller
  readonly dryRun: boolean
  readonly warn: (text: string) => void
  readonly manager: string
  /** The record of who owns which field, where the write is an apply. */
  readonly managedFields?: ManagedFields | undefined
}

/** How often a generated name may be taken. */
const NAME_TRIES = 8

/** Admits, prepares, validates and stores a new object. */
export async function createObject(world: World, creation: Creation): Promise<KubeObject> {
  const { served, draft, caller, dryRun, warn } = creation
  const { kind } = served
  if (kind.namespaced && !draft.metadata.namespace) throw badRequest('an empty namespace may not be set during creation')
  beginMetadata(kind, draft, world.clock.now(), world.uuid())
  const admission: AdmissionRequest = {
    operation: 'create',
    kind,
    subresource: undefined,
    namespace: creation.namespace,
    name: draft.metadata.name || draft.metadata.generateName || '',
    user: caller.user,
    object: draft,
    old: undefined,
    dryRun,
    warn,
  }
  dropRepeatedOwners(draft, false, warn)
  // What admission and the server add is nobody's.
  const record = creation.managedFields ?? trackWrite(world, creation, draft, undefined, undefined)
  const mutating = world.admission.mutate(admission)
  if (mutating !== undefined) await mutating
  kind.prepareForCreate?.(draft)
  const { metadata } = draft
  const generate = !metadata.name && !!metadata.generateName
  if (generate) metadata.name = generatedName(metadata.generateName!, world.random)
  if (!metadata.name) throw invalidObject(served.at, '', [required('metadata.name', 'name or generateName is required')])
  const reserved = world.reservations.get(kind.resource)?.(draft, undefined)
  try {
    const errors = validateCreate(kind, draft as KubeObject, { now: world.clock.now() })
    if (errors.length > 0) throw invalidObject(served.at, metadata.name, errors)
    const checking = world.admission.check(admission)
    if (checking !== undefined) await checking
    warnAbout(kind, draft as KubeObject, undefined, warn)
    setManagers(draft, record)
    const cache = cacheOf(world, kind)
    for (let tries = 0; ; tries++) {
      const taken = cache.get(keyOf(kind.namespaced ? metadata.namespace : undefined, metadata.name)) !== undefined
      if (!taken) {
        if (dryRun) return deepFreeze(draft) as KubeObject
        const stored = await insert(world, kind, draft)
        if (stored !== CONFLICT) return stored
      }
      if (!generate) throw alreadyExists(kind, metadata.name)
      if (tries + 1 >= NAME_TRIES) throw unable(served, metadata.name)
      metadata.name = generatedName(metadata.generateName!, world.random)
    }
  } finally {
    reserved?.release()
  }
}

function unable({ kind }: Served, name: string): StatusError {
  const { message, status } = alreadyExists(kind, name)
  return new StatusError('AlreadyExists', `${message}, the server was not able to generate a unique name for the object`, status.details)
}

/** What whoever writes an object of this kind should know. */
export function warnAbout(kind: Served['kind'], object: KubeObject, old: KubeObject | undefined, warn: (text: string) => void): void {
  if (kind.notEnforced) warn(`everynode stores ${kind.kind} and does not enforce it`)
  if (kind.warnings) for (const text of kind.warnings(object, old)) warn(text)
}
