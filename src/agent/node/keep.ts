import type { Api, EventRecorder } from '../../api/access.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Node, NodeStatus } from '../../api/types/core/node.ts'
import { exponential } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { Log } from '../../base/log.ts'
import type { Informer } from '../../client/informer.ts'
import { Nodes } from '../kinds.ts'
import { labelsOf, type NodeFacts, type NodeHealth, nodeStatusOf } from './describe.ts'
import { cordonEvent, nodeEvents, tellOfNode } from './node-events.ts'

export interface KeepNodesOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Sees at least the nodes kept. */
  readonly nodes: Informer<Node>
  readonly names: readonly string[]
  readonly facts: (name: string) => NodeFacts
  readonly health: (name: string) => NodeHealth
  /** Called once a node is registered. */
  readonly onRegistered?: (node: Node) => void
  /** Called when a node that was registered has been deleted. It is not registered again. */
  readonly onGone?: (name: string) => void
  /** Told what becomes of the nodes; nobody is when absent. */
  readonly recorder?: EventRecorder | undefined
  /** How often a status is written that has not changed. */
  readonly heartbeatMs?: number
}

const WRITERS = 64
const HEARTBEAT_MS = 300_000

export interface NodeKeeper {
  /** Looks at a node's health now. */
  look(name: string): void
  readonly done: Promise<void>
}

/** Registers nodes and keeps their status what the agent says it is, whoever else writes to it. */
export function keepNodes(options: KeepNodesOptions): NodeKeeper {
  const { api, clock, log, signal, nodes, names, recorder, heartbeatMs = HEARTBEAT_MS } = options
  const mine = new Set(names)
  const uids = new Map<string, string>()
  /** Those of which something was told. */
  const spoken = new Set<string>()
  const queue = new KeyQueue<string>({
    clock,
    backoff: exponential(200, 7000),
    onError: (node, error) => log.warn('could not register the node or report its status, trying again', { node, error }),
  })

  async function keep(name: string): Promise<{ after: number } | void> {
    const node = nodes.get(name)
    const uid = uids.get(name)
    if (node ? uid !== undefined && uid !== node.metadata.uid : uid !== undefined && !fresh.has(name)) {
      mine.delete(name)
      options.onGone?.(name)
      return
    }
    const known = fresh.get(name) ?? node ?? (await register(name))
    if (uid === undefined) {
      uids.set(name, known.metadata.uid)
      const adopted = await relabel(name, known)
      options.onRegistered?.(adopted)
    }
    const status = nodeStatusOf(options.facts(name), options.health(name), known.status, clock.now())
    if (stale(known.status, status, clock.now(), heartbeatMs)) {
      const { addresses, ...rest } = status
      const replaced = !equal(known.status.addresses, addresses) && (known.status.addresses?.length ?? 0) > 0
      const body = { status: { ...rest, ...(replaced ? { addresses: [...(addresses ?? []), { $patch: 'replace' }] } : { addresses }) } }
      const written = await api.patch({ kind: Nodes, name, subresource: 'status' }, { type: 'strategic', body }, { signal })
      fresh.set(name, written)
    }
    if (recorder) {
      tellOfNode(recorder, name, nodeEvents(name, known.status, status, !spoken.has(name)))
      spoken.add(name)
    }
    return { after: heartbeatMs }
  }

  /** Written by us and not yet seen back. */
  const fresh = new Map<string, Node>()

  async function register(name: string): Promise<Node> {
    const facts = options.facts(name)
    const spec = { ...(facts.taints.length > 0 && { taints: facts.taints }), ...(facts.podCIDR && { podCIDR: facts.podCIDR, podCIDRs: [facts.podCIDR] }) }
    const status = nodeStatusOf(facts, options.health(name), undefined, clock.now())
    try {
      const node = await api.create({ kind: Nodes }, { metadata: { name, labels: labelsOf(facts) }, spec, status }, { signal })
      fresh.set(name, node)
      return node
    } catch (error) {
      if (isStatus(error, 'AlreadyExists')) return api.get({ kind: Nodes, name }, { signal })
      throw error
    }
  }

  /** A node that was there before keeps its labels, save those that only the agent knows. */
  async function relabel(name: string, node: Node): Promise<Node> {
    const wanted = labelsOf(options.facts(name))
    const labels = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => node.metadata.labels?.[key] !== value))
    if (Object.keys(labels).length === 0) return node
    const patched = await api.patch({ kind: Nodes, name }, { type: 'merge', body: { metadata: { labels } } }, { signal })
    fresh.set(name, patched)
    return patched
  }

  const unsubscribe = nodes.subscribe(({ key, object, old }) => {
    if (!mine.has(key)) return
    const written = fresh.get(key)
    if (written && object && Number(object.metadata.resourceVersion) >= Number(written.metadata.resourceVersion)) fresh.delete(key)
    if (!object) fresh.delete(key)
    if (recorder && object && old && (object.spec.unschedulable ?? false) !== (old.spec.unschedulable ?? false)) {
      tellOfNode(recorder, key, [cordonEvent(key, object.spec.unschedulable ?? false)])
    }
    if (!object || (old && !sameStatus(old.status, object.status))) queue.add(key)
  })

  const start = async () => {
    try {
      for (const name of names) queue.add(name)
      await queue.run(keep, { workers: WRITERS, signal })
    } finally {
      unsubscribe()
    }
  }
  return { look: name => queue.add(name), done: start() }
}

const sameStatus = (a: NodeStatus, b: NodeStatus): boolean => a === b || equal(beatless(a), beatless(b))

/** Whether `wanted` must be written over `known`: it differs, or the last heartbeat is old. */
function stale(known: NodeStatus, wanted: NodeStatus, now: number, heartbeatMs: number): boolean {
  const last = known.conditions?.find(c => c.type === 'Ready')?.lastHeartbeatTime
  if (!last || now - Date.parse(last) >= heartbeatMs) return true
  const mine = beatless(wanted) as Record<string, unknown>
  const theirs = beatless(known) as Record<string, unknown>
  return Object.entries(mine).some(([key, value]) => {
    if (key !== 'conditions') return !equal(theirs[key], value)
    return (value as { type: string }[]).some(
      c =>
        !equal(
          c,
          (theirs[key] as { type: string }[] | undefined)?.find(t => t.type === c.type),
        ),
    )
  })
}

const beatless = (status: NodeStatus) => ({ ...status, conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _, ...rest }) => rest) })
