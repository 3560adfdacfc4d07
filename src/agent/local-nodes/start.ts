import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { pauseArchive } from '../images/pause.ts'
import { cleanLocalNodes } from './clean.ts'
import { socketOf } from './engine.ts'

import { type LocalNetwork, type LocalNode, layOut, octetsInUse } from './layout.ts'
import { type AgentCommand, runLocalNode } from './local-node.ts'
import { createBridge, isForwarding, routes, setForwarding } from './network.ts'

export type { LocalNetwork, LocalNode } from './layout.ts'
export type { AgentCommand } from './local-node.ts'

export interface PrepareOptions {
  /** Of the whole cluster; nodes live below `nodes`. */
  readonly dataDir: string
  readonly names: readonly string[]
  readonly clock: Clock
}

/** The longest path that a unix socket can have, less what engines append. */
const MOST_SOCKET_PATH = 107 - '.ttrpc'.length

/** Cleans what an earlier run left, then makes the bridge, so that a server can listen on it before there are nodes. */
export async function prepareLocalNetwork({ dataDir: given, names, clock }: PrepareOptions): Promise<LocalNetwork> {
  await mkdir(join(given, 'nodes'), { recursive: true, mode: 0o711 })
  const dataDir = await realpath(given)
  await cleanLocalNodes(dataDir, clock)
  const network = layOut(dataDir, names, octetsInUse(await routes()))
  for (const node of network.nodes) {
    const socket = socketOf(node.engineDir)
    if (socket.length > MOST_SOCKET_PATH)
      throw new Error(`the data directory's path is too long for the engine's socket (${socket}): use --data-dir with a shorter one`)
  }
  const forwarding = await isForwarding()
  await writeFile(join(dataDir, 'nodes', '.forwarding'), forwarding ? '1' : '0')
  await createBridge(network)
  return network
}

export interface StartOptions {
  readonly dataDir: string
  readonly network: LocalNetwork
  /** Archives to import into every node. */
  readonly images: readonly string[]
  readonly agent: (node: LocalNode, socket: string) => AgentCommand
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface LocalNodes {
  /** Every engine answers and every agent has registered its node. */
  readonly started: Promise<void>
  /** Resolves when the signal has aborted and nothing is left: no process, mount, namespace, rule or cgroup. */
  readonly done: Promise<void>
}

export function startLocalNodes(options: StartOptions): LocalNodes {
  const { network, clock, log, signal, images, agent } = options
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const work = async (onStarted: () => void) => {
    const dataDir = await realpath(options.dataDir)
    const pause = join(dataDir, 'nodes', '.pause.tar')
    const archive = pauseArchive(process.arch)
    if (!archive) throw new Error(`no pause image for ${process.arch}: use --runtime simulated`)
    await writeFile(pause, archive)
    const missing = new Set(network.nodes)
    try {
      await Promise.all(
        network.nodes.map(async node => {
          const started = () => {
            if (missing.delete(node) && missing.size === 0) onStarted()
          }
          await runLocalNode({ network, node, pause, images, agent, clock, log, signal: either, onStarted: started })
        }),
      )
    } catch (error) {
      failed.abort()
      if (!signal.aborted) throw error
    } finally {
      await stopLocalNetwork(dataDir, clock)
    }
  }
  const started = Promise.withResolvers<void>()
  const done = work(started.resolve)
  done.then(started.resolve, started.reject)
  started.promise.catch(() => {})
  return { started: started.promise, done }
}

/** Takes down what `prepareLocalNetwork` made, with everything that lives on it. */
export async function stopLocalNetwork(dataDir: string, clock: Clock): Promise<void> {
  const { readFile, rm } = await import('node:fs/promises')
  const real = await realpath(dataDir)
  await cleanLocalNodes(real, clock)
  const note = join(real, 'nodes', '.forwarding')
  if ((await readFile(note, 'utf8').catch(() => '1')) === '0') await setForwarding(false)
  await rm(note, { force: true })
}
