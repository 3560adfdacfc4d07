import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Store } from '../../store/store.ts'
import type { Admission } from '../admission/admit.ts'
import type { WatchCache, WatchCaches } from '../cache/types.ts'
import type { Authorizer } from './authorizer.ts'
import type { KeyLock } from './key-lock.ts'
import type { Working } from './metadata.ts'
import type { Catalogue } from './served.ts'

/** What every verb of the registry works with. */
export interface World {
  readonly catalogue: Catalogue
  readonly store: Store
  readonly caches: WatchCaches
  readonly authorizer: Authorizer
  readonly lock: KeyLock
  readonly admission: Admission
  /** What must be taken and given back around a write (addresses of Services), by resource. */
  readonly reservations: ReadonlyMap<string, Reserve>
  readonly clock: Clock
  readonly log: Log
  /** A fresh identity for an object. */
  readonly uuid: () => string
  /** An integer in [0, n). */
  readonly random: (n: number) => number
}

/** The cache of a kind; every kind of the catalogue has one. */
export function cacheOf(world: Pick<World, 'caches'>, kind: Pick<Kind, 'group' | 'resource'>): WatchCache {
  const cache = world.caches.of(kind)
  if (!cache) throw new Error(`no cache holds ${kind.resource}`)
  return cache
}

/**
 * Takes what the object needs out of a common stock and writes it into the draft. What it returns is told `release` when the
 * write is over, however it went: from then on the stored objects show what is taken. Throws a `StatusError` when there is
 * nothing left or it is taken.
 */
export type Reserve = (draft: Working, old: KubeObject | undefined) => { release(): void } | undefined
