import type { Kind } from '../../api/kinds/kind.ts'
import type { Event } from '../../api/types/core/event.ts'
import type { CachedKind } from '../cache/types.ts'

/** Fields that the caches find objects by without a scan; each is a selectable field of its kind. */
const INDEXED: Readonly<Record<string, readonly string[]>> = { '/pods': ['spec.nodeName'] }

/** Very many, written once and hardly ever read. */
const RESTING: Readonly<Record<string, (object: Event) => string>> = {
  '/events': ({ reason = '', reportingComponent = '' }) => `${reason} ${reportingComponent}`,
}

/** Renewed every ten seconds by every node; whoever follows them is never far behind. */
const CHANGES: Readonly<Record<string, number>> = { 'coordination.k8s.io/leases': 1000 }

/** What the caches are opened with to serve these kinds. */
export const cachedKinds = (kinds: readonly Kind[]): readonly CachedKind<never>[] =>
  kinds.map(kind => {
    const fields = INDEXED[`${kind.group}/${kind.resource}`]
    const changes = CHANGES[`${kind.group}/${kind.resource}`]
    const restsBy = RESTING[`${kind.group}/${kind.resource}`]
    const { group, resource, namespaced } = kind
    return {
      group,
      resource,
      namespaced,
      ...(fields && { indexes: Object.fromEntries(fields.map(field => [field, kind.selectableFields![field]!])) }),
      ...(restsBy && { restsBy }),
      ...(changes && { changes }),
    }
  })
