import type { Api } from '../../api/access.ts'
import { isStatus } from '../../api/meta/status.ts'
import { microTimeOf } from '../../api/meta/time.ts'
import type { Reports } from '../../api/reports.ts'
import type { Lease } from '../../api/types/coordination.ts'
import { exponential, jittered } from '../../base/backoff.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { Leases } from '../kinds.ts'

export interface RenewOptions {
  readonly api: Api
  /** Takes renewals. */
  readonly reports: Reports
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** `holderIdentity` of a node's lease. */
  readonly holder: (node: string) => string
  /** A number in [0, 1) for the jitter of what is tried again. */
  readonly random?: () => number
  /** Told when somebody else renews a node's lease: another agent of that name is at work. */
  readonly onTaken?: (node: string, holder: string) => void
}

const NAMESPACE = 'kube-node-lease'
const PERIOD_MS = 10_000
/** A renewal that failed is tried again sooner; as often as a kubelet does. */
const retryMs = exponential(200, 7000)
const DURATION_SECONDS = 40
const TICK_MS = 250
/** A timer that fires a little early is no reason to wait for the next one. */
const EARLY = 0.01
const IN_FLIGHT = 64

interface Known {
  readonly uid: string
  lease: Lease | undefined
  /** In a row. */
  failures: number
  /** Whether it is tried again before its turn. */
  again: boolean
}

/** Renews the leases of many nodes every 10 s, spread evenly over that time. */
export class LeaseKeeper {
  readonly #options: RenewOptions
  /** Node → what is known of its lease. */
  readonly #leases = new Map<string, Known>()

  constructor(options: RenewOptions) {
    this.#options = options
  }

  /** Keeps the lease of a node from now on; resolves when the first write was tried. */
  async keep(node: string, uid: string): Promise<void> {
    this.#leases.set(node, { uid, lease: undefined, failures: 0, again: false })
    await this.#try(node)
  }

  drop(node: string): void {
    this.#leases.delete(node)
  }

  async run(): Promise<void> {
    const { clock, signal } = this.#options
    let queue: string[] = []
    let owed = 0
    let last = clock.now()
    while (!signal.aborted) {
      await sleep(clock, this.#leases.size < 40 ? PERIOD_MS / Math.max(1, this.#leases.size) : TICK_MS, signal).catch(() => {})
      if (signal.aborted) return
      const now = clock.now()
      owed = Math.min(this.#leases.size, owed + ((now - last) / PERIOD_MS) * this.#leases.size)
      last = now
      const due = Math.floor(owed + EARLY)
      owed -= due
      const batch: string[] = []
      while (batch.length < due) {
        if (queue.length === 0) queue = [...this.#leases.keys()]
        batch.push(queue.pop()!)
      }
      for (let i = 0; i < batch.length; i += IN_FLIGHT) {
        await Promise.all(batch.slice(i, i + IN_FLIGHT).map(node => this.#try(node)))
      }
    }
  }

  async #try(node: string): Promise<void> {
    const { signal, log } = this.#options
    const known = this.#leases.get(node)
    if (!known || signal.aborted) return
    try {
      await this.#renew(node, known)
      known.failures = 0
    } catch (error) {
      if (signal.aborted) return
      log.debug('could not renew a node lease', { node, error })
      if (!known.again) void this.#tryAgain(node, known)
    }
  }

  async #tryAgain(node: string, known: Known): Promise<void> {
    const { clock, signal, random = Math.random } = this.#options
    known.again = true
    await sleep(clock, jittered(retryMs(++known.failures), random), signal).catch(() => {})
    known.again = false
    if (known.failures > 0 && this.#leases.get(node) === known) await this.#try(node)
  }

  async #renew(node: string, known: Known): Promise<void> {
    const { api, reports, clock, signal, holder } = this.#options
    // Its time is that of sending: a renewal begun before the server went away would say nothing of the time since.
    await reports.reached?.(signal)
    const target = { kind: Leases, namespace: NAMESPACE, name: node }
    const mine = { holderIdentity: holder(node), leaseDurationSeconds: DURATION_SECONDS, renewTime: microTimeOf(clock.now()) }
    const { lease } = known
    const renewed = async (old: Lease): Promise<Lease> => {
      const next = { ...old, spec: { ...old.spec, ...mine } }
      const { metadata } = await reports.update(target, next, { signal })
      return { ...next, metadata: { ...old.metadata, resourceVersion: metadata.resourceVersion } }
    }
    try {
      if (lease) known.lease = await renewed(lease)
      else {
        const metadata = { name: node, ownerReferences: [ownerOf(node, known.uid)] }
        known.lease = bare(await api.create({ kind: Leases, namespace: NAMESPACE }, { metadata, spec: mine }, { signal }))
      }
    } catch (error) {
      if (isStatus(error, 'NotFound')) known.lease = undefined
      else if (isStatus(error, 'AlreadyExists', 'Conflict')) {
        const found = await api.get(target, { signal })
        const other = found.spec.holderIdentity
        if (lease && other && other !== mine.holderIdentity) this.#options.onTaken?.(node, other)
        known.lease = await renewed(bare(found))
      } else throw error
    }
  }
}

/** Without what only the server writes: whoever leaves the managed fields out keeps them. */
const bare = ({ metadata: { managedFields: _, ...metadata }, ...rest }: Lease): Lease => ({ ...rest, metadata })

const ownerOf = (name: string, uid: string) => ({ apiVersion: 'v1', kind: 'Node', name, uid })
