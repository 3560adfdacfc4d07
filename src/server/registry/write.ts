import type { Kind } from '../../api/kinds/kind.ts'
import { objectKey, storeKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError, unavailable } from '../../api/meta/status.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { Unwritable, type Write, type Written } from '../../store/store.ts'
import type { Working } from './metadata.ts'
import { cacheOf, type World } from './world.ts'

/** A write met a newer state; the cache has reached it. */
export const CONFLICT = Symbol('conflict')

/** Stores a new object; answers when the cache holds it. Owns the draft from now on. CONFLICT: the key exists. */
export async function insert(world: World, kind: Kind, draft: Working): Promise<KubeObject | typeof CONFLICT> {
  return put(world, kind, draft, undefined, false)
}

/** Replaces an object at the revision it was read at; answers when the cache holds it. Owns the draft from now on. */
export async function replace(world: World, kind: Kind, draft: Working, old: KubeObject, lazy: boolean): Promise<KubeObject | typeof CONFLICT> {
  return put(world, kind, draft, old, lazy)
}

async function put(world: World, kind: Kind, draft: Working, old: KubeObject | undefined, lazy: boolean): Promise<KubeObject | typeof CONFLICT> {
  const { namespace, name } = draft.metadata
  const { value, object } = world.caches.pack(draft as KubeObject, old)
  const ifRevision = old === undefined ? 0 : Number(old.metadata.resourceVersion)
  const written = await write(world, { key: storeKey(kind, namespace, name), value, object, ifRevision, ...(lazy && { lazy }) })
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
  const written = await write(world, { key: storeKey(kind, namespace, name), value: undefined, ifRevision: Number(resourceVersion) })
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

async function write(world: World, what: Write): Promise<Written> {
  try {
    return await world.store.write(what)
  } catch (error) {
    if (error instanceof StatusError) throw error
    if (!(error instanceof Unwritable)) world.log.error('the store failed a write', { key: what.key, error })
    throw unavailable(`the store cannot write at the moment: ${error instanceof Error ? error.message : String(error)}`, 5)
  }
}
