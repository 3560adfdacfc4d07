import type { Kind } from '../../api/kinds/kind.ts'
import { objectKey, storeKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError, unavailable } from '../../api/meta/status.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { Closed, Unwritable, type Written } from '../../store/store.ts'
import type { Working } from './metadata.ts'
import { cacheOf, type World } from './world.ts'

/** A write met a newer state; the cache has reached it. */
export const CONFLICT = Symbol('conflict')

/** Stores a new object; answers when the cache holds it. Owns the draft from now on. CONFLICT: the key exists. */
export const insert = (world: World, kind: Kind, draft: Working): Promise<KubeObject | typeof CONFLICT> => put(world, kind, draft, undefined, false)

/** Replaces an object at the revision it was read at; answers when the cache holds it. Owns the draft from now on. */
export const replace = (world: World, kind: Kind, draft: Working, old: KubeObject, lazy: boolean): Promise<KubeObject | typeof CONFLICT> =>
  put(world, kind, draft, old, lazy)

async function put(world: World, kind: Kind, draft: Working, old: KubeObject | undefined, lazy: boolean): Promise<KubeObject | typeof CONFLICT> {
  const { namespace, name } = draft.metadata
  const { value, object } = world.caches.pack(kind, draft as KubeObject, old, lazy)
  const ifRevision = old === undefined ? 0 : Number(old.metadata.resourceVersion)
  const key = storeKey(kind, namespace, name)
  let written: Written
  // Every write comes through here: what it awaits, it awaits itself.
  try {
    written = await world.store.write({ key, value, object, ifRevision, lazy })
  } catch (error) {
    throw refusalOf(world, key, error)
  }
  if ('conflict' in written) return reach(world, written)
  const waiting = world.caches.reached(written.revision)
  if (waiting !== undefined) await waiting
  const revision = String(written.revision)
  const held = cacheOf(world, kind).get(objectKey(draft))
  if (held?.metadata.resourceVersion === revision) return held
  // Somebody was faster than this answer: what was written is still what is told.
  return deepFreeze({ ...draft, metadata: { ...draft.metadata, resourceVersion: revision } })
}

/** Removes an object at the revision it was read at; answers when the cache has forgotten it. */
export async function remove(world: World, kind: Kind, old: KubeObject): Promise<number | typeof CONFLICT> {
  const { namespace, name, resourceVersion } = old.metadata
  const key = storeKey(kind, namespace, name)
  const written = await world.store.write({ key, value: undefined, ifRevision: Number(resourceVersion) }).catch((error: unknown) => {
    throw refusalOf(world, key, error)
  })
  if ('conflict' in written) return reach(world, written)
  const waiting = world.caches.reached(written.revision)
  if (waiting !== undefined) await waiting
  return written.revision
}

/** Waits until the cache shows what the conflict was with. */
async function reach(world: World, { conflict }: { readonly conflict: { readonly modified: number } | undefined }): Promise<typeof CONFLICT> {
  await world.caches.reached(conflict?.modified ?? (await world.store.latest()))
  return CONFLICT
}

function refusalOf(world: World, key: string, error: unknown): StatusError {
  if (error instanceof StatusError) return error
  // A server that stops, and a full disk, are told of elsewhere, once.
  if (!(error instanceof Unwritable || error instanceof Closed)) world.log.error('the store failed a write', { key, error })
  return unavailable(`the store cannot write at the moment: ${error instanceof Error ? error.message : String(error)}`, 5)
}
