import { apiVersionOf, type Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { timeOf } from '../../api/meta/time.ts'
import { trackUpdate } from '../../api/patch/apply/track.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta.ts'
import type { Working } from './metadata.ts'
import type { Served } from './request.ts'
import type { World } from './world.ts'

/** Who owns which field; an object may have no record. */
export interface ManagedFields {
  readonly entries: readonly ManagedFieldsEntry[] | undefined
}

const STATUS = ['status']
const NOTHING: readonly string[] = []
const ignored = new WeakMap<Kind, readonly string[]>()

/** Members that a write through the main resource or a subresource cannot set, and so cannot own. */
export function unsettable(kind: Kind, subresource: string | undefined): readonly string[] {
  if (subresource === undefined) return kind.subresources?.status ? STATUS : NOTHING
  if (subresource !== 'status') return STATUS
  let members = ignored.get(kind)
  if (members === undefined) {
    members = Object.keys(kind.schema.properties).filter(name => name !== 'status' && name !== 'metadata')
    ignored.set(kind, members)
  }
  return members
}

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
      message: kind.schema,
      old: old as unknown as Readonly<Record<string, unknown>> | undefined,
      object: draft as unknown as Readonly<Record<string, unknown>>,
    }),
  }
}

export function setManagers(draft: Working, { entries }: ManagedFields): void {
  const metadata = draft.metadata as { managedFields?: readonly ManagedFieldsEntry[] }
  if (entries !== undefined) metadata.managedFields = entries
  else if (metadata.managedFields !== undefined) delete metadata.managedFields
}
