import type { Kind } from '../../api/kinds/kind.ts'
import { keyOf, storeKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { conflict, MODIFIED, notFound } from '../../api/meta/status.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { isCurrent, isLease } from './current.ts'
import { sameObject, type Working } from './metadata.ts'
import { cacheOf, type World } from './world.ts'
import { CONFLICT, remove, replace } from './write.ts'

/** What is to become of an object: another state, nothing, or its end (`final` is what is told of it). */
export type Next =
  | { readonly write: Working; readonly release?: (() => void) | undefined }
  | { readonly keep: true }
  | { readonly remove: true; readonly final: KubeObject }

export interface Rewrite {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string
  readonly dryRun: boolean
  /** Decides from the newest state; called again when a write came between, so it must not keep anything. */
  readonly next: (old: KubeObject) => Next | Promise<Next>
}

export interface Rewritten {
  readonly object: KubeObject
  readonly outcome: 'written' | 'unchanged' | 'removed'
}

const MOST_ATTEMPTS = 100

/**
 * Reads, decides and writes one object, again and again until no other write comes between. A contended key is served in
 * turn, so that everybody gets through. Throws NotFound when there is no such object (any more).
 */
export async function rewrite(world: World, what: Rewrite): Promise<Rewritten> {
  const key = storeKey(what.kind, what.namespace, what.name)
  if (world.lock.idle || !world.lock.busy(key)) {
    const done = await attempt(world, what)
    if (done !== CONFLICT) return done
  }
  return world.lock.run(key, async () => {
    for (let i = 0; i < MOST_ATTEMPTS; i++) {
      const done = await attempt(world, what)
      if (done !== CONFLICT) return done
    }
    throw conflict(what.kind, what.name, MODIFIED)
  })
}

async function attempt(world: World, { kind, namespace, name, dryRun, next }: Rewrite): Promise<Rewritten | typeof CONFLICT> {
  const old = cacheOf(world, kind).get(keyOf(kind.namespaced ? namespace : undefined, name))
  if (!old) throw notFound(kind, name)
  const found = next(old)
  const decided = found instanceof Promise ? await found : found
  if ('keep' in decided) return { object: old, outcome: 'unchanged' }
  if ('remove' in decided) {
    if (!dryRun && (await remove(world, kind, old)) === CONFLICT) return CONFLICT
    return { object: deepFreeze(decided.final), outcome: 'removed' }
  }
  try {
    const draft = decided.write
    if (sameObject(draft, old)) return { object: old, outcome: 'unchanged' }
    if (dryRun) {
      draft.metadata.resourceVersion = old.metadata.resourceVersion
      return { object: deepFreeze(draft) as KubeObject, outcome: 'written' }
    }
    const written = await replace(world, kind, draft, old, isRenewal(kind, draft, old))
    return written === CONFLICT ? CONFLICT : { object: written, outcome: 'written' }
  } finally {
    decided.release?.()
  }
}

/** Whether nothing but a Lease's time of renewal changes: such a write may be carried by a later commit. */
function isRenewal(kind: Kind, draft: Working, old: KubeObject): boolean {
  if (!isLease(kind)) return false
  const next = draft as unknown as { spec?: { renewTime?: unknown } }
  const before = old as unknown as { spec?: { renewTime?: unknown } }
  if (!next.spec?.renewTime || !before.spec?.renewTime) return false
  return sameObject({ ...draft, spec: { ...next.spec, renewTime: before.spec.renewTime } }, old)
}

/** Refuses a write that was made for another state of the object. */
export function expectRevision(world: World, kind: Kind, old: KubeObject, resourceVersion: string | undefined): void {
  if (resourceVersion && resourceVersion !== '0' && !isCurrent(world, kind, old, resourceVersion)) throw conflict(kind, old.metadata.name, MODIFIED)
}
