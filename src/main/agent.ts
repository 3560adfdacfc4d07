import { createHash, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { RuntimeChoice } from '../agent/runtime/open-backend.ts'
import type { StatusError } from '../api/meta/status.ts'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { giveBackMemory } from '../base/node/give-back-memory.ts'
import { HttpApi } from '../client/http/rest.ts'
import { readKnownServers, writeKnownServers } from '../client/node/known-servers.ts'
import { type Connection, readKubeconfig } from '../client/node/kubeconfig.ts'
import { AGENT_RESTS_MS, runNodeLink } from '../client/node/link.ts'
import { LinkReports } from '../client/node/link-reports.ts'
import { LinkRequests } from '../client/node/link-requests.ts'
import { liveConnection } from '../client/node/live-connection.ts'
import { defaultDataDir, openDataDir } from './data-dir.ts'
import { Failure, usage } from './failure.ts'
import { imageFiles } from './image-files.ts'
import { joinCluster } from './join.ts'
import { hasConverted, leaveConverter } from './lean-process.ts'
import { type Level, openLog } from './log.ts'
import { keepAgentRenewed } from './renew-agent.ts'
import { untilStopped } from './until-stopped.ts'
import { KUBELET_VERSION, VERSION } from './version.ts'

export interface AgentFlags {
  readonly server?: string
  readonly token?: string
  readonly caHash?: string
  readonly kubeconfig?: string
  readonly nodeName?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly string[]
  readonly runtime: 'auto' | 'containers' | 'processes' | 'simulated'
  readonly cri?: string
  readonly shareEngine: boolean
  readonly images?: readonly string[]
  readonly staticPods?: string
  readonly dataDir?: string
  readonly logLevel: Level
  /** The node's address, its own first; found out when absent. */
  readonly address?: readonly string[]
  readonly podCidr?: string
  readonly logRoot?: string
  readonly cgroupRoot?: string
  /** Where pods reach the API, `HOST:PORT`; the server's own address when absent. */
  readonly apiAddress?: string
}

const USER_AGENT = `everynode-agent/${VERSION}`
const SOCKETS = ['/run/containerd/containerd.sock', '/run/crio/crio.sock']

/** `everynode agent`: joins if it has to, then runs the pods of this machine until it is told to stop. */
export async function runAgentVerb(flags: AgentFlags): Promise<void> {
  const dataDir = join(openDataDir(flags.dataDir ?? defaultDataDir()), 'agent')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const log = openLog(flags.logLevel)
  const node = flags.nodeName ?? hostname().toLowerCase()
  const taints = (flags.taints ?? []).map(parseTaint)
  if (flags.runtime === 'processes' && flags.cri !== undefined) throw usage('--cri names an engine and --runtime processes wants none; give one of them')
  if (flags.runtime !== 'simulated') await loadAll(flags.runtime)
  await untilStopped(async signal => {
    const given = await credentials(flags, node, dataDir, signal)
    const named = flags.server ?? (flags.kubeconfig === undefined ? undefined : given.server)
    const connection = liveConnection(given, [...(named === undefined ? [] : [new URL(named).origin]), ...(await readKnownServers(dataDir))])
    const requests = new LinkRequests()
    const onReach = tellOn(log, connection)
    const api = new HttpApi(connection, { userAgent: USER_AGENT, watchesWait: true, elsewhere: requests, onReach, restMs: AGENT_RESTS_MS })
    const stop = new AbortController()
    const registered = Promise.withResolvers<void>()
    const onAddresses = (addresses: readonly string[]) => {
      writeKnownServers(dataDir, connection.learn(addresses)).catch(error => log.warn('cannot keep the addresses of the server', { error }))
    }
    const reports = new LinkReports({ api, clock: systemClock })
    const common = { api, reports, requests, clock: systemClock, log, signal: AbortSignal.any([signal, stop.signal]), onAddresses, onReach }
    const running =
      flags.runtime === 'simulated'
        ? simulated(flags, node, connection, common, registered.resolve)
        : real(flags, node, dataDir, connection, taints, common, registered.resolve)
    const kubeconfig = flags.kubeconfig ?? join(dataDir, 'kubeconfig')
    const renewing = keepAgentRenewed({ ...common, connection, node, kubeconfig })
    await Promise.race([registered.promise, running])
    void giveBackMemory(systemClock, common.signal)
    process.stdout.write(`node ${node} is registered with ${connection.server}\n`)
    return async () => {
      stop.abort()
      await Promise.all([running, renewing])
      api.close()
    }
  })
}

/** Loads what an agent runs with, before anything has begun; what had to be converted for that is not converted in this process. */
async function loadAll(runtime: AgentFlags['runtime']): Promise<void> {
  await import('../agent/agent.ts')
  await import('../agent/streams/serve.ts')
  await import('../agent/static-pods.ts')
  const { loadBackend } = await import('../agent/runtime/open-backend.ts')
  await loadBackend(runtime === 'processes' ? 'processes' : 'engine')
  if (!hasConverted()) return
  // What static pods are read with is loaded by the first one: it must not be converted then.
  await Promise.all([import('../api/yaml/read.ts'), import('../api/kinds/core/pod.ts')])
  leaveConverter()
}

/** An agent goes on without its server; whoever reads its log should know that it does. */
function tellOn(log: Log, connection: Connection): (error: StatusError | undefined) => void {
  let away = false
  return error => {
    if (away === (error !== undefined)) return
    away = error !== undefined
    if (error) log.warn('the server cannot be reached, trying again', { error })
    else log.info('the server is reached again', { server: connection.server })
  }
}

interface Common {
  readonly api: HttpApi
  readonly reports: LinkReports
  readonly requests: LinkRequests
  readonly clock: typeof systemClock
  readonly log: Log
  readonly signal: AbortSignal
  readonly onAddresses: (addresses: readonly string[]) => void
  readonly onReach: (error: StatusError | undefined) => void
}

async function simulated(flags: AgentFlags, node: string, connection: Connection, common: Common, onReady: () => void): Promise<void> {
  const { runSimulatedNodes } = await import('../agent/simulated-nodes.ts')
  const { simulatedStream } = await import('../agent/streams/simulated.ts')
  const running = runSimulatedNodes({
    ...common,
    names: [node],
    kubeletVersion: KUBELET_VERSION,
    facts: () => ({ ...(flags.labels && { labels: flags.labels }) }),
    onReady,
  })
  await Promise.all([running, runNodeLink({ ...common, connection, userAgent: USER_AGENT, node, random: Math.random, onStream: simulatedStream })])
}

async function real(
  flags: AgentFlags,
  node: string,
  dataDir: string,
  connection: Connection,
  taints: readonly { key: string; value?: string; effect: string }[],
  common: Common,
  onRegistered: () => void,
): Promise<void> {
  const runtime = runtimeOf(flags)
  const { runAgent } = await import('../agent/agent.ts')
  // Without the server a node goes by the address it has.
  const { machineAddresses } = await import('../agent/node/facts.ts')
  const archives = await imageFiles(flags.images ?? [])
  if (archives.length > 0 && runtime.kind === 'engine') {
    const { importImage } = await import('../agent/local-nodes/engine.ts')
    for (const archive of archives) await importImage(runtime.socket, archive)
  }
  const server = new URL(connection.server)
  const [host, port] = flags.apiAddress ? splitAddress(flags.apiAddress) : [server.hostname, Number(server.port) || 443]
  await runAgent({
    ...common,
    nodeName: node,
    cluster: clusterOf(connection),
    dataDir,
    runtime,
    addresses: flags.address ?? (await addressTowards(server.hostname, Number(server.port) || 443).then(found => [found], machineAddresses)),
    ...(flags.labels && { labels: flags.labels }),
    taints,
    podCIDR: flags.podCidr,
    logRoot: flags.logRoot,
    cgroupRoot: flags.cgroupRoot,
    staticPods: flags.staticPods,
    apiAddress: { host, port },
    kubeletVersion: KUBELET_VERSION,
    link: (onStream, signal) =>
      runNodeLink({
        connection,
        reports: common.reports,
        requests: common.requests,
        userAgent: USER_AGENT,
        node,
        clock: systemClock,
        log: common.log,
        signal,
        random: Math.random,
        onStream,
        onAddresses: common.onAddresses,
        onReach: common.onReach,
      }),
    onRegistered,
  })
}

function runtimeOf(flags: AgentFlags): RuntimeChoice {
  if (flags.runtime === 'processes') return { kind: 'processes' }
  const socket = flags.cri ?? SOCKETS.find(existsSync)
  if (socket) return { kind: 'engine', socket, share: flags.shareEngine }
  const instead = 'Start containerd, name its socket with --cri, or use --runtime processes or simulated'
  throw new Failure(`no container engine: none of ${SOCKETS.join(', ')} is there. ${instead}`)
}

/** The credentials of this node: those named, those kept from an earlier join, or new ones for a token. */
async function credentials(flags: AgentFlags, node: string, directory: string, signal: AbortSignal): Promise<Connection> {
  if (flags.kubeconfig !== undefined) return readKubeconfig({ file: flags.kubeconfig })
  const kept = join(directory, 'kubeconfig')
  if (existsSync(kept)) {
    const connection = await readKubeconfig({ file: kept })
    const ends = connection.certificate ? new X509Certificate(connection.certificate).validToDate : undefined
    const good = ends !== undefined && ends.getTime() > Date.now()
    // Wherever the server is, it has to show the authority of before.
    if (good && flags.token === undefined) return connection
    if (!good && flags.token === undefined) {
      const again = 'run `everynode token create` on the server and start this agent once with its --token; node and pods stay as they are'
      throw new Failure(`the certificate of this node ran out on ${ends?.toISOString().slice(0, 10)}: ${again}`)
    }
  }
  if (flags.server === undefined || flags.token === undefined)
    throw usage('--server and --token are wanted to join a cluster (`everynode token create` on the server prints the line), or --kubeconfig with credentials')
  return readKubeconfig({ file: await joinCluster({ server: flags.server, token: flags.token, caHash: flags.caHash, node, directory, signal }) })
}

/** Tells the pods of one cluster from those of another in the same engine. */
const clusterOf = ({ authority, server }: Connection): string =>
  createHash('sha256')
    .update(authority ?? server)
    .digest('hex')
    .slice(0, 16)

/** The address of this machine that the way to the server starts from. */
function addressTowards(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, timeout: 10_000 })
    socket.once('connect', () => {
      const { localAddress = '127.0.0.1' } = socket
      socket.destroy()
      resolve(localAddress)
    })
    socket.once('timeout', () => socket.destroy(new Error('no answer in 10 s')))
    socket.once('error', error => reject(new Failure(`cannot reach the server at ${host}:${port}: ${error.message}`, 1, { cause: error })))
  })
}

function splitAddress(text: string): [host: string, port: number] {
  const at = text.lastIndexOf(':')
  return [text.slice(0, at).replace(/^\[|\]$/g, ''), Number(text.slice(at + 1))]
}

function parseTaint(text: string): { key: string; value?: string; effect: string } {
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text) ?? []
  if (!key || !effect) throw usage(`--taints "${text}": wanted key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute`)
  return { key, ...(value && { value }), effect }
}
