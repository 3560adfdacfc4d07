import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { PAUSE_IMAGE } from '../images/pause.ts'
import { withCri } from '../runtime/cri/client.ts'
import { importImage, socketOf, startEngine } from './engine.ts'
import type { LocalNetwork, LocalNode } from './layout.ts'
import { livesIn, mendNamespace } from './network.ts'

/** How a node's agent is started; it gets the node's network, and the node's files are its only home. */
export interface AgentCommand {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface LocalNodeOptions {
  readonly network: LocalNetwork
  readonly node: LocalNode
  /** Archive of the pause image. */
  readonly pause: string
  readonly images: readonly string[]
  readonly agent: (node: LocalNode, socket: string) => AgentCommand
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const RESTART_MS = 1000
const LOOK_MS = 2000
const AGENT_GRACE_MS = 5000
const STOP_SECONDS = 2
const RUNNING = 1

/**
 * Runs one local node, an engine and an agent in its namespace, and starts either again when it dies; both in a new namespace when
 * theirs is gone, as after a reboot. `onStarted` is called each time an agent says on stdout that its node is registered. Resolves
 * when all has stopped; throws when the engine cannot be started to begin with.
 */
export async function runLocalNode(options: LocalNodeOptions & { readonly onStarted: () => void }): Promise<void> {
  const { network, node, clock, log, signal } = options
  for (const dir of [node.dir, node.agentDir, node.logRoot]) await mkdir(dir, { recursive: true, mode: 0o711 })
  const config = { dir: node.engineDir, netns: `/run/netns/${node.netns}`, cni: { bridge: 'cni0', podCIDR: node.podCIDR, masquerade: false } }
  const stopEngine = new AbortController()
  await mendNamespace(network, node)
  let engine = await startEngine(config, clock, signal)
  let agent: ChildProcess | undefined

  /** Whoever starts next makes the namespace; who lives in the old one must end. */
  const mend = inTurn(async () => {
    if (!(await mendNamespace(network, node))) return
    log.warn('the network namespace of a local node was gone and is made again', { node: node.name })
    engine.kill('SIGKILL')
    agent?.kill('SIGKILL')
  })
  const engineRuns = keepAlive(options, 'engine', stopEngine.signal, async () => {
    await exited(engine)
    if (stopEngine.signal.aborted) return
    log.warn('the engine of a local node ended and is started again', { node: node.name })
    await sleep(clock, RESTART_MS, stopEngine.signal)
    await mend()
    engine = await startEngine(config, clock, stopEngine.signal)
  })
  /** An engine without its namespace or socket serves nobody. */
  const watch = keepAlive(options, 'engine', stopEngine.signal, async () => {
    await sleep(clock, LOOK_MS, stopEngine.signal)
    if (isOver(engine) || ((await livesIn(node.netns, engine.pid ?? 0)) && existsSync(socketOf(node.engineDir)))) return
    engine.kill('SIGKILL')
    await exited(engine)
  })
  try {
    await importImages(options)
    await keepAlive(options, 'agent', signal, async () => {
      await mend()
      agent = startAgent(options)
      agent.stdout?.once('data', options.onStarted)
      await untilEnded(agent, clock, signal)
      if (signal.aborted) return
      log.warn('the agent of a local node ended and is started again', { node: node.name, log: agentLog(node) })
      await sleep(clock, RESTART_MS, signal)
    })
  } finally {
    await stopPods(node).catch(error => log.debug('pods of a local node could not be stopped in order', { node: node.name, error }))
    stopEngine.abort()
    engine.kill('SIGTERM')
    await Promise.all([engineRuns, watch])
  }
}

/** Takes one turn after the other until the signal aborts; a turn that fails is not the last. */
async function keepAlive({ node, clock, log }: LocalNodeOptions, what: string, signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await turn()
    } catch (error) {
      if (signal.aborted) return
      log.warn('a local node could not be kept running, trying again', { node: node.name, what, error: (error as Error).message })
      await sleep(clock, RESTART_MS, signal).catch(() => {})
    }
  }
}

/** The work, never twice at the same time. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

/** Resolves when the agent has ended; asks it to, and then makes it, once the signal aborts. */
async function untilEnded(agent: ChildProcess, clock: Clock, signal: AbortSignal): Promise<void> {
  let force: (() => void) | undefined
  const stop = () => {
    agent.kill('SIGTERM')
    force = clock.after(AGENT_GRACE_MS, () => agent.kill('SIGKILL'))
  }
  signal.addEventListener('abort', stop, { once: true })
  const gone = exited(agent)
  if (signal.aborted) stop()
  await gone.finally(() => signal.removeEventListener('abort', stop))
  force?.()
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const exited = async (child: ChildProcess): Promise<void> => {
  if (!isOver(child)) await once(child, 'exit')
}

const agentLog = (node: LocalNode): string => join(node.dir, 'agent.log')

function startAgent({ node, agent }: LocalNodeOptions): ChildProcess {
  const { command, env } = agent(node, socketOf(node.engineDir))
  const log = openSync(agentLog(node), 'a', 0o600)
  const child = spawn('nsenter', [`--net=/run/netns/${node.netns}`, ...command], {
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, ...env },
    detached: true,
  })
  closeSync(log)
  child.once('error', () => {})
  child.stdout?.on('error', () => {}).resume()
  return child
}

/** Only what the engine does not have yet. */
async function importImages({ node, pause, images }: LocalNodeOptions): Promise<void> {
  const socket = socketOf(node.engineDir)
  const { image } = await withCri(socket, client => client.imageStatus({ image: { image: PAUSE_IMAGE } }))
  if (!image) await importImage(socket, pause)
  for (const archive of images) await importImage(socket, archive)
}

/** Stops every container with a short grace and gives back every address. */
async function stopPods(node: LocalNode): Promise<void> {
  await withCri(socketOf(node.engineDir), async client => {
    const { containers = [] } = await client.listContainers({ filter: { state: { state: RUNNING } } })
    await Promise.allSettled(containers.map(c => client.stopContainer({ container_id: c.id ?? '', timeout: STOP_SECONDS })))
    const { items = [] } = await client.listPodSandbox({})
    await Promise.allSettled(items.filter(i => !i.state).map(i => client.stopPodSandbox({ pod_sandbox_id: i.id ?? '' })))
  })
}
