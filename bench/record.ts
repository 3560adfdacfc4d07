/** Runs benches at the sizes that the page shows and keeps what they print in `bench/results`: `npm run bench -- record [NAME…]`. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SIZES = '100,1000,5000,10000'

/** By the file that the results are kept in: the bench and its options. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  start: ['start', '--runs', '3'],
  judge: ['judge', '--nodes', SIZES, '--runs', '5'],
  schedule: ['schedule', '--nodes', SIZES],
  why: ['why', '--nodes', SIZES],
  store: ['store'],
  cache: ['cache'],
  fairness: ['fairness'],
  'pod-start': ['pod-start'],
  agent: ['agent', '--pods', '10,25,50,100'],
  api: ['api'],
  rollout: ['rollout', '--nodes', SIZES],
  'rollout-outside': ['rollout', '--agents', 'outside', '--nodes', SIZES],
  'rollout-outside-ten-sets': ['rollout', '--agents', 'outside', '--nodes', '1000', '--sets', '10'],
  steady: ['steady', '--nodes', '100,1000,2500,5000'],
  reconnect: ['reconnect', '--nodes', SIZES],
}

/** Returns an exit code: a bench that fails leaves its former results and does not keep the others from running. */
export function record(names: readonly string[]): number {
  const unknown = names.filter(name => !Object.hasOwn(RUNS, name))
  if (unknown.length > 0) {
    process.stderr.write(`${unknown.join(', ')}: which of ${Object.keys(RUNS).join(', ')}?\n`)
    return 2
  }
  let failed = 0
  for (const name of names.length > 0 ? names : Object.keys(RUNS)) {
    process.stderr.write(`${name}: ${RUNS[name]!.join(' ')}\n`)
    const { status, stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'run.ts'), ...RUNS[name]!], {
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 * 1024 * 1024,
    })
    if (status === 0) writeFileSync(join(import.meta.dirname, 'results', `${name}.jsonl`), stdout)
    else failed++
  }
  return failed > 0 ? 1 : 0
}
