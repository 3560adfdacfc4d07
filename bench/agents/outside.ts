/** Simulated agents outside the server's process: few processes, many nodes each. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { profiling, type ServerProcess } from '../world/server-process.ts'
import { round, usageOf } from '../world/usage.ts'

export type ToAgents = {
  readonly do: 'start'
  readonly server: string
  /** The directory of the cluster's authority: certificates are issued from it, not asked for. */
  readonly pki: string
  readonly first: number
  readonly count: number
}
export type FromAgents = { readonly has: 'registered' } | { readonly has: 'failed'; readonly why: string }

/** What one process carries without being the bottleneck itself. */
const NODES_EACH = 2500

/**
 * Thousands of agents have one heap here, which V8 would go through whenever all their buffers together have grown by 64 MB: a
 * quarter of the machine while they come back. An agent of its own has a heap of some megabytes.
 */
const HEAP_OF_MANY = '--external-memory-accounted-in-global-limit'

export interface OutsideAgents {
  readonly count: number
  /** What is not as it is with real agents, for the line of a figure. */
  readonly shared: Readonly<Record<string, unknown>>
  /** CPU seconds of all processes of agents. */
  cpu(): number
  stop(): Promise<void>
}

/** Starts agents and resolves when every node is open to pods; with a directory `profile` they write there where their time went. */
export async function startOutsideAgents(server: ServerProcess, count: number, profile?: string): Promise<OutsideAgents> {
  const processes = Math.max(2, Math.ceil(count / NODES_EACH))
  const execArgv = ['--disable-warning=ExperimentalWarning', HEAP_OF_MANY, ...profiling(profile)]
  const children: ChildProcess[] = []
  const began = performance.now()
  try {
    await Promise.all(
      Array.from({ length: processes }, (_, i) => {
        const first = Math.floor((i * count) / processes)
        const message: ToAgents = {
          do: 'start',
          server: server.connection.server,
          pki: join(server.dataDir, 'pki'),
          first,
          count: Math.floor(((i + 1) * count) / processes) - first,
        }
        const child = fork(join(import.meta.dirname, 'process.ts'), { execArgv })
        children.push(child)
        return new Promise<void>((done, fail) => {
          child.on('message', (said: FromAgents) => {
            if (said.has === 'registered') done()
            else if (said.has === 'failed') fail(new Error(said.why))
          })
          child.once('exit', code => fail(new Error(`agents ended with ${code}`)))
          child.send(message)
        })
      }),
    )
    await untilOpen(server, count)
  } catch (error) {
    for (const child of children) child.kill()
    throw error
  }
  return {
    count,
    shared: {
      agents: `outside, ${processes} processes, collected less often than V8 would`,
      sessions: 'one TLS session and certificate per node',
      certificates: 'issued in bulk from the authority in the data directory',
      links: 'one per node, its one connection',
      joinSeconds: round((performance.now() - began) / 1000, 1),
    },
    cpu: () => children.reduce((sum, { pid }) => sum + usageOf(pid!).cpu, 0),
    async stop() {
      await Promise.all(
        children.map(child => {
          const exited = new Promise(done => child.once('exit', done))
          child.disconnect()
          const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
          return exited.then(() => clearTimeout(late))
        }),
      )
    },
  }
}

/** Nodes register with a taint that is taken from them when they are ready; until then nothing is placed there. */
async function untilOpen({ api }: ServerProcess, count: number): Promise<void> {
  for (;;) {
    const { items } = await api.list({ kind: Nodes }, { resourceVersion: '0' })
    if (items.length === count && items.every(({ spec }) => !spec.taints?.length)) return
    // Asking for all nodes is work for the server too.
    await new Promise(resolve => setTimeout(resolve, 500 + count / 5))
  }
}
