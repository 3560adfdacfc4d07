import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { World } from './world.ts'

export const isLease = ({ group, resource }: Pick<Kind, 'group' | 'resource'>): boolean => resource === 'leases' && group === 'coordination.k8s.io'

/**
 * Whether a revision is that of the object as it is stored. A renewal of a Lease is acknowledged before it is durable: after a
 * crash its holder may name the revision of one that is lost. Nothing but the time differed, so it counts as what was stored;
 * a fleet that comes back would otherwise be told of a conflict, read its leases and write them a second time.
 */
export function isCurrent(
  { store }: Pick<World, 'store'>,
  kind: Pick<Kind, 'group' | 'resource'>,
  { metadata }: KubeObject,
  resourceVersion: string | undefined,
): boolean {
  if (resourceVersion === metadata.resourceVersion) return true
  const named = Number(resourceVersion)
  return isLease(kind) && named > Number(metadata.resourceVersion) && named <= (store.lostUpTo ?? 0)
}
