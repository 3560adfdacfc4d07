import type { Api } from '../api/access.ts'
import type { Reports } from '../api/reports.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ON_NODE, podsByNode } from '../client/indexes.ts'
import { Informers } from '../client/informers.ts'
import { startRecorder } from '../client/recorder.ts'
import { Admission } from './admission.ts'
import { Nodes, Pods, Services } from './kinds.ts'
import { described, type NodeFacts } from './node/describe.ts'
import { keepNodes } from './node/keep.ts'
import { LeaseKeeper } from './node/leases.ts'
import { type HealthWatch, PodLoop } from './pod-loop.ts'
import { type SimulatedOptions, SimulatedRuntime } from './runtime/simulated/simulated.ts'
import { SETTLE_MS } from './status-writer.ts'
import { References } from './volumes/references.ts'

export interface SimulatedNodesOptions extends Omit<SimulatedOptions, 'clock' | 'recorder'> {
  readonly api: Api
  /** Takes what an agent writes all the time; the `api` does when absent. */
  readonly reports?: Reports
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly names: readonly string[]
  /** Shared with others in the process; must be run by their owner. Own ones when absent. */
  readonly informers?: Informers
  /** What a node says of itself, over the defaults. */
  readonly facts?: (name: string, index: number) => Partial<NodeFacts>
  readonly kubeletVersion?: string
  /** A number in [0, 1) for the jitter of reconnecting and the names of events. */
  readonly random?: () => number
  /**
   * Of a single node: asks of the server all that an agent on an engine asks. Services and what pods refer to are watched; events
   * of containers, statuses before a step and the last status of a pod are written.
   */
  readonly thorough?: boolean
  /** Called once all nodes are registered. */
  readonly onReady?: () => void
}

/** Many nodes that only pretend, behind one informer, one queue and one timer. Resolves when the signal has aborted. */
export async function runSimulatedNodes(options: SimulatedNodesOptions): Promise<void> {
  const { api, reports = api, clock, log, signal, names } = options
  const chance = options.random && { random: options.random }
  const informers = options.informers ?? new Informers({ api, clock, log, ...chance })
  const index = new Map(names.map((name, i) => [name, i]))
  const facts = (name: string): NodeFacts => {
    const i = index.get(name) ?? 0
    return { ...DEFAULTS, kubeletVersion: options.kubeletVersion ?? 'v1.36.0', name, addresses: [addressOf(i)], ...options.facts?.(name, i) }
  }
  const thorough = options.thorough && names[0] !== undefined ? { host: names[0] } : undefined
  const recorder = thorough && startRecorder({ api: reports, clock, log, component: 'kubelet', ...thorough, ...chance }, signal)
  const runtime = new SimulatedRuntime({ clock, recorder, ...(options.behaviour && { behaviour: options.behaviour }) })
  const leases = new LeaseKeeper({ api, reports, clock, log, signal, holder: node => node, ...chance })
  // An agent of one node may see no more than that node.
  const only = !options.informers && names.length === 1 ? names[0] : undefined
  const pods = informers.of(Pods, { indexes: podsByNode, ...(only !== undefined && { fieldSelector: `spec.nodeName=${only}` }) })
  const nodes = informers.of(Nodes, only === undefined ? {} : { fieldSelector: `metadata.name=${only}` })
  const admission = new Admission({ api, node: name => nodes.get(name) ?? described(facts(name), clock.now()), podsOn: name => pods.by(ON_NODE, name) })
  let references: References | undefined
  if (thorough) {
    informers.of(Services)
    references = new References({ api, clock, log, signal, onChange: () => {} })
  }
  const stopForgetting = pods.subscribe(({ object, old }) => {
    if (object && object.metadata.uid !== old?.metadata.uid) void references?.of(object)
    if (!old || object?.metadata.uid === old.metadata.uid) return
    admission.forget(old.metadata.uid)
    references?.release(old.metadata.uid)
  })
  let missing = names.length
  const loop = new PodLoop({
    reports,
    clock,
    log,
    signal,
    pods: {
      synced: Promise.all([pods.synced, nodes.synced]).then(() => {}),
      get: key => pods.get(key),
      list: () => pods.list(),
      by: (name, value) => pods.by(name, value),
      subscribe: l => pods.subscribe(l),
    },
    mine: pod => index.has(pod.spec.nodeName ?? ''),
    runtime,
    hostIPs: name => facts(name).addresses,
    health: () => ASSUMED,
    workers: 256,
    recorder,
    ...(thorough && { finalStatus: true, everyStatus: true, settleMs: SETTLE_MS }),
    judge: (pod, _now, runs, s) => admission.judge(pod, runs, s),
  })
  const ours = options.informers ? Promise.resolve() : informers.run(signal)
  const keeper = nodes.synced.then(() => {
    const kept = keepNodes({
      api,
      clock,
      log,
      signal,
      nodes,
      names,
      facts,
      health: () => ({}),
      onRegistered: node => {
        void leases.keep(node.metadata.name, node.metadata.uid).then(() => {
          if (--missing === 0) options.onReady?.()
        })
      },
      onGone: name => {
        leases.drop(name)
        index.delete(name)
      },
    })
    return kept.done
  })
  if (names.length === 0) options.onReady?.()
  await Promise.all([loop.run(), leases.run(), ours, recorder?.done, Promise.race([keeper, aborted(signal)])]).finally(stopForgetting)
}

const MIB = 1024 * 1024
const DEFAULTS: Omit<NodeFacts, 'name' | 'addresses' | 'kubeletVersion'> = {
  cpus: 8,
  memoryBytes: 32_768 * MIB,
  ephemeralBytes: 100 * 1024 * MIB,
  maxPods: 110,
  reserved: { cpuMillis: 0, memoryBytes: 0, ephemeralBytes: 0 },
  os: 'linux',
  arch: 'amd64',
  osImage: 'simulated',
  kernel: 'simulated',
  machineId: 'simulated',
  bootId: 'simulated',
  runtime: 'simulated://',
  labels: {},
  taints: [],
}

/** Simulated containers pass every probe and hook there is. */
const PASSED = { postStarted: true, started: true, ready: true }
const ASSUMED: HealthWatch = {
  of: () => ({ get: () => PASSED }),
  look() {},
  forget() {},
  beforeStop: async (_pod, step) => step.graceSeconds,
}

/** Addresses of 172.16.0.0/12, one after the other. */
const addressOf = (i: number): string => `172.${16 + ((i + 1) >> 16)}.${((i + 1) >> 8) & 255}.${(i + 1) & 255}`

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
