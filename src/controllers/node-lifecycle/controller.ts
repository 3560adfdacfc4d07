import { Leases } from '../../api/kinds/coordination/lease.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import { isStatus } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Node } from '../../api/types/core/node.ts'
import { sleep } from '../../base/clock.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { ON_NODE, podsByNode } from '../../client/indexes.ts'
import type { Change, Informer } from '../../client/informer.ts'
import { conditionOf, readinessOf, silentConditions } from '../../judge/node-lifecycle/silence.ts'
import { plannedTaints } from '../../judge/node-lifecycle/taints.ts'
import { allSilent, evictionRate, type ZoneCounts, zoneOf } from '../../judge/node-lifecycle/zones.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

/** How often silence is looked for. */
const MONITOR_MS = 5_000
const GRACE_MS = 40_000
/** A node that has just registered is given longer for its first word. */
const FIRST_WORD_MS = 60_000
/** In all, since the start: a crowd that never ends keeps nobody's silence a secret. */
const LONGEST_CROWD_MS = 120_000
const LEASE_NAMESPACE = 'kube-node-lease'
const WORKERS = 16

export interface NodeLifecycleOptions extends ControllerOptions {
  /** How long a node may be silent before it is unknown. */
  readonly graceMs?: number
  /** Whether nodes may have to wait until the server listens to them: the time is not taken for silence. */
  readonly crowded?: (() => boolean) | undefined
}

/**
 * Judges nodes by their Leases and status: silent ones become Unknown, conditions and cordon become taints, and pods of a node that
 * stops being ready are marked not ready. A sign of life counts from when it was seen here, on this clock, so that after a start every
 * node has one whole grace period.
 */
export async function runNodeLifecycleController(options: NodeLifecycleOptions): Promise<void> {
  const { informers, signal, clock } = options
  const nodes = informers.of(Nodes)
  const leases = informers.of(Leases, { namespace: LEASE_NAMESPACE })
  informers.of(Pods, { indexes: podsByNode })
  if (!(await ready(signal, nodes, leases, informers.of(Pods)))) return
  const lifecycle = new NodeLifecycle(options, nodes)
  const unsubscribe = [
    nodes.subscribe(change => lifecycle.nodeChanged(change)),
    leases.subscribe(({ object, old }) => {
      if (object && object.spec.renewTime !== old?.spec.renewTime) lifecycle.heard(object.metadata.name)
    }),
  ]
  try {
    const work = lifecycle.run(signal)
    while (!signal.aborted) {
      await sleep(clock, MONITOR_MS, signal).catch(() => {})
      if (!signal.aborted) lifecycle.monitor()
    }
    await work
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

interface NodeState {
  /** When a sign of life was last seen. */
  heard: number
  heartbeat: string | undefined
  zone: string
  ready: boolean
  /** The transition after which its pods were marked not ready. */
  marked: string | undefined
}

class NodeLifecycle {
  readonly #options: NodeLifecycleOptions
  readonly #nodes: Informer<Node>
  readonly #queue: KeyQueue<string>
  readonly #states = new Map<string, NodeState>()
  readonly #zones = new Map<string, { -readonly [K in keyof ZoneCounts]: number } & { nextEviction: number }>()
  #standDown = false
  #looked: number
  #crowdedMs = 0

  constructor(options: NodeLifecycleOptions, nodes: Informer<Node>) {
    this.#options = options
    this.#nodes = nodes
    this.#looked = options.clock.now()
    this.#queue = new KeyQueue({
      clock: options.clock,
      onError: (node, error) => {
        if (!isStatus(error, 'Conflict')) options.log.warn('could not keep a node in order', { node, error })
      },
    })
  }

  /** One sign of life; costs one look-up. */
  heard(name: string): void {
    const state = this.#states.get(name)
    if (state) state.heard = this.#options.clock.now()
  }

  nodeChanged({ key, object, old }: Change<Node>): void {
    const before = this.#states.get(key)
    if (!object) {
      if (before) this.#count(before, -1)
      this.#states.delete(key)
      this.#queue.forget(key)
      return
    }
    const heartbeat = conditionOf(object, 'Ready')?.lastHeartbeatTime
    const state = before ?? { heard: this.#options.clock.now(), heartbeat, zone: '', ready: false, marked: undefined }
    if (before) this.#count(before, -1)
    if (state.heartbeat !== heartbeat) state.heard = this.#options.clock.now()
    state.heartbeat = heartbeat
    state.zone = zoneOf(object)
    state.ready = readinessOf(object) === 'True'
    this.#states.set(key, state)
    this.#count(state, 1)
    if (!old || differs(old, object)) this.#queue.add(key)
  }

  /** Looks for nodes that have been silent too long. */
  monitor(): void {
    this.#forgiveTheCrowded()
    for (const [name, state] of this.#states) {
      const node = this.#nodes.get(name)
      if (node && this.#silent(node, state) && readinessOf(node) !== 'Unknown') this.#queue.add(name)
    }
    const standDown = allSilent(this.#zones.values())
    if (standDown === this.#standDown) return
    this.#standDown = standDown
    this.#options.log.warn(standDown ? 'no node is heard of: nobody is evicted' : 'nodes are heard of again')
    for (const [name, state] of this.#states) {
      if (!standDown) state.heard = this.#options.clock.now()
      this.#queue.add(name)
    }
  }

  #forgiveTheCrowded(): void {
    const { clock, crowded } = this.#options
    const now = clock.now()
    const passed = now - this.#looked
    this.#looked = now
    if (!crowded?.() || this.#crowdedMs + passed > LONGEST_CROWD_MS) return
    this.#crowdedMs += passed
    for (const state of this.#states.values()) state.heard = Math.min(now, state.heard + passed)
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#standDown = allSilent(this.#zones.values())
    await this.#queue.run(name => this.#reconcile(name, signal), { workers: WORKERS, signal })
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<{ after: number } | void> {
    const { api, clock } = this.#options
    const node = this.#nodes.get(name)
    const state = this.#states.get(name)
    if (!node || !state) return
    const now = clock.now()
    const { uid, resourceVersion } = node.metadata
    const conditions = this.#silent(node, state) ? silentConditions(node, now) : undefined
    if (conditions) {
      await this.#quietly(
        api.patch({ kind: Nodes, name, subresource: 'status' }, { type: 'strategic', body: { metadata: { uid }, status: { conditions } } }, { signal }),
      )
      return
    }
    const { taints, wait } = this.#plan(node, state, now)
    if (taints) await this.#quietly(api.patch({ kind: Nodes, name }, { type: 'merge', body: { metadata: { resourceVersion }, spec: { taints } } }, { signal }))
    if (readinessOf(node) === 'False' || readinessOf(node) === 'Unknown') await this.#markPods(node, state, signal)
    if (wait !== undefined) return { after: wait }
  }

  /** The taints to write, with a place in the zone's rate if one is needed; `wait` until the next place otherwise. */
  #plan(node: Node, state: NodeState, now: number): { readonly taints: Node['spec']['taints']; readonly wait?: number } {
    const standDown = this.#standDown
    const cautious = plannedTaints(node, now, { mayEvict: false, standDown })
    if (!cautious.heldBack) return { taints: cautious.taints }
    const zone = this.#zones.get(state.zone)!
    const rate = evictionRate(zone)
    if (rate > 0 && zone.nextEviction <= now) {
      zone.nextEviction = now + 1000 / rate
      return { taints: plannedTaints(node, now, { mayEvict: true, standDown }).taints }
    }
    return { taints: cautious.taints, wait: rate > 0 ? zone.nextEviction - now : MONITOR_MS }
  }

  async #markPods(node: Node, state: NodeState, signal: AbortSignal): Promise<void> {
    const { api, clock, recorder, informers } = this.#options
    const { name } = node.metadata
    const transition = conditionOf(node, 'Ready')?.lastTransitionTime ?? ''
    if (state.marked === transition) return
    recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    for (const pod of [...informers.of(Pods).by(ON_NODE, name)]) {
      if (!isPodReady(pod)) continue
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
      const ready = { type: 'Ready', status: 'False', lastTransitionTime: timeOf(clock.now()) }
      const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [ready] } }
      const target = { kind: Pods, namespace: pod.metadata.namespace, name: pod.metadata.name, subresource: 'status' }
      await this.#quietly(api.patch(target, { type: 'strategic', body }, { signal }))
    }
    state.marked = transition
  }

  /** What has gone meanwhile needs no order. */
  async #quietly(request: Promise<unknown>): Promise<void> {
    await request.catch(error => {
      if (!isStatus(error, 'NotFound')) throw error
    })
  }

  #silent(node: Node, state: NodeState): boolean {
    const grace = readinessOf(node) === 'unset' ? FIRST_WORD_MS : (this.#options.graceMs ?? GRACE_MS)
    return this.#options.clock.now() - state.heard > grace
  }

  #count(state: NodeState, by: 1 | -1): void {
    const zone = this.#zones.get(state.zone) ?? { ready: 0, unready: 0, nextEviction: 0 }
    this.#zones.set(state.zone, zone)
    if (state.ready) zone.ready += by
    else zone.unready += by
    if (zone.ready + zone.unready === 0) this.#zones.delete(state.zone)
  }
}

/** Whether a node differs in what this controller looks at; heartbeats differ in nothing. */
function differs(a: Node, b: Node): boolean {
  if (a.spec.unschedulable !== b.spec.unschedulable || !equal(a.spec.taints, b.spec.taints)) return true
  const statuses = (node: Node) => node.status.conditions?.map(({ type, status }) => `${type}=${status}`).join() ?? ''
  return statuses(a) !== statuses(b) || zoneOf(a) !== zoneOf(b)
}
