import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { look } from './check.ts'
import { runInWorkers } from './in-workers.ts'
import { Random } from './random.ts'
import { ENOUGH, unreached } from './run-scripts.ts'
import { drawScript, parseScript } from './script.ts'
import { SimCluster } from './sim-cluster.ts'
import { simulate, Tally } from './simulate.ts'
import { take } from './steps.ts'

const SAVED = join(import.meta.dirname, 'saved')
/** `npm run ok` draws this many anew; `npm test` sets more. */
const SCRIPTS = Number(process.env['SIM_SCRIPTS'] ?? 150)
const THREADS = Number(process.env['SIM_THREADS'] ?? 1)
const SEED = Number(process.env['SIM_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** What the saved scripts reach counts too: some reasons are rare. */
const reached = new Tally()

for (const file of readdirSync(SAVED).filter(name => name.endsWith('.txt'))) {
  const text = readFileSync(join(SAVED, file), 'utf8')
  const seed = Number(/^# seed (\d+)$/m.exec(text)?.[1] ?? 1)
  test(`simulation: ${file.slice(0, -4).replaceAll('-', ' ')}`, { timeout: 60_000 }, () => simulate(parseScript(text), seed, reached))
}

test('simulation: the same seed gives the same history, revision by revision', async () => {
  assert.equal(await historyOf(12809952), await historyOf(12809952))
})

async function historyOf(seed: number): Promise<string> {
  const script = drawScript(new Random(seed))
  const cluster = await SimCluster.start(new Random(seed))
  try {
    for (let i = 0; i < script.nodes; i++) cluster.startAgent(`n${i}`)
    const lines: string[] = []
    for (const step of script.steps) {
      await take(cluster, step)
      await cluster.time.settle()
      const { sets, nodes, pods } = look(cluster)
      lines.push(step, ...[...sets, ...nodes, ...pods].map(({ metadata }) => `  ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`))
    }
    return lines.join('\n')
  } finally {
    await cluster.close()
  }
}

test(`simulation: after any faults, once they stop, the cluster becomes what was asked for and stays so (${SCRIPTS} scripts)`, {
  timeout: 1_200_000,
}, async t => {
  t.diagnostic(`seed ${SEED}`)
  const { failures, counts } = await runInWorkers(SEED, SCRIPTS, THREADS)
  assert.deepEqual(failures, [])
  if (SCRIPTS >= ENOUGH) {
    for (const [what, times] of [...counts].sort()) t.diagnostic(`${times} ${what}`)
    assert.deepEqual(unreached(new Map([...counts, ...reached.counts])), [], 'never reached')
  }
})
