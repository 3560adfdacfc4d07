import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { cgroupOf, idOf } from '../agent/local-nodes/layout.ts'
import { processesOf } from '../agent/local-nodes/processes.ts'
import { machineAddresses } from '../agent/node/facts.ts'
import { sleep, systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { writeKubeconfig } from '../client/node/write-kubeconfig.ts'
import { keptCertificate } from '../server/tls/kept-certificate.ts'
import { nodeRequest } from '../server/tls/requests.ts'
import type { LocalRuntime } from './choose-runtime.ts'
import { Failure } from './failure.ts'
import type { RunningServer } from './start-server.ts'

export interface MachineNodeOptions {
  readonly runtime: Extract<LocalRuntime, { kind: 'engine' | 'processes' }>
  readonly shareEngine: boolean
  readonly images: readonly string[]
  readonly logLevel: string
  readonly dataDir: string
  readonly server: RunningServer
  readonly log: Log
}

const RESTART_MS = 1000
const PATIENCE_MS = 10_000
const LOOK_MS = 20

export interface MachineNode {
  /** Resolves when the agent has registered; rejects when it ended before. */
  readonly registered: Promise<void>
  stop(): Promise<void>
}

/** Starts the agent of this machine as a child process, on an engine that is there or on plain processes. */
export async function runMachineNode({ runtime, shareEngine, images, logLevel, dataDir, server, log }: MachineNodeOptions): Promise<MachineNode> {
  const node = hostname().toLowerCase()
  const root = await realpath(dataDir)
  const directory = join(root, 'nodes', node)
  const pki = join(directory, 'pki')
  await mkdir(pki, { recursive: true, mode: 0o700 })
  const { authority } = server
  const { certificate, key } = await keptCertificate({ authority, directory: pki, file: 'agent', request: nodeRequest(node), clock: systemClock })
  const kubeconfig = join(pki, 'kubeconfig')
  await writeKubeconfig(kubeconfig, { server: server.url, authority: authority.certificate, certificate, key, name: 'everynode' })
  const cgroup = `${cgroupOf(idOf(root))}/${node}`
  const words = ['agent', '--kubeconfig', kubeconfig, '--node-name', node, '--data-dir', directory, '--log-level', logLevel]
  const more =
    runtime.kind === 'processes'
      ? [
          '--runtime',
          'processes',
          '--cgroup-root',
          cgroup,
          '--log-root',
          join(directory, 'log'),
          ...machineAddresses().flatMap(address => ['--address', address]),
        ]
      : ['--cri', runtime.socket, ...(shareEngine ? ['--share-engine'] : []), ...images.flatMap(image => ['--images', image])]
  const cli = join(import.meta.dirname, 'cli.ts')
  await endLeftAgents(root, directory)
  const start = () => spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...words, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
  let child = start()
  const registered = firstRegistration(child)
  registered.catch(() => {})
  const stopping = new AbortController()
  const keepAlive = async () => {
    await registered
    for (;;) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
      if (stopping.signal.aborted) return
      log.warn('the agent of this machine ended and is started again', { node })
      await sleep(systemClock, RESTART_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      child = start()
      child.stdout.resume()
    }
  }
  const running = keepAlive().catch(() => {})
  const stop = async () => {
    stopping.abort()
    child.kill('SIGTERM')
    await running
    if (runtime.kind === 'processes') {
      const { endAllProcesses } = await import('../agent/runtime/processes/end-all.ts')
      await endAllProcesses(join(directory, 'agent'), cgroupOf(idOf(root)), systemClock)
    }
  }
  return { registered, stop }
}

async function firstRegistration(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  const registered = new Promise<void>(resolve => child.stdout.on('data', (text: Buffer) => text.toString().includes('is registered') && resolve()))
  const ended = once(child, 'close').then(() => {
    throw new Failure('the agent of this machine ended; what it said stands above')
  })
  ended.catch(() => {})
  await Promise.race([registered, ended])
}

/** An `up` that was killed leaves its agent behind, which would go on beside ours. */
async function endLeftAgents(root: string, directory: string): Promise<void> {
  for (const end = systemClock.now() + PATIENCE_MS; systemClock.now() < end; ) {
    const left = await processesOf(root, cgroupOf(idOf(root)))
    const lines = await Promise.all(left.map(async pid => ({ pid, words: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0') })))
    const agents = lines.filter(({ words }) => words.includes('agent') && words[words.indexOf('--data-dir') + 1] === directory)
    if (agents.length === 0) return
    for (const { pid } of agents) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended meanwhile.
      }
    }
    await sleep(systemClock, LOOK_MS)
  }
}
