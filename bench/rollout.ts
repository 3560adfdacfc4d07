/**
 * A DaemonSet over N simulated nodes: create, rolling update at maxUnavailable 10 %, delete. The server is a process of its own with
 * its default configuration and a durable store; the simulated nodes live in it (`in the server's process`), the client is this one.
 * With `--agents outside` they live in processes of their own: `rollout-outside.ts`.
 * `--profile DIR` writes a CPU profile of the server for each phase, `--allocations DIR` one of what it allocates; the figures then include
 * the profiler's own cost.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { DaemonSets } from '../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../src/api/kinds/core/node.ts'
import { Pods } from '../src/api/kinds/core/pod.ts'
import type { DaemonSet } from '../src/api/types/apps/daemon-set.ts'
import { HttpApi } from '../src/client/http/rest.ts'
import { readKubeconfig } from '../src/client/node/kubeconfig.ts'
import { median } from './machine.ts'
import { profile, recordingOf } from './profile.ts'
import { rolloutOutside } from './rollout-outside.ts'
import type { Bench, BenchOptions, Figure } from './run.ts'

const ROOT = resolve(import.meta.dirname, '..')
const TARGET = { kind: DaemonSets, namespace: 'default', name: 'bench' }

export const rollout: Bench = async (options, print) => {
  const outside = options.more['agents'] === 'outside'
  const { directory } = recordingOf(options)
  if (directory !== undefined) mkdirSync(directory, { recursive: true })
  for (const nodes of options.nodes) await (outside ? rolloutOutside : rolloutOf)(nodes, options, print)
}

interface Phase {
  readonly milliseconds: number
  /** What the server's main thread worked meanwhile. */
  readonly mainThread: number
}

async function rolloutOf(nodes: number, { runs, more }: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const { recorded, directory, suffix } = recordingOf({ more })
  const server = await startServer(nodes, directory !== undefined)
  const api = new HttpApi(await readKubeconfig({ file: server.kubeconfig }), { userAgent: 'bench' })
  const phases = { create: [] as Phase[], update: [] as Phase[], delete: [] as Phase[] }
  const { pid } = server.process
  const phase = async (name: keyof typeof phases, run: () => Promise<number>): Promise<void> => {
    const profiled = server.inspector && (await profile(server.inspector, recorded))
    const before = mainThreadMilliseconds(pid!)
    const milliseconds = await run()
    phases[name].push({ milliseconds, mainThread: mainThreadMilliseconds(pid!) - before })
    if (profiled) writeFileSync(join(directory!, `${name}-${nodes}.${suffix}`), await profiled())
  }
  try {
    await untilOpen(api, nodes)
    for (let run = 0; run < runs; run++) {
      await phase('create', () =>
        timed(
          () => api.create({ kind: DaemonSets, namespace: 'default' }, manifest('example.org/agent:1')),
          api,
          set => set.status.numberReady === nodes,
        ),
      )
      const image = { spec: { template: { spec: { containers: [{ name: 'agent', image: 'example.org/agent:2' }] } } } }
      await phase('update', () =>
        timed(
          () => api.patch(TARGET, { type: 'strategic', body: image }),
          api,
          ({ status }) => status.updatedNumberScheduled === nodes && status.numberAvailable === nodes,
        ),
      )
      await phase('delete', () => timedDelete(api))
    }
    const rss = residentBytes(pid!)
    const line = (figure: keyof typeof phases) => {
      const milliseconds = median(phases[figure].map(each => each.milliseconds))
      print({
        bench: 'rollout',
        figure,
        nodes,
        value: Number((milliseconds / 1000).toFixed(3)),
        unit: 's',
        podsPerSecond: Math.round((nodes * 1000) / milliseconds),
        mainThreadMicrosecondsPerPod: Math.round((median(phases[figure].map(each => each.mainThread)) * 1000) / nodes),
        runs,
        agents: "in the server's process",
      })
    }
    line('create')
    line('update')
    line('delete')
    print({ bench: 'rollout', figure: 'resident memory', nodes, value: Math.round(rss / 1e6), unit: 'MB' })
  } finally {
    api.close()
    await server.stop()
  }
}

/** Nodes register with a taint that is taken from them when they are ready; until then nothing is placed there. */
async function untilOpen(api: HttpApi, count: number): Promise<void> {
  for (;;) {
    const { items } = await api.list({ kind: Nodes }, { resourceVersion: '0' })
    if (items.length === count && items.every(({ spec }) => !spec.taints?.length)) return
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}

const manifest = (image: string) => ({
  metadata: { name: 'bench', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'bench' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: { metadata: { labels: { app: 'bench' } }, spec: { containers: [{ name: 'agent', image }] } },
  },
})

/** Milliseconds from the return of `act` to the first status for which `done` holds with the generation observed. */
async function timed(act: () => Promise<DaemonSet>, api: HttpApi, done: (set: DaemonSet) => boolean): Promise<number> {
  const { metadata } = await act()
  const started = performance.now()
  const stop = new AbortController()
  try {
    for await (const events of api.watch(
      { kind: DaemonSets, namespace: 'default' },
      { fieldSelector: 'metadata.name=bench', resourceVersion: metadata.resourceVersion, signal: stop.signal },
    )) {
      for (const event of events) {
        if (event.type === 'BOOKMARK') continue
        if (event.object.status.observedGeneration === metadata.generation && done(event.object)) return performance.now() - started
      }
    }
    throw new Error('the watch ended early')
  } finally {
    stop.abort()
  }
}

async function timedDelete(api: HttpApi): Promise<number> {
  const started = performance.now()
  await api.delete(TARGET, { propagation: 'Foreground' })
  for (;;) {
    const { items } = await api.list({ kind: Pods, namespace: 'default' }, { labelSelector: 'app=bench', limit: 1, resourceVersion: '0' })
    if (items.length === 0) return performance.now() - started
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

interface Server {
  readonly process: ChildProcess
  readonly kubeconfig: string
  /** Where its profiler listens, if it was started with one. */
  readonly inspector: string | undefined
  stop(): Promise<void>
}

async function startServer(nodes: number, inspected: boolean): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  const words = ['up', '--nodes', '0', '--simulated', String(nodes), '--listen', '127.0.0.1:0', '--data-dir', directory]
  const flags = ['--disable-warning=ExperimentalWarning', ...(inspected ? ['--inspect=127.0.0.1:0'] : [])]
  const child = spawn(process.execPath, [...flags, join(ROOT, 'src/main/cli.ts'), ...words], { stdio: ['ignore', 'pipe', inspected ? 'pipe' : 'inherit'] })
  const exited = new Promise<void>(done => child.once('close', () => done()))
  let inspector: string | undefined
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', line => {
      inspector ??= /ws:\S+/.exec(line)?.[0]
    })
  }
  await new Promise<void>((ready, fail) => {
    createInterface({ input: child.stdout! }).on('line', line => line.includes('is ready on') && ready())
    void exited.then(() => fail(new Error('the server ended before it was ready')))
  })
  return {
    process: child,
    kubeconfig: join(directory, 'kubeconfig'),
    inspector,
    async stop() {
      child.kill('SIGINT')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What the first thread of a process has run on a processor. */
const mainThreadMilliseconds = (pid: number): number => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6

const residentBytes = (pid: number): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
