/** Draws what is in `bench/results` and writes `docs/benchmarks.md` around it: `npm run bench -- draw`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Figure } from '../run.ts'
import { growthOf, nameOf, type Run, readResults } from './results.ts'
import { barChart, lineChart } from './svg.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCS = join(ROOT, 'docs')
const CHARTS = 'benchmarks'

/** What each bench is about, in the order of the page. */
const ABOUT: Readonly<Record<string, string>> = {
  rollout: 'A DaemonSet is created, rolled, surged, taken from half the nodes and given back, and deleted. `agents` says where the agents of the nodes ran.',
  steady: 'Nodes at rest with ten daemon pods each: their leases, watches and heartbeats are all that happens.',
  reconnect: 'The server is killed under connected agents and started again.',
  api: 'Requests over TLS, beside a bare `node:https` server with the same store in the same run; one change to many watches.',
  start: 'From the start of the process until it answers.',
  agent: 'The agent of one node on containerd.',
  'pod-start': 'A pod on containerd, from its creation until it is ready.',
  why: 'What `everynode why` asks of the server.',
  store: 'Durable writes, by number of writers and size of a commit.',
  cache: 'The watch cache.',
  registry: 'Requests without HTTP.',
  judge: 'The judgement of the DaemonSet controller.',
  schedule: 'The judgement of the scheduler.',
  fairness: 'Small requests of one client while another floods the server.',
}
/** Details that stand in the line of a run or say how a figure was taken, not what it was. */
const APART = new Set(['bench', 'figure', 'value', 'unit', 'agents', 'sessions', 'certificates', 'links', 'runs'])

export function draw(): void {
  const runs = readResults(join(ROOT, 'bench/results'))
  const charts = join(DOCS, CHARTS)
  mkdirSync(charts, { recursive: true })
  for (const file of readdirSync(charts)) rmSync(join(charts, file))
  const order = Object.keys(ABOUT)
  const benches = [...Map.groupBy(runs, ({ bench }) => bench)].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
  const sections = benches.flatMap(([bench, own]) => [
    `## ${bench}`,
    ABOUT[bench] ?? '',
    ...own.flatMap((run, i) => [
      runLine(run),
      ...chartsOf(run, own.length > 1 ? `${bench}-${i + 1}` : bench, (file, svg) => writeFileSync(join(charts, file), svg)),
      tableOf(run.figures),
    ]),
  ])
  writeFileSync(join(DOCS, 'benchmarks.md'), `${[HEAD, ...sections].filter(Boolean).join('\n\n')}\n`)
}

const HEAD = `# Benchmarks

Drawn by \`npm run bench -- draw\` from what lies in \`bench/results/\`; not written by hand. Each bench is \`npm run bench -- NAME --nodes 100,1000\` and prints JSON lines. The server is a process of its own with its default configuration: everything on, every write durable; the bench refuses to run otherwise. All processes of a bench share the machine named. Both axes of a chart are logarithmic: in proportion is a slope of one.`

function runLine({ machine, figures }: Run): string {
  const { cores, cpu, memoryGiB, node, fdatasyncMs, loadAverage } = machine
  const [first] = figures
  const shared = ['agents', 'sessions', 'certificates', 'links'].flatMap(key => (first?.[key] === undefined ? [] : `${key}: ${String(first[key])}`))
  const facts = [
    `${cores} cores (${cpu})`,
    `${memoryGiB} GiB`,
    `Node ${node}`,
    `fdatasync of 4 kB ${fdatasyncMs} ms at p50`,
    ...(loadAverage === undefined ? [] : [`load average before: ${loadAverage}`]),
    ...shared,
  ]
  return `${facts.join('; ')}.`
}

function chartsOf(run: Run, name: string, write: (file: string, svg: string) => void): readonly string[] {
  const growths = growthOf(run)
  const lines = growths.map(({ unit, over, series }, i) => {
    const file = `${name}-${i + 1}.svg`
    write(file, lineChart({ title: `${run.bench}: ${unit} by ${over}`, xLabel: over, yLabel: unit, series }))
    return `![${run.bench}, ${unit} by ${over}](${CHARTS}/${file})`
  })
  const bars = growths.length > 0 ? [] : [...Map.groupBy(run.figures, ({ unit }) => unit)].filter(([, own]) => own.length > 1)
  return [
    ...lines,
    ...bars.map(([unit, own], i) => {
      const file = `${name}-${i + 1}.svg`
      write(file, barChart({ title: `${run.bench}: ${unit}`, unit, bars: own.map(figure => ({ name: nameOf(figure), value: figure.value })) }))
      return `![${run.bench}, ${unit}](${CHARTS}/${file})`
    }),
  ]
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(figure => {
    const details = Object.entries(figure).filter(([key]) => !APART.has(key))
    return `| ${figure.figure} | ${figure.value} ${figure.unit} | ${details.map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ')} |`
  })
  return ['| figure | value | with |', '|---|---|---|', ...rows].join('\n')
}
