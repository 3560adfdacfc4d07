/** `everynode server` as a process of its own, with its default configuration, on a data directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { HttpApi } from '../../src/client/http/rest.ts'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { refuseSwitchedOff } from './defaults.ts'

const CLI = resolve(import.meta.dirname, '../../src/main/cli.ts')

export interface ServerProcess {
  readonly dataDir: string
  readonly connection: Connection
  /** As whoever runs the cluster, over a TLS session of its own. */
  readonly api: HttpApi
  readonly pid: number
  /** Where its profiler listens, if it was started with one. */
  readonly inspector: string | undefined
  /** The text of `/metrics`. */
  metrics(): Promise<ServerMetrics>
  /** SIGKILL and a new start on the same port and directory; resolves with the milliseconds until it answered again. */
  killAndStart(): Promise<number>
  stop(): Promise<void>
}

export class ServerMetrics {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  value(name: string): number {
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(this.#text)?.[1] ?? 0)
  }
  /** Cumulative counts by upper bound. */
  buckets(name: string): ReadonlyMap<number, number> {
    return new Map(
      [...this.#text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'))].map(([, le, n]) => [
        le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
        Number(n),
      ]),
    )
  }
}

/** The value below which a share of what a histogram counted between two looks lies; linear within a bucket. */
export function quantileBetween(before: ServerMetrics, after: ServerMetrics, name: string, share: number): number {
  const [from, to] = [before.buckets(name), after.buckets(name)]
  const counts = [...to].map(([bound, n]) => [bound, n - (from.get(bound) ?? 0)] as const).sort(([a], [b]) => a - b)
  const wanted = (counts.at(-1)?.[1] ?? 0) * share
  let [below, reached] = [0, 0]
  for (const [bound, count] of counts) {
    if (count >= wanted) return bound === Number.POSITIVE_INFINITY ? below : below + ((bound - below) * (wanted - reached)) / Math.max(1, count - reached)
    ;[below, reached] = [bound, count]
  }
  return below
}

export interface Looking {
  /** A directory into which the server writes where its time went, when it is stopped. */
  readonly profile?: string | undefined
  /** With an inspector, to look at parts of its life. */
  readonly inspected?: boolean
}

export async function startServerProcess(looking: Looking = {}): Promise<ServerProcess> {
  refuseSwitchedOff()
  const dataDir = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  let { child, inspector } = await launch(dataDir, '127.0.0.1:0', looking)
  const cut = () => {
    child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
    process.exit(1)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cut)
  const connection = await readKubeconfig({ file: join(dataDir, 'kubeconfig') })
  const api = new HttpApi(connection, { userAgent: 'bench' })
  const end = (signal: 'SIGINT' | 'SIGKILL') => {
    const exited = new Promise(done => child.once('close', done))
    child.kill(signal)
    return exited
  }
  return {
    dataDir,
    connection,
    api,
    get pid() {
      return child.pid!
    },
    get inspector() {
      return inspector
    },
    async metrics() {
      let text = ''
      for await (const chunk of await api.stream('/metrics', AbortSignal.timeout(30_000))) text += String(chunk)
      return new ServerMetrics(text)
    },
    async killAndStart() {
      await end('SIGKILL')
      const began = performance.now()
      ;({ child, inspector } = await launch(dataDir, new URL(connection.server).host, looking))
      return performance.now() - began
    },
    async stop() {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cut)
      api.close()
      await end('SIGINT')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Flags with which a process writes, at its end, where its time went. */
export const profiling = (directory: string | undefined): readonly string[] => (directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`])

interface Launched {
  readonly child: ChildProcess
  readonly inspector: string | undefined
}

async function launch(dataDir: string, listen: string, { profile, inspected }: Looking): Promise<Launched> {
  const words = ['server', '--listen', listen, '--data-dir', dataDir]
  const flags = [...profiling(profile), ...(inspected ? ['--inspect=127.0.0.1:0'] : [])]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, CLI, ...words], {
    stdio: ['ignore', 'pipe', inspected ? 'pipe' : 'inherit'],
  })
  let inspector: string | undefined
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', line => {
      if (inspector !== undefined) process.stderr.write(`${line}\n`)
      else inspector = /ws:\S+/.exec(line)?.[0]
    })
  }
  await new Promise<void>((ready, fail) => {
    createInterface({ input: child.stdout! }).on('line', line => line.includes('is ready on') && ready())
    child.once('close', () => fail(new Error('the server ended before it was ready')))
  })
  return { child, inspector }
}
