import { isStatus } from '../api/meta/status.ts'
import type { Reports } from '../api/reports.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { PodCondition, PodStatus } from '../api/types/core/pod-status.ts'
import { exponential } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { equal } from '../base/equal.ts'
import { KeyQueue } from '../base/key-queue.ts'
import type { Log } from '../base/log.ts'
import { Pods } from './kinds.ts'
import { RESIZE_CONDITIONS } from './resize.ts'

const WRITERS = 64

interface Entry {
  /** The newest object known: as informed, or as the last write must have left it. */
  known: Pod
  wanted: PodStatus
  /** The last write: the server may make something else of it at that revision, which is no reason to write again. */
  written?: { readonly revision: string; readonly status: PodStatus }
  /** What was found to differ the last time, and between which two. */
  judged?: { readonly known: Pod; readonly wanted: PodStatus; readonly change: Record<string, unknown> | undefined }
  readonly waiters: Set<() => void>
}

/** What an agent waits for a status to settle: steps that take no longer are told of together. */
export const SETTLE_MS = 25

export interface StatusWriterOptions {
  readonly reports: Reports
  readonly clock: Clock
  readonly log: Log
  /** A status that follows another within this time takes its place; 0 when absent. */
  readonly settleMs?: number | undefined
}

/** Brings pod statuses to the API: the newest wins, only differences travel, at most 64 writes at once. */
export class StatusWriter {
  readonly #reports: Reports
  readonly #settleMs: number
  readonly #entries = new Map<string, Entry>()
  readonly #queue: KeyQueue<string>

  constructor({ reports, clock, log, settleMs = 0 }: StatusWriterOptions) {
    this.#reports = reports
    this.#settleMs = settleMs
    this.#queue = new KeyQueue({
      clock,
      backoff: exponential(100, 10_000),
      onError: (uid, error) => log.debug('could not write a pod status, trying again', { uid, error }),
    })
  }

  /** The pod with the newest status there is, written or about to be. */
  view(pod: Pod): Pod {
    const entry = this.#entries.get(pod.metadata.uid)
    if (!entry) return pod
    if (!older(pod, entry.known)) entry.known = pod
    return { ...pod, status: over(entry.known.status, entry.wanted) }
  }

  set(pod: Pod, status: PodStatus): void {
    const { uid } = pod.metadata
    const entry = this.#entries.get(uid)
    if (!entry) this.#entries.set(uid, { known: pod, wanted: status, waiters: new Set() })
    else {
      entry.wanted = status
      if (!older(pod, entry.known)) entry.known = pod
    }
    if (this.#change(this.#entries.get(uid)!)) this.#queue.addAfter(uid, this.#settleMs)
  }

  /** Resolves when what was set last has been written, or the pod is gone. */
  async settled(uid: string): Promise<void> {
    const entry = this.#entries.get(uid)
    if (!entry || !this.#change(entry)) return
    this.#queue.add(uid)
    await new Promise<void>(resolve => entry.waiters.add(resolve))
  }

  forget(uid: string): void {
    this.#release(this.#entries.get(uid))
    this.#entries.delete(uid)
    this.#queue.forget(uid)
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#queue.run(uid => this.#write(uid), { workers: WRITERS, signal })
    for (const entry of this.#entries.values()) this.#release(entry)
  }

  async #write(uid: string): Promise<void> {
    const entry = this.#entries.get(uid)
    if (!entry) return
    const change = this.#change(entry)
    if (change) {
      const status = entry.wanted
      const { name, namespace } = entry.known.metadata
      try {
        const body = { metadata: { uid }, status: change }
        const { metadata } = await this.#reports.patch({ kind: Pods, namespace, name, subresource: 'status' }, { type: 'strategic', body })
        if (metadata.uid === uid) {
          const written = { ...entry.known, metadata: { ...entry.known.metadata, resourceVersion: metadata.resourceVersion } }
          if (older(entry.known, written)) entry.known = { ...written, status: over(entry.known.status, status) }
          entry.written = { revision: metadata.resourceVersion, status }
        }
      } catch (error) {
        if (!isStatus(error, 'NotFound', 'Conflict', 'Invalid')) throw error
        this.#entries.delete(uid)
        this.#release(entry)
        if (isStatus(error, 'Invalid')) throw error
        return
      }
    }
    if (this.#change(entry)) this.#queue.add(uid)
    else this.#release(entry)
  }

  #change(entry: Entry): Record<string, unknown> | undefined {
    const { known, wanted, written, judged } = entry
    if (written?.revision === known.metadata.resourceVersion && equal(written.status, wanted)) return undefined
    if (judged?.known === known && judged.wanted === wanted) return judged.change
    const change = diff(known.status, wanted)
    entry.judged = { known, wanted, change }
    return change
  }

  #release(entry: Entry | undefined): void {
    if (!entry) return
    for (const resolve of entry.waiters) resolve()
    entry.waiters.clear()
  }
}

/** The conditions that a node agent decides; all others are kept. */
const OWN = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', ...RESIZE_CONDITIONS])

const older = (a: Pod, b: Pod): boolean => Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion)

/** What becomes of a status when an agent writes its own: of the conditions it decides its own, and brings those that are not there. */
function over(known: PodStatus, wanted: PodStatus): PodStatus {
  const foreign = (known.conditions ?? []).filter(c => !RESIZE_CONDITIONS.has(c.type) && !wanted.conditions?.some(own => own.type === c.type))
  const own = (wanted.conditions ?? []).map(c => (OWN.has(c.type) ? c : (known.conditions?.find(k => k.type === c.type) ?? c)))
  return { ...known, ...wanted, conditions: [...own, ...foreign] }
}

/** The strategic-merge patch from one status to another; undefined when there is nothing to say. */
export function diff(from: PodStatus, to: PodStatus): Record<string, unknown> | undefined {
  const change: Record<string, unknown> = {}
  let any = false
  const set = (key: string, value: unknown) => {
    change[key] = value
    any = true
  }
  for (const [key, value] of Object.entries(to)) {
    if (key === 'conditions') {
      const conditions = changedConditions(from.conditions ?? [], to.conditions ?? [])
      if (conditions.length > 0) set(key, conditions)
    } else if (!equal(from[key as keyof PodStatus], value)) {
      // Lists merged by address would keep the old ones.
      const replaced = (key === 'podIPs' || key === 'hostIPs') && (from[key]?.length ?? 0) > 0
      set(key, replaced ? [...(value as object[]), { $patch: 'replace' }] : value)
    }
  }
  return any ? change : undefined
}

function changedConditions(from: readonly PodCondition[], to: readonly PodCondition[]): readonly object[] {
  const over = from.filter(({ type }) => RESIZE_CONDITIONS.has(type) && !to.some(c => c.type === type)).map(({ type }) => ({ type, $patch: 'delete' }))
  const changed = to.flatMap((condition): readonly object[] => {
    const old = from.find(c => c.type === condition.type)
    if (!old) return [condition]
    if (!OWN.has(condition.type) || equal(old, condition)) return []
    // Merging keeps what the patch does not name.
    const gone = Object.keys(old).filter(key => !Object.hasOwn(condition, key))
    return [{ ...Object.fromEntries(gone.map(key => [key, null])), ...condition }]
  })
  return [...changed, ...over]
}
