/**
 * `node bin/run.js test/fuzz/run.ts --requests 100000 [--seed N] [--from N] [--at-once N] [--census]`: fuzzes a server of its own over HTTPS.
 * With `--census` it stops at a quarter of the way and at the end, and says what grew in the server's heap in between.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { growth } from '../sim/heap-census.ts'
import { startCluster } from '../support/cluster.ts'
import { memoryCourse } from './memory.ts'
import { readyAfter, runFuzz } from './run-fuzz.ts'
import { serverHeap, snapshotting } from './server-heap.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    'at-once': { type: 'string', default: '12' },
    log: { type: 'boolean', default: false },
    census: { type: 'boolean', default: false },
  },
})
const LONG_RUN = 50_000
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const [from, requests] = [Number(values.from), Number(values.requests)]
console.log(`seed ${seed}`)
const directory = mkdtempSync(join(tmpdir(), 'everynode-fuzz-'))
const cluster = await startCluster(undefined, values.census ? { env: snapshotting(directory) } : {})
const pid = cluster.process.pid!
const started = performance.now()
try {
  const connection = await readKubeconfig({ file: cluster.kubeconfig })
  const part = (first: number, many: number) =>
    runFuzz(connection, pid, { seed, from: first, requests: many, atOnce: Number(values['at-once']), onFailure: text => console.log(text) })
  const quarter = values.census ? Math.floor(requests / 4) : 0
  const parts = quarter > 0 ? [await part(from, quarter)] : []
  const before = values.census ? await serverHeap(pid, directory) : undefined
  parts.push(await part(from + quarter, requests - quarter))
  const [failures, rss] = [parts.flatMap(one => one.failures), parts.flatMap(one => one.rss)]
  const codes = new Map<number, number>()
  for (const one of parts) for (const [code, count] of one.codes) codes.set(code, (codes.get(code) ?? 0) + count)
  const unready = await readyAfter(connection, cluster)
  if (unready) console.log(unready)
  console.log(`codes ${JSON.stringify(Object.fromEntries([...codes].sort(([a], [b]) => a - b)))}`)
  const { settled, end, flat } = memoryCourse(rss)
  console.log(`resident MiB ${rss.join(' ')}`)
  console.log(`memory: ${settled} MiB once settled, ${end} MiB at the end: ${flat ? 'flat' : 'it grows'}`)
  console.log(`${requests} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, ${failures.length} failed`)
  if (before) for (const line of growth(before, await serverHeap(pid, directory)).slice(0, 30)) console.log(JSON.stringify(line))
  if (values.log || failures.length > 0) console.log(cluster.output().slice(-20_000))
  // A short run ends before everything has been used once.
  const grows = !flat && requests >= LONG_RUN
  process.exitCode = failures.length > 0 || unready || grows ? 1 : 0
} finally {
  await cluster.stop()
  rmSync(directory, { recursive: true, force: true })
}
