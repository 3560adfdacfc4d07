import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type BenchPod, benchPod } from '../../bench/pods.ts'
import { openCaches } from '../../src/server/cache/caches.ts'
import type { CachedKind } from '../../src/server/cache/types.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { eventually } from '../support/cluster.ts'

const PODS: CachedKind<BenchPod> = { group: '', resource: 'pods', namespaced: true, indexes: { 'spec.nodeName': pod => pod.spec.nodeName ?? '' } }
const NODES = 400
const ROUNDS = 12
/** From here on nothing may grow any more. */
const SETTLED = 4

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

test('a store and its caches do not grow while objects come, change and go', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'everynode-churn-'))
  const file = join(directory, 'everynode.db')
  const store = await openSqlite({ file, history: { changes: 1000, bytes: 4 << 20 } })
  const caches = await openCaches({ store, kinds: [PODS], events: 1000 })
  const pods = caches.of<BenchPod>(PODS)!
  const sizes: { readonly file: number; readonly heap: number }[] = []
  const stop = new AbortController()
  let delivered = 0
  void (async () => {
    for await (const events of pods.watch({ after: caches.revision, signal: stop.signal })) delivered += events.length
  })()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const key = (n: number, of: number) => `/core/pods/default/agent-${of}-${n}`
      const encode = (n: number, phase: 'Pending' | 'Running') => Buffer.from(JSON.stringify(benchPod(n, phase, round)))
      const nodes = Array.from({ length: NODES }, (_, n) => n)
      await Promise.all(nodes.map(n => store.write({ key: key(n, round), value: encode(n, 'Pending') })))
      await Promise.all(nodes.map(n => store.write({ key: key(n, round), value: encode(n, 'Running') })))
      await Promise.all(nodes.map(n => store.write({ key: key(n, round), value: encode(n, 'Running'), lazy: true })))
      // Short watches come and go, as agents that reconnect.
      for (const n of nodes) {
        const end = new AbortController()
        pods.watch({ after: caches.revision, signal: end.signal, bookmarks: true, timeout: 60_000, field: { name: 'spec.nodeName', value: `node-${n}` } })
        end.abort()
      }
      if (round > 0) await Promise.all(nodes.map(n => store.write({ key: key(n, round - 1), value: undefined })))
      await caches.fresh()
      await caches.compact(caches.revision)
      for (let i = 0; i < 2; i++) {
        gc()
        await new Promise(setImmediate)
      }
      sizes.push({ file: (await stat(file)).size, heap: process.memoryUsage().heapUsed })
    }
    assert.equal(pods.size, NODES)
    assert.equal(delivered, ROUNDS * NODES * 4 - NODES)
    const [settled, last] = [sizes[SETTLED]!, sizes.at(-1)!]
    // Space is given back in small pieces, when nobody writes.
    const most = settled.file * 1.1
    await eventually(
      async () => (await stat(file)).size,
      size => size <= most,
      20_000,
    )
    assert.ok(last.heap <= settled.heap + 1_000_000, `the heap grew from ${settled.heap} to ${last.heap} bytes`)
  } finally {
    stop.abort()
    await caches.close()
    await store.close()
    await rm(directory, { recursive: true })
  }
})
