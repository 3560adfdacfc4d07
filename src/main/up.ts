import type { Duplex } from 'node:stream'
import type { LocalNetwork } from '../agent/local-nodes/start.ts'
import type { StreamRequest } from '../api/node-stream.ts'
import { orAborted } from '../base/aborted.ts'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { keepLargeApart } from '../base/node/c-memory.ts'
import { findProgram } from '../base/node/find-program.ts'
import { giveBackMemory } from '../base/node/give-back-memory.ts'
import { collectLargeHeapLess } from '../base/node/large-heap.ts'
import { chooseRuntime, type LocalRuntime } from './choose-runtime.ts'
import { defaultDataDir, openDataDir } from './data-dir.ts'
import { Failure } from './failure.ts'
import { imageFiles } from './image-files.ts'
import { type Level, openLog } from './log.ts'
import { beginToOpen } from './open-store.ts'
import type { RunningControllers } from './start-controllers.ts'
import type { AuditFlags, RunningServer } from './start-server.ts'
import { untilStopped } from './until-stopped.ts'
import { KUBELET_VERSION } from './version.ts'

export interface UpFlags extends AuditFlags {
  readonly nodes?: number
  readonly simulated: number
  readonly runtime: 'auto' | 'containers' | 'processes' | 'simulated'
  readonly cri?: string
  readonly shareEngine: boolean
  readonly dataDir?: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly kubeconfig?: string
  readonly images?: readonly string[]
  readonly apply?: readonly string[]
  readonly logLevel: Level
}

const say = (text: string) => void process.stdout.write(text)
const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`)

/** `everynode up`: a server and nodes in one go, in the foreground. */
export async function up(flags: UpFlags): Promise<void> {
  keepLargeApart()
  const nodes = flags.nodes ?? (flags.cri === undefined && flags.runtime !== 'processes' ? 3 : 1)
  const runtime = chooseRuntime({
    runtime: flags.runtime,
    nodes,
    cri: flags.cri,
    root: process.getuid?.() === 0,
    linux: process.platform === 'linux',
    containerd: findProgram('containerd') !== undefined,
  })
  if ('impossible' in runtime) throw new Failure(runtime.impossible, 2)
  const dataDir = openDataDir(flags.dataDir ?? defaultDataDir())
  const log = openLog(flags.logLevel)
  if (runtime.kind === 'simulated' && runtime.why) say(`${runtime.why}\n`)
  await untilStopped(signal => bringUp({ flags, nodes, runtime, dataDir, log, signal }))
}

interface Situation {
  readonly flags: UpFlags
  readonly nodes: number
  readonly runtime: LocalRuntime
  readonly dataDir: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** Starts everything in order and gives back how to stop it, in the opposite order; a start that fails takes down what it made. */
async function bringUp({ flags, nodes, runtime, dataDir, log, signal }: Situation): Promise<() => Promise<void>> {
  const clock = systemClock
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one().catch(error => log.warn('stopping was not smooth', { error }))
  }
  try {
    const images = await imageFiles(flags.images ?? [])
    const names = numbered('node', runtime.kind === 'containers' ? nodes : 0)
    let network: LocalNetwork | undefined
    const alsoListen = async () => {
      const { prepareLocalNetwork, stopLocalNetwork } = await import('../agent/local-nodes/start.ts')
      network = await prepareLocalNetwork({ dataDir, names, clock })
      stops.push(() => stopLocalNetwork(dataDir, clock))
      return [network.address]
    }
    const opening = beginToOpen(dataDir, clock, log)
    const [{ startServer }, { startControllers }] = await Promise.all([import('./start-server.ts'), import('./start-controllers.ts')])
    const server = await startServer({
      dataDir,
      opening,
      listen: flags.listen,
      ...(names.length > 0 && { alsoListen }),
      kubeconfig: flags.kubeconfig,
      audit: flags,
      clock,
      log,
      signal,
    })
    stops.push(() => server.close())
    server.markReady()
    const controllers = startControllers({ server, clock, log })
    stops.push(() => controllers.stop())
    await controllers.ready

    const simulated = numbered('sim', flags.simulated + (runtime.kind === 'simulated' ? nodes : 0))
    if (simulated.length > 0) stops.push(await simulate(simulated, server, controllers, log))
    if (network) {
      const { runLocalNodes } = await import('./local-nodes.ts')
      const ending = new AbortController()
      const local = await runLocalNodes({ network, dataDir, server, images, logLevel: flags.logLevel, clock, log, signal: ending.signal })
      stops.push(() => {
        ending.abort()
        return local.done
      })
      await orAborted(local.started, signal)
    }
    if (runtime.kind === 'engine' || runtime.kind === 'processes') {
      const { runMachineNode } = await import('./machine-node.ts')
      const machine = await runMachineNode({ runtime, shareEngine: flags.shareEngine, images, logLevel: flags.logLevel, dataDir, server, log })
      stops.push(() => machine.stop())
      await orAborted(machine.registered, signal)
    }
    say(`everynode is ready on ${server.url}\n  export KUBECONFIG=${server.kubeconfig}\n`)
    if (flags.apply?.length) {
      const { applyAll } = await import('./apply.ts')
      await applyAll(server.apiAs('everynode-apply', ['system:masters']), flags.apply, line => say(`${line}\n`))
    }
    const watching = new AbortController()
    const { showLiveLines } = await import('./report.ts')
    void giveBackMemory(clock, watching.signal)
    void collectLargeHeapLess({ clock, signal: watching.signal })
    showLiveLines(controllers.informers, process.stdout, clock, watching.signal)
    stops.push(async () => watching.abort())
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** Simulated nodes in this process; resolves when they are registered, with the way to stop them. */
async function simulate(names: readonly string[], server: RunningServer, controllers: RunningControllers, log: Log): Promise<() => Promise<void>> {
  const { runSimulatedNodes } = await import('../agent/simulated-nodes.ts')
  const { simulatedStream } = await import('../agent/streams/simulated.ts')
  const ending = new AbortController()
  const registered = Promise.withResolvers<void>()
  const onStream = (request: StreamRequest, stream: Duplex) => simulatedStream(request, stream)
  const away = names.map(name => server.links.addLocal(name, onStream))
  const running = runSimulatedNodes({
    api: server.apiAs('system:everynode:simulated-nodes'),
    clock: systemClock,
    log,
    signal: ending.signal,
    names,
    kubeletVersion: KUBELET_VERSION,
    informers: controllers.informers,
    onReady: registered.resolve,
  })
  await Promise.race([registered.promise, running])
  return async () => {
    ending.abort()
    for (const take of away) take()
    await running
  }
}
