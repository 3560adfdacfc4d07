import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Api } from '../api/access.ts'
import type { StreamRequest } from '../api/node-stream.ts'
import type { Reports } from '../api/reports.ts'
import type { Lease } from '../api/types/coordination.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { equal } from '../base/equal.ts'
import type { Log } from '../base/log.ts'
import { Informer, keyOf } from '../client/informer.ts'
import { startRecorder } from '../client/recorder.ts'
import { Admission } from './admission.ts'
import { pastDeadline } from './deadline.ts'
import type { ApiAddress } from './env/services.ts'
import { keepHouse } from './housekeeping.ts'
import { Leases, Nodes, Pods, Services } from './kinds.ts'
import type { NodeFacts, NodeHealth } from './node/describe.ts'
import { described, nodeStatusOf } from './node/describe.ts'
import { gatherFacts } from './node/facts.ts'
import { instanceId } from './node/instance.ts'
import { keepNodes } from './node/keep.ts'
import { LeaseKeeper } from './node/leases.ts'
import type { NodePaths } from './pod-files.ts'
import { PodLoop } from './pod-loop.ts'
import { PodSetup } from './pod-setup.ts'
import { AssignedPods, isMirror, isStatic, MIRROR } from './pod-source.ts'
import { endForCritical } from './preempt-pods.ts'
import type { Eviction } from './pressure/plan.ts'
import type { Pressures } from './pressure/shortfalls.ts'
import { HealthKeeper } from './probes/health-keeper.ts'
import { openBackend, type RuntimeChoice } from './runtime/open-backend.ts'
import { openShelf } from './shelf.ts'
import { readMachine } from './stats/read.ts'
import { StatsSampler } from './stats/sampler.ts'
import { SETTLE_MS } from './status-writer.ts'
import { References } from './volumes/references.ts'
import { Tokens } from './volumes/tokens.ts'

export interface AgentOptions {
  readonly api: Api
  /** Takes what the agent writes all the time; the `api` does when absent. */
  readonly reports?: Reports | undefined
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly nodeName: string
  /** Tells this cluster's pods in the engine from others'. */
  readonly cluster: string
  /** The agent's own directory. */
  readonly dataDir: string
  readonly runtime: RuntimeChoice
  /** The node's addresses, its own first. */
  readonly addresses: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: NodeFacts['taints']
  readonly podCIDR?: string | undefined
  /** Where this node's container logs lie; `/var/log` when absent. */
  readonly logRoot?: string | undefined
  /** Cgroup under which those of the pods lie; `/everynode` when absent. */
  readonly cgroupRoot?: string | undefined
  /** Where pods reach the API. */
  readonly apiAddress: ApiAddress
  readonly kubeletVersion: string
  readonly machineId?: string | undefined
  /** Manifests of pods that run whether or not the server knows of them; `static-pods` in the agent's directory when absent. */
  readonly staticPods?: string | undefined
  /** Keeps the connection over which the server opens streams; ends with the signal. */
  readonly link?: (onStream: (request: StreamRequest, stream: Duplex) => void, signal: AbortSignal) => Promise<void>
  /** Called once the node is registered. */
  readonly onRegistered?: () => void
}

const ANSWER_MS = 5000
const HEALTH_MS = 10_000
const REFRESH_MS = 5000
const LEASE_NAMESPACE = 'kube-node-lease'

/** A node agent. Resolves when the signal has aborted; throws when it cannot be this node. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { api, reports = api, clock, log, nodeName, dataDir } = options
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const owner = { cluster: options.cluster, node: nodeName, cgroup: options.cgroupRoot ?? '/everynode' }
  const opened = await openBackend(options.runtime, owner)
  const holder = `${nodeName}_${await instanceId(dataDir)}`
  await refuseSecondAgent(options, holder)
  const { paths, mapHostPath } = await placesOf(options)
  const facts = await gatherFacts({
    name: nodeName,
    addresses: options.addresses,
    dataDir,
    runtime: `${opened.name}://${opened.version}`,
    kubeletVersion: options.kubeletVersion,
    labels: options.labels ?? {},
    taints: options.taints ?? [],
    podCIDR: options.podCIDR,
    machineId: options.machineId,
  })
  const allocatable = nodeStatusOf(facts, {}, undefined, clock.now()).allocatable ?? {}
  const recorder = startRecorder({ api: reports, clock, log, component: 'kubelet', host: nodeName }, signal)
  const pods = new Informer({
    api,
    clock,
    log,
    target: { kind: Pods, fieldSelector: `spec.nodeName=${nodeName}` },
    indexes: { uid: pod => pod.metadata.uid },
  })
  const nodes = new Informer({ api, clock, log, target: { kind: Nodes, fieldSelector: `metadata.name=${nodeName}` } })
  const services = new Informer({ api, clock, log, target: { kind: Services }, indexes: { namespace: s => s.metadata.namespace ?? '' } })
  const shelf = openShelf(dataDir)
  const assigned = new AssignedPods({ informer: pods, needs: nodes.synced, shelf: shelf.pods, clock, log, signal })
  const podOf = (uid: string) => [...assigned.by('uid', uid)][0]
  const references = new References({ api, clock, log, signal, onChange: uid => refresh(uid), store: shelf.references, patient: () => assigned.complete })
  const tokens = new Tokens({ api, clock })
  const setup = new PodSetup({
    paths,
    mapHostPath,
    references,
    tokens,
    recorder,
    hostIPs: () => options.addresses,
    allocatable: () => allocatable,
    memoryBytes: facts.memoryBytes,
    recursiveReadOnly: opened.abilities.recursiveReadOnly,
    api: options.apiAddress,
    services: namespace => services.by('namespace', namespace),
  })
  const backend = opened.backend({ api, clock, setup, recorder, podOf, hostIPs: () => options.addresses, pulled: shelf.pulled })
  const { runtime } = backend
  let pressures: Partial<Pressures> = {}
  const evicted = new Map<string, Eviction>()
  const evict = (eviction: Eviction) => {
    evicted.set(eviction.uid, eviction)
    loop.look(eviction.uid)
  }
  const admission = new Admission({
    api,
    node: () => nodes.get(nodeName) ?? described(facts, clock.now()),
    podsOn: () => assigned.list(),
    recorder,
    abilities: opened.abilities,
    pressures: () => pressures,
    preempt: (victims, s) => endForCritical(victims, { evict, runtime, recorder, clock, signal: s }),
  })
  const loop = new PodLoop({
    reports,
    clock,
    log,
    signal,
    pods: assigned,
    shownAs: pod => {
      if (!isStatic(pod)) return pod
      const mirror = pods.get(keyOf(pod))
      return mirror && isMirror(mirror) ? mirror : undefined
    },
    runtime,
    hostIPs: () => options.addresses,
    health: changed => new HealthKeeper({ clock, signal, runtime, recorder, hostIPs: () => options.addresses, changed }),
    recorder,
    finalStatus: true,
    settleMs: SETTLE_MS,
    abilities: opened.abilities,
    placeOf: () => ({ node: admission.node(nodeName), admitted: admission.admittedOn(nodeName), able: opened.abilities.resize }),
    // Without the server only pods that were assigned before are known.
    judge: async (pod, now, runs, s) => (await admission.judge(pod, runs || !assigned.complete, s)) ?? evicted.get(pod.metadata.uid) ?? pastDeadline(pod, now),
  })

  /** What a pod refers to has changed: its files, and whatever failed for want of it. */
  function refresh(uid: string): void {
    const pod = podOf(uid)
    if (!pod) return
    loop.retry(uid)
    refreshFiles(pod)
  }
  function refreshFiles(pod: Pod): void {
    if (pod.metadata.deletionTimestamp || !pod.status.containerStatuses?.some(s => s.state?.running)) return
    const ips = (pod.status.podIPs ?? []).flatMap(({ ip }) => ip)
    void setup.refresh(pod, ips).catch(error => log.warn('could not bring the files of a pod up to date', { pod: pod.metadata.name, error }))
  }
  pods.subscribe(({ object, old }) => {
    if (old && !object) evicted.delete(old.metadata.uid)
    if (old && object?.metadata.uid !== old.metadata.uid) admission.forget(old.metadata.uid)
    const changed = (key: 'labels' | 'annotations') => !equal(object?.metadata[key], old?.metadata[key])
    if (object && old && (changed('labels') || changed('annotations'))) refresh(object.metadata.uid)
  })

  let health: NodeHealth = { notReady: 'the engine has not been asked yet' }
  const leases = new LeaseKeeper({
    api,
    reports,
    clock,
    log,
    signal,
    holder: () => holder,
    onTaken: (node, other) => {
      log.error('another agent has taken this node, this one stops', { node, other })
      over.abort(new Error(`another agent (${other}) runs as node ${node}`))
    },
  })
  const keep = async () => {
    await Promise.race([nodes.synced, aborted(signal)])
    if (signal.aborted) return
    health = await backend.health()
    const keeper = keepNodes({
      api,
      clock,
      log,
      signal,
      nodes,
      names: [nodeName],
      recorder,
      facts: () => facts,
      health: () => health,
      onRegistered: node => {
        void leases.keep(nodeName, node.metadata.uid).then(options.onRegistered)
      },
      onGone: () => {
        leases.drop(nodeName)
        log.warn('the node has been deleted; it registers again when the agent is started again', { node: nodeName })
      },
    })
    const watchHealth = async () => {
      while (!signal.aborted) {
        await sleep(clock, HEALTH_MS, signal).catch(() => {})
        const before = JSON.stringify(health)
        health = { ...(await backend.health()), ...pressures }
        if (JSON.stringify(health) !== before) keeper.look(nodeName)
      }
    }
    await Promise.all([keeper.done, watchHealth()])
  }
  const house = keepHouse({
    backend,
    node: nodeName,
    dataDir,
    places: { paths, mapHostPath },
    clock,
    log,
    signal,
    recorder,
    pods: () => assigned.list(),
    onPressures: found => {
      pressures = found
    },
    onEviction: evict,
  })
  const renewFiles = async () => {
    while (!signal.aborted) {
      await sleep(clock, REFRESH_MS, signal).catch(() => {})
      for (const uid of tokens.due()) {
        const pod = podOf(uid)
        if (pod) refreshFiles(pod)
      }
    }
  }
  const staticPods = async () => {
    const directory = options.staticPods ?? join(dataDir, 'static-pods')
    if (options.staticPods === undefined) await mkdir(directory, { recursive: true, mode: 0o700 })
    pods.subscribe(({ object }) => {
      if (object && isMirror(object)) loop.look(object.metadata.annotations?.[MIRROR] ?? '')
    })
    const { keepStaticPods } = await import('./static-pods.ts')
    await keepStaticPods({
      directory,
      nodeName,
      api,
      clock,
      log,
      signal,
      pods,
      onChange: found => assigned.setStatic(found),
      node: () => nodes.get(nodeName),
      answered: () => assigned.complete,
    })
  }
  const { serveNodeStream } = await import('./streams/serve.ts')
  const take = async () => {
    const [node, containers] = await Promise.all([readMachine(() => clock.now()), backend.readings()])
    return { node, containers }
  }
  const stats = new StatsSampler({ take, clock, signal })
  const onStream = (request: StreamRequest, stream: Duplex) => {
    const context = {
      pods: { find: (namespace: string, name: string) => assigned.get(`${namespace}/${name}`) },
      paths,
      runtime,
      doors: backend.doors,
      stats,
      clock,
      signal,
    }
    void serveNodeStream(request, stream, context).catch(error => {
      log.debug('a stream failed', { path: request.path, error })
      stream.destroy()
    })
  }
  try {
    await Promise.all([
      pods.run(signal),
      nodes.run(signal),
      services.run(signal),
      keep(),
      leases.run(),
      loop.run(),
      renewFiles(),
      staticPods(),
      house,
      options.link?.(onStream, signal),
      recorder.done,
    ])
  } finally {
    over.abort()
    backend.close()
  }
  if (over.signal.reason instanceof Error && !options.signal.aborted && over.signal.reason.name !== 'AbortError') throw over.signal.reason
}

/** Where a node's files lie; a node with log directories of its own shows them to its pods in place of the machine's. */
async function placesOf({ dataDir, logRoot = '/var/log' }: AgentOptions): Promise<{ paths: NodePaths; mapHostPath: (path: string) => string }> {
  const paths = { data: dataDir, podLogs: join(logRoot, 'pods'), containerLogs: join(logRoot, 'containers') }
  for (const path of [paths.podLogs, paths.containerLogs]) await mkdir(path, { recursive: true, mode: 0o755 })
  const moved = [
    ['/var/log/pods', paths.podLogs],
    ['/var/log/containers', paths.containerLogs],
  ] as const
  const mapHostPath = (path: string) => {
    for (const [usual, own] of moved) if (path === usual || path.startsWith(`${usual}/`)) return own + path.slice(usual.length)
    return path
  }
  return { paths, mapHostPath }
}

/** Two agents of one name would fight over the same pods. */
async function refuseSecondAgent({ api, clock, nodeName, signal }: AgentOptions, holder: string): Promise<void> {
  let lease: Lease
  try {
    lease = await api.get({ kind: Leases, namespace: LEASE_NAMESPACE, name: nodeName }, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
  } catch {
    return
  }
  const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = lease.spec
  const fresh = renewTime !== undefined && clock.now() - Date.parse(renewTime) < leaseDurationSeconds * 1000
  if (fresh && holderIdentity && holderIdentity !== holder) {
    throw new Error(`node ${nodeName} is served by another agent (${holderIdentity}): stop that one, or give this one another --node-name`)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
