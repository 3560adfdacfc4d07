import assert from 'node:assert/strict'
import { afterEach, beforeEach } from 'node:test'
import { storeKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { FakeClock } from '../../base/clock.ts'
import { MemoryStore } from '../../store/memory.ts'
import { openCaches } from './caches.ts'
import type { CachedKind, CacheEvent, WatchCache, WatchCaches, WatchQuery } from './types.ts'

export interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly containers?: readonly unknown[] }
}
export const PODS: CachedKind<Pod> = { group: '', resource: 'pods', namespaced: true, indexes: { 'spec.nodeName': pod => pod.spec.nodeName ?? '' } }
export const NODES: CachedKind = { group: '', resource: 'nodes', namespaced: false }

export const podOf = (key: string, node = '', labels: Record<string, string> = {}, more: object = {}): object => {
  const [namespace, name] = key.split('/')
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: { ...(node && { nodeName: node }), ...more } }
}
export const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
export const readEvent = (event: CacheEvent): string =>
  event.type === 'BOOKMARK'
    ? `BOOKMARK ${event.revision}${event.initialEventsEnd ? ' end of state' : ''}`
    : `${event.type} ${event.key} ${event.object.metadata.resourceVersion}${event.previous ? ` was ${event.previous.metadata.resourceVersion}` : ''}`
const podKey = (key: string) => storeKey(PODS, ...(key.split('/') as [string, string]))

/** Caches over a store in memory, made anew for each test of a `describe` and looked at afterwards: no timer may be left. */
export function cachesWorld() {
  const world = {
    store: new MemoryStore(),
    clock: new FakeClock(),
    stop: new AbortController(),
    caches: undefined as unknown as WatchCaches,
    open,
    pods,
    write,
    put: (key: string, node?: string, labels?: Record<string, string>, more?: object) => write(podKey(key), encode(podOf(key, node, labels, more))),
    drop: (key: string) => write(podKey(key), undefined),
    putNode: (name: string) => write(`/core/nodes/${name}`, encode({ apiVersion: 'v1', kind: 'Node', metadata: { name } })),
    watch,
    settled,
  }
  beforeEach(() => {
    world.store = new MemoryStore()
    world.clock = new FakeClock()
    world.stop = new AbortController()
  })
  afterEach(async () => {
    world.stop.abort()
    await world.caches.close()
    await world.store.close()
    assert.equal(world.clock.pending, 0)
  })
  return world

  async function open(events?: number): Promise<void> {
    world.caches = await openCaches({ store: world.store, clock: world.clock, kinds: [PODS, NODES], ...(events && { events }) })
  }
  function pods(): WatchCache<Pod> {
    return world.caches.of<Pod>(PODS)!
  }
  async function write(key: string, value: Uint8Array | undefined, object?: object): Promise<number> {
    const written = await world.store.write({ key, value, object })
    assert.ok('revision' in written)
    await world.caches?.reached(written.revision)
    return written.revision
  }
  /** What a watch has to say now, without waiting for more. */
  function watch(query: Partial<WatchQuery<Pod>>) {
    const iterator = pods()
      .watch({ after: world.caches.revision, signal: world.stop.signal, ...query })
      [Symbol.asyncIterator]()
    const lines: string[] = []
    const events: CacheEvent<Pod>[] = []
    let batches = 0
    const done = (async () => {
      for (;;) {
        const { done, value } = await iterator.next()
        if (done) return 'ended'
        batches++
        events.push(...value)
        lines.push(...value.map(readEvent))
      }
    })().catch((error: unknown) => error)
    return {
      done,
      events,
      take: async () => {
        await settled()
        return lines.splice(0)
      },
      get batches() {
        return batches
      },
    }
  }
  async function settled(): Promise<void> {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  }
}
