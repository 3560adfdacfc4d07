import { apiVersionOf, type Kind, type ServedVersion } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { timeOf } from '../../api/meta/time.ts'
import { type Ignored, trackUpdate, type Versions } from '../../api/patch/apply/track.ts'
import type { MessageOf } from '../../api/schema/build.ts'
import { fill } from '../../api/schema/fill.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta.ts'
import type { Working } from './metadata.ts'
import type { Served } from './request.ts'
import type { World } from './world.ts'

/** Who owns which field; an object may have no record. */
export interface ManagedFields {
  readonly entries: readonly ManagedFieldsEntry[] | undefined
}

const isStatus: Ignored = member => member === 'status'
const isNoStatus: Ignored = member => member !== 'status'
const isNeither: Ignored = member => member !== 'status' && member !== 'metadata'

/** Members that a write through the main resource or a subresource cannot set, and so cannot own. */
export function unsettable(kind: Kind, subresource: string | undefined): Ignored | undefined {
  if (subresource === undefined) return kind.unownable ?? (kind.subresources?.status ? isStatus : undefined)
  if (subresource !== 'status') return isStatus
  return kind.schema.structural ? isNoStatus : isNeither
}

const versions = new WeakMap<Kind, Versions>()

/** The versions that objects of a kind are shown at. */
export function versionsOf(kind: Kind): Versions {
  let known = versions.get(kind)
  if (known === undefined) {
    const stored = apiVersionOf(kind)
    const others = new Map((kind.alsoServed ?? []).map(version => [apiVersionOf(version), version]))
    known = {
      message: apiVersion => (apiVersion === stored ? kind.schema : others.get(apiVersion)?.schema),
      convert: (object, from, to) => fromStored(others.get(to), toStored(others.get(from), object)),
    }
    versions.set(kind, known)
  }
  return known
}

type Fields = Readonly<Record<string, unknown>>

function toStored(version: ServedVersion<KubeObject> | undefined, object: Fields): KubeObject {
  if (!version) return object as unknown as KubeObject
  const draft = structuredClone(object) as unknown as Working
  fill(version.schema as MessageOf<KubeObject>, draft)
  return version.toStored(draft) as KubeObject
}

const fromStored = (version: ServedVersion<KubeObject> | undefined, object: KubeObject): Fields =>
  (version ? version.fromStored(object) : object) as unknown as Fields

/** The record as any write but apply leaves it. */
export function trackWrite(
  world: World,
  { served, manager }: { readonly served: Served; readonly manager: string },
  draft: Working,
  old: KubeObject | undefined,
  subresource: string | undefined,
): ManagedFields {
  const { kind, at } = served
  return {
    entries: trackUpdate({
      manager,
      apiVersion: apiVersionOf(at),
      subresource,
      ignore: unsettable(kind, subresource),
      now: timeOf(world.clock.now()),
      versions: versionsOf(kind),
      stored: apiVersionOf(kind),
      old: old as unknown as Readonly<Record<string, unknown>> | undefined,
      object: draft as unknown as Readonly<Record<string, unknown>>,
    }),
  }
}

export function setManagers(draft: Working, { entries }: ManagedFields): void {
  const metadata = draft.metadata as { managedFields?: readonly ManagedFieldsEntry[] }
  if (entries !== undefined) metadata.managedFields = entries
  else if ('managedFields' in metadata) delete metadata.managedFields
}
