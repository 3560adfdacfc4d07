import type { Api } from '../../src/api/access.ts'
import { KINDS } from '../../src/api/kinds/all.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { openCaches } from '../../src/server/cache/caches.ts'
import type { WatchCaches } from '../../src/server/cache/types.ts'
import { allowAll } from '../../src/server/registry/authorizer.ts'
import { Registry } from '../../src/server/registry/registry.ts'
import { MemoryStore } from '../../src/store/memory.ts'

export interface InProcess {
  readonly api: Api
  readonly registry: Registry
  readonly caches: WatchCaches
  close(): Promise<void>
}

/** The server's pipeline over a store in memory, without HTTP, admission or permissions: what controllers are tested on. */
export async function inProcess(clock: Clock = systemClock): Promise<InProcess> {
  const store = new MemoryStore()
  const kinds = KINDS.map(({ group, resource, namespaced }) => ({
    group,
    resource,
    namespaced,
    ...(group === '' && resource === 'pods' && { indexes: { 'spec.nodeName': (object: KubeObject) => (object as Pod).spec.nodeName ?? '' } }),
  }))
  const caches = await openCaches({ store, kinds, clock })
  const registry = new Registry({ store, caches, kinds: KINDS, authorizer: allowAll, admission: [], clock })
  return {
    api: registry.as({ user: { name: 'test', groups: [] } }),
    registry,
    caches,
    async close() {
      await caches.close()
      await store.close()
    },
  }
}
