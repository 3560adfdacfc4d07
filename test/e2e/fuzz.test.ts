/** Bent requests of every kind over HTTPS: whatever comes, the answer is an allowed one and the server goes on. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { readyAfter, runFuzz } from '../fuzz/run-fuzz.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'

let cluster: Cluster
let connection: Connection
before(async () => {
  cluster = await startCluster()
  connection = await readKubeconfig({ file: cluster.kubeconfig })
})
after(() => cluster?.stop())

/** 100,000 take some minutes: `node bin/run.js test/fuzz/run.ts`. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 5000)

test('thousands of bent requests get allowed answers, and the server is ready afterwards', async t => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`seed ${seed}`)
  const { failures, codes } = await runFuzz(connection, cluster.process.pid!, { seed, requests: REQUESTS })
  assert.deepEqual(failures, [])
  assert.equal(await readyAfter(connection, cluster), undefined)
  // A fuzzer that is only refused, or never, finds nothing.
  for (const code of [200, 201, 400, 404, 409, 415, 422]) assert.ok((codes.get(code) ?? 0) > 0, `nothing was answered ${code}`)
})
