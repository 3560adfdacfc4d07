import { runSimulatedNodes } from '../../src/agent/simulated-nodes.ts'
import type { Api } from '../../src/api/access.ts'
import { KINDS, LATER_KINDS } from '../../src/api/kinds/all.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import type { User } from '../../src/api/meta/user.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { Informers } from '../../src/client/informers.ts'
import { type AllOptions, runControllers } from '../../src/controllers/all.ts'
import { admissionPlugins } from '../../src/server/admission/plugins.ts'
import type { Auditor } from '../../src/server/audit/auditor.ts'
import { preventEscalation } from '../../src/server/authz/escalation.ts'
import { nodeRestriction } from '../../src/server/authz/node-restriction.ts'
import { openPermissions } from '../../src/server/authz/permissions.ts'
import { reconcileRoles } from '../../src/server/authz/reconcile-roles.ts'
import { signerPermissions } from '../../src/server/authz/signer-permissions.ts'
import { openCaches } from '../../src/server/cache/caches.ts'
import { runCompaction } from '../../src/server/cache/compaction.ts'
import type { WatchCaches } from '../../src/server/cache/types.ts'
import { type Authorizer, allowAll } from '../../src/server/registry/authorizer.ts'
import { cachedKinds } from '../../src/server/registry/cached-kinds.ts'
import { Registry } from '../../src/server/registry/registry.ts'
import { ensureOwnService, ensureSystemObjects } from '../../src/server/registry/system-objects.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { Faults } from './faults.ts'
import { onVirtualTime } from './on-virtual-time.ts'
import type { Random } from './random.ts'
import { VirtualTime } from './virtual-time.ts'

const ADMIN: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

interface Process {
  readonly faults: Faults
  readonly stop: AbortController
  readonly done: Promise<void>
}

export interface SimClusterOptions {
  /** Where it is kept; memory when absent. The cluster closes it. */
  readonly store?: Store
  /** What is due within so many milliseconds happens together. */
  readonly stepMs?: number
  /** Whether history is compacted and events expire. */
  readonly housekeeping?: boolean
  /** Everybody acts under a name of their own and may what the default roles say, as in a server; all may everything when absent. */
  readonly permissions?: {
    /** Stands before the real ones. */
    readonly seen: (real: Authorizer) => Authorizer
    readonly auditor: Auditor
  }
  /** Further controllers. */
  readonly more?: AllOptions['more']
}

/** A whole cluster in one process on virtual time: store, server, every controller, and an agent for each node. */
export class SimCluster {
  readonly time: VirtualTime
  readonly caches: WatchCaches
  /** As an administrator, without faults. */
  readonly api: Api
  readonly log: Log
  readonly #registry: Registry
  readonly #store: Store
  readonly #housekeeping = new AbortController()
  readonly #random: Random
  readonly #options: SimClusterOptions
  readonly #agents = new Map<string, Process>()
  readonly #gone: Promise<void>[] = []
  #controllers: Process

  static async start(random: Random, log: Log = silentLog, options: SimClusterOptions = {}): Promise<SimCluster> {
    const time = new VirtualTime(Date.UTC(2026, 0, 1), options.stepMs)
    const store = options.store ? onVirtualTime(options.store, time) : new MemoryStore()
    const kinds = [...KINDS, ...LATER_KINDS]
    const caches = await openCaches({ store, kinds: cachedKinds(kinds), clock: time.clock })
    let serial = 0
    const stop = new AbortController()
    const real = options.permissions && openPermissions(caches, stop.signal, error => log.error('permissions are read anew', { error }))
    const authorizer = (real && options.permissions?.seen(real.authorizer)) ?? allowAll
    const registry = new Registry({
      store,
      caches,
      kinds,
      authorizer,
      admission: admissionPlugins(real && [nodeRestriction, preventEscalation(real.rbac, authorizer), signerPermissions(authorizer)]),
      ...(options.permissions && { auditor: options.permissions.auditor }),
      clock: time.clock,
      uuid: () => `00000000-0000-4000-8000-${String(serial++).padStart(12, '0')}`,
      random: n => random.below(n),
    })
    const itself = registry.as({ user: ADMIN })
    const system = async () => {
      await ensureSystemObjects(itself)
      await ensureOwnService({ api: itself, address: '127.0.0.1', port: 6443, clusterIP: registry.firstServiceAddress })
    }
    if (real) {
      // As in a server, nobody begins before they may.
      await system()
      await reconcileRoles(itself)
    }
    const cluster = new SimCluster(time, store, caches, registry, random, log, options)
    if (real) cluster.#gone.push(real.done)
    cluster.#housekeeping.signal.addEventListener('abort', () => stop.abort(), { once: true })
    if (options.housekeeping) cluster.#keepHouse()
    if (!real) await system()
    await cluster.time.settle()
    return cluster
  }

  private constructor(time: VirtualTime, store: Store, caches: WatchCaches, registry: Registry, random: Random, log: Log, options: SimClusterOptions) {
    this.#options = options
    this.time = time
    this.caches = caches
    this.log = log
    this.#store = store
    this.#registry = registry
    this.#random = random
    this.api = this.#apiAs(
      'admin',
      new Faults(
        () => random.next(),
        () => time.activity++,
      ),
      ADMIN.groups,
    )
    this.#controllers = this.#startControllers()
  }

  /** History is compacted and events expire, as in a server. */
  #keepHouse(): void {
    const { signal } = this.#housekeeping
    const { clock } = this.time
    this.#gone.push(runCompaction({ caches: this.caches, clock, log: this.log, signal }), this.#registry.run(signal))
  }

  #apiAs(name: string, faults: Faults, groups: readonly string[] = []): Api {
    const may = this.#options.permissions ? groups : ['system:masters']
    return faults.wrap(this.#registry.as({ user: { name, groups: [...new Set([...may, 'system:authenticated'])] }, userAgent: name }))
  }

  /** As somebody, without faults. */
  as(name: string, groups: readonly string[]): Api {
    return this.#apiAs(name, this.#newFaults(), groups)
  }

  #newFaults(): Faults {
    return new Faults(
      () => this.#random.next(),
      () => this.time.activity++,
    )
  }

  #startControllers(): Process {
    const faults = this.#newFaults()
    const stop = new AbortController()
    const apiAs = (name: string, groups: readonly string[]) => this.#apiAs(name, faults, groups)
    const { clock } = this.time
    const random = () => this.#random.next()
    const { more } = this.#options
    const informers = new Informers({ api: apiAs('system:kube-controller-manager', []), clock, log: this.log, random })
    const controllers = runControllers({
      apiAs,
      clock,
      log: this.log,
      signal: stop.signal,
      kinds: KINDS,
      certificate: '',
      informers,
      random,
      ...(more && { more }),
    })
    return { faults, stop, done: Promise.all([controllers, informers.run(stop.signal)]).then(() => {}) }
  }

  /** What stands between the controllers and the server. */
  get faults(): Faults {
    return this.#controllers.faults
  }

  /** The controllers die in the middle of what they do; others take over at once. */
  async crashControllers(): Promise<void> {
    const { faults, stop, done } = this.#controllers
    faults.dead = true
    stop.abort()
    this.#gone.push(done)
    this.#controllers = this.#startControllers()
    await this.time.settle()
  }

  get agents(): readonly string[] {
    return [...this.#agents.keys()]
  }
  get nodeNames(): readonly string[] {
    return this.caches
      .of(Nodes)!
      .list()
      .items.map(({ metadata }) => metadata.name)
  }

  /** Starts the agent of a node, which registers it if it is not there. */
  startAgent(name: string): void {
    if (this.#agents.has(name)) return
    const faults = this.#newFaults()
    const stop = new AbortController()
    const { clock } = this.time
    const api = this.#apiAs(`system:node:${name}`, faults, ['system:nodes'])
    const facts = () => ({ labels: { on: 'yes' } })
    const random = () => this.#random.next()
    const done = runSimulatedNodes({ api, clock, log: this.log, signal: stop.signal, names: [name], facts, random })
    this.#agents.set(name, { faults, stop, done })
  }

  /** Starts one agent of many nodes, as `everynode up --simulated` does. */
  startAgents(names: readonly string[]): void {
    const faults = this.#newFaults()
    const stop = new AbortController()
    const { clock } = this.time
    const api = this.#apiAs('system:everynode:simulated-nodes', faults)
    const facts = () => ({ labels: { on: 'yes' } })
    this.#agents.set(names[0]!, { faults, stop, done: runSimulatedNodes({ api, clock, log: this.log, signal: stop.signal, names, facts }) })
  }

  /** The machine loses its power. */
  killAgent(name: string): void {
    const agent = this.#agents.get(name)
    if (!agent) return
    this.#agents.delete(name)
    agent.faults.dead = true
    agent.stop.abort()
    this.#gone.push(agent.done)
  }

  cutWatches(): void {
    this.#controllers.faults.cut()
    for (const { faults } of this.#agents.values()) faults.cut()
  }

  /** Forgets all history, so that every watch that resumes must begin anew. */
  async compact(): Promise<void> {
    await this.caches.compact(this.caches.revision)
    this.cutWatches()
  }

  async removeNode(name: string): Promise<void> {
    this.killAgent(name)
    await this.api.delete({ kind: Nodes, name }).catch(error => {
      if (!isStatus(error, 'NotFound')) throw error
    })
  }

  /** Everything stops; resolves when all of it has ended. */
  async close(): Promise<void> {
    for (const name of this.agents) this.killAgent(name)
    this.#controllers.stop.abort()
    this.#housekeeping.abort()
    await Promise.all([...this.#gone, this.#controllers.done])
    await this.caches.close()
    await this.#store.close()
  }
}
