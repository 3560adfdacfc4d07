/** `npm run bench -- NAME [options]`: one JSON line for each figure on stdout. `--slow-disk MS` adds that to each sync. */
import { parseArgs } from 'node:util'
import { machine } from './machine.ts'

export interface BenchOptions {
  readonly nodes: readonly number[]
  readonly runs: number
  /** Whatever else stood on the command line, by name. */
  readonly more: Readonly<Record<string, string>>
}
/** One figure; `unit` says what the number is. */
export interface Figure {
  readonly bench: string
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly [detail: string]: unknown
}
export type Bench = (options: BenchOptions, print: (figure: Figure) => void) => Promise<void>

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  agent: async () => (await import('./agent.ts')).agent,
  api: async () => (await import('./api.ts')).api,
  cache: async () => (await import('./cache.ts')).cache,
  fairness: async () => (await import('./fairness.ts')).fairness,
  judge: async () => (await import('./judge.ts')).judge,
  reconnect: async () => (await import('./reconnect.ts')).reconnect,
  lists: async () => (await import('./lists.ts')).lists,
  registry: async () => (await import('./registry.ts')).registry,
  schedule: async () => (await import('./schedule.ts')).schedule,
  steady: async () => (await import('./steady.ts')).steady,
  start: async () => (await import('./start.ts')).start,
  store: async () => (await import('./store.ts')).store,
  'pod-start': async () => (await import('./pod-start.ts')).podStart,
  rollout: async () => (await import('./rollout.ts')).rollout,
  why: async () => (await import('./why.ts')).why,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: Object.fromEntries(
    [
      'nodes',
      'runs',
      'objects',
      'pods',
      'watchers',
      'writers',
      'batches',
      'seconds',
      'slow-disk',
      'agents',
      'sets',
      'profile',
      'allocations',
      'kinds',
      'figures',
    ].map(option => [option, { type: 'string' as const }]),
  ),
})
const [name = '', ...others] = positionals
if (name === 'record') {
  const { record } = await import('./record.ts')
  const code = record(others)
  const { draw } = await import('./draw/draw.ts')
  draw()
  process.exit(code)
}
if (name === 'draw') {
  const { draw } = await import('./draw/draw.ts')
  draw()
  process.exit(0)
}
const load = BENCHES[name]
if (!load) {
  process.stderr.write(`which bench? ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(2)
}
const { nodes, runs, 'slow-disk': slow, ...more } = values as Record<string, string>
if (slow !== undefined && !process.env['DISK_SHIM_DELAY_US']) {
  const { onSlowDisk } = await import('./disk-shim.ts')
  process.exit(onSlowDisk(Number(slow) * 1000, process.argv.slice(1)))
}
const options: BenchOptions = { nodes: (nodes ?? '100,1000').split(',').map(Number), runs: Number(runs ?? 1), more }
process.stdout.write(`${JSON.stringify({ bench: name, ...(await machine()) })}\n`)
await (await load())(options, figure => process.stdout.write(`${JSON.stringify(figure)}\n`))
