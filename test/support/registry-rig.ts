import type { Api } from '../../src/api/access.ts'
import { KINDS, kindOf, LATER_KINDS } from '../../src/api/kinds/all.ts'
import type { Kind, KindRef } from '../../src/api/kinds/kind.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import { type Clock, FakeClock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import { admissionPlugins } from '../../src/server/admission/plugins.ts'
import { openCaches } from '../../src/server/cache/caches.ts'
import type { WatchCaches } from '../../src/server/cache/types.ts'
import { type Authorizer, allowAll } from '../../src/server/registry/authorizer.ts'
import { cachedKinds } from '../../src/server/registry/cached-kinds.ts'
import { Registry } from '../../src/server/registry/registry.ts'
import { MemoryStore } from '../../src/store/memory.ts'

/** An object of any kind, to look into. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of all kinds
export type Any = KubeObject & { readonly [member: string]: any }

export interface RegistryRig {
  readonly registry: Registry
  readonly api: Api
  readonly store: MemoryStore
  readonly caches: WatchCaches
  readonly clock: Clock
  readonly warnings: string[]
  kind(name: string, group?: string): KindRef<Any>
  close(): Promise<void>
}

export interface RegistryRigOptions {
  readonly clock?: Clock
  readonly kinds?: readonly Kind[]
  readonly authorizer?: Authorizer
  readonly store?: MemoryStore
  readonly log?: Log
  /** Numbers handed out one after the other in place of random ones, then 0, 1, 2, … */
  readonly random?: (n: number) => number
}

/** The whole registry over a store in memory, with admission, and namespace `default` with its account. */
export async function registryRig(options: RegistryRigOptions = {}): Promise<RegistryRig> {
  const { clock = new FakeClock(), kinds = [...KINDS, ...LATER_KINDS], authorizer = allowAll, store = new MemoryStore() } = options
  const caches = await openCaches({ store, kinds: cachedKinds(kinds), clock })
  let next = 0
  const registry = new Registry({
    store,
    caches,
    kinds,
    authorizer,
    admission: admissionPlugins(),
    clock,
    ...(options.log && { log: options.log }),
    uuid: () => `00000000-0000-4000-8000-${String(++next).padStart(12, '0')}`,
    random: options.random ?? (n => next++ % n),
  })
  const warnings: string[] = []
  const api = registry.as({ user: { name: 'alice', groups: ['system:masters'] }, userAgent: 'test/1.0' }, text => warnings.push(text))
  const kind = (name: string, group?: string) => {
    const found = kinds.find(one => one.kind === name && (group === undefined || one.group === group)) ?? kindOf(group ?? '', name)
    if (!found) throw new Error(`no kind ${name}`)
    return found as unknown as KindRef<Any>
  }
  if (!caches.of({ group: '', resource: 'namespaces' })?.get('default')) {
    await api.create({ kind: kind('Namespace') }, { metadata: { name: 'default' } })
    await api.create({ kind: kind('ServiceAccount'), namespace: 'default' }, { metadata: { name: 'default' } })
  }
  return {
    registry,
    api,
    store,
    caches,
    clock,
    warnings,
    kind,
    async close() {
      await caches.close()
      await store.close()
    },
  }
}

/** What a promise was refused with: `409 Conflict: message`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    const { code, reason, message } = error as { code?: number; reason?: string; message: string }
    return `${code} ${reason}: ${message}`
  }
  return 'not refused'
}
