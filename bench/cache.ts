/**
 * The watch caches over the SQLite store: memory of so many pods, time to load them, what one change costs with thousands of
 * watchers. `--pods` (several, with commas), `--watchers`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openCaches } from '../src/server/cache/caches.ts'
import type { CachedKind, WatchCache, WatchCaches } from '../src/server/cache/types.ts'
import { openSqlite, type SqliteStore } from '../src/store/sqlite.ts'
import { type BenchPod, benchPod, podKey } from './pods.ts'
import type { Bench, Figure } from './run.ts'

type Print = (figure: Figure) => void

const PODS: CachedKind<BenchPod> = { group: '', resource: 'pods', namespaced: true, indexes: { 'spec.nodeName': pod => pod.spec.nodeName ?? '' } }

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

export const cache: Bench = async ({ more }, print) => {
  for (const pods of (more['pods'] ?? '10000,50000,100000').split(',').map(Number)) await withPods(pods, Number(more['watchers'] ?? 5000), print)
}

async function withPods(pods: number, watchers: number, print: Print): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  try {
    const store = await openSqlite({ file: join(directory, 'cache.db'), history: { changes: 1000, bytes: 1 << 20 } })
    const encode = (n: number, second = 0): Uint8Array => Buffer.from(JSON.stringify(benchPod(n, 'Running', second)))
    for (let n = 0; n < pods; n += 1000) await Promise.all(Array.from({ length: 1000 }, (_, i) => store.write({ key: podKey(n + i), value: encode(n + i) })))

    gc()
    const before = process.memoryUsage()
    const loading = performance.now()
    const caches = await openCaches({ store, kinds: [PODS] })
    const loaded = performance.now() - loading
    const cached = caches.of<BenchPod>(PODS)!
    const reading = performance.now()
    cached.list({ field: { name: 'spec.nodeName', value: 'node-00001' } })
    const read = performance.now() - reading
    for (let i = 0; i < 3; i++) {
      gc()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    const after = process.memoryUsage()
    print({ bench: 'cache', figure: 'load', pods, value: Math.round(loaded), unit: 'ms' })
    print({
      bench: 'cache',
      figure: 'parse, freeze, share and index all',
      pods,
      value: Math.round(read),
      unit: 'ms',
      microsPerPod: round((read * 1000) / pods),
    })
    const mb = (key: 'heapUsed' | 'external' | 'arrayBuffers') => round((after[key] - before[key]) / 2 ** 20)
    print({
      bench: 'cache',
      figure: 'memory',
      pods,
      value: mb('heapUsed'),
      unit: 'MB of heap',
      externalMb: mb('external'),
      bytesPerPod: Math.round((after.heapUsed - before.heapUsed) / pods),
    })

    await admission(store, caches, pods, print)
    await oneOfMany(store, caches, cached, watchers, pods, print)
    await allOfThem(store, caches, cached, watchers, pods, print)
    await caches.close()
    await store.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The main thread's work for one changed pod from bytes to event, without the store. */
async function admission(store: SqliteStore, caches: WatchCaches, pods: number, print: Print): Promise<void> {
  for (const known of [false, true]) {
    const turns = 20_000
    const busy = performance.eventLoopUtilization()
    for (let turn = 0; turn < turns; turn += 500) {
      const written = await Promise.all(
        Array.from({ length: 500 }, (_, i) => {
          const pod = benchPod((turn + i) % pods, 'Running', turn + i + 1)
          const value = Buffer.from(JSON.stringify(pod))
          return store.write({ key: podKey((turn + i) % pods), value, ...(known && { object: pod }) })
        }),
      )
      const last = written.at(-1)!
      if ('revision' in last) await caches.reached(last.revision)
    }
    const micros = (performance.eventLoopUtilization(busy).active * 1000) / turns
    print({ bench: 'cache', figure: 'update', pods, value: round(micros), unit: 'µs of the main thread, with encoding and the store', objectKnown: known })
  }
}

async function oneOfMany(store: SqliteStore, caches: WatchCaches, cached: WatchCache<BenchPod>, watchers: number, pods: number, print: Print): Promise<void> {
  const stop = new AbortController()
  let delivered: (() => void) | undefined
  let others = 0
  const wanted = 'node-00007'
  for (let n = 0; n < watchers; n++) {
    const value = `node-${String(n).padStart(5, '0')}`
    void (async () => {
      for await (const events of cached.watch({ after: caches.revision, signal: stop.signal, field: { name: 'spec.nodeName', value } })) {
        if (value === wanted) delivered?.()
        else others += events.length
      }
    })()
  }
  const times: number[] = []
  for (let turn = 0; turn < 1000; turn++) {
    const value = Buffer.from(JSON.stringify(benchPod(7, 'Running', 50_000 + turn)))
    const began = performance.now()
    const delivery = new Promise<void>(resolve => {
      delivered = resolve
    })
    await Promise.all([store.write({ key: podKey(7), value }), delivery])
    times.push(performance.now() - began)
  }
  stop.abort()
  times.sort((a, b) => a - b)
  print({
    bench: 'cache',
    figure: 'durable write to delivery, one of many watchers',
    pods,
    watchers,
    value: round(times[500]!),
    unit: 'ms p50',
    p99Ms: round(times[990]!),
    deliveredToOthers: others,
  })
}

async function allOfThem(store: SqliteStore, caches: WatchCaches, cached: WatchCache<BenchPod>, watchers: number, pods: number, print: Print): Promise<void> {
  const stop = new AbortController()
  let left = 0
  let done = () => {}
  for (let n = 0; n < watchers; n++)
    void (async () => {
      for await (const events of cached.watch({ after: caches.revision, signal: stop.signal })) {
        left -= events.length
        if (left === 0) done()
      }
    })()
  const turns = 50
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const busy = performance.eventLoopUtilization()
  loop.enable()
  for (let turn = 0; turn < turns; turn++) {
    left = watchers
    const all = new Promise<void>(resolve => {
      done = resolve
    })
    await Promise.all([store.write({ key: podKey(turn), value: Buffer.from(JSON.stringify(benchPod(turn, 'Running', 60_000))) }), all])
  }
  loop.disable()
  stop.abort()
  const micros = (performance.eventLoopUtilization(busy).active * 1000) / turns / watchers
  print({
    bench: 'cache',
    figure: 'delivery of one change to all watchers',
    pods,
    watchers,
    value: round(micros),
    unit: 'µs per watcher',
    loopMaxMs: round(loop.max / 1e6),
  })
}

const round = (value: number): number => Number(value.toFixed(2))
