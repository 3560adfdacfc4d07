import { StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import { goingOn } from '../../base/going-on.ts'

export interface FairQueueOptions {
  readonly clock: Clock
  /** Requests under way at one time. */
  readonly seats?: number
  /** Of one identity. */
  readonly seatsEach?: number
  /** Requests of one identity that may wait; those beyond are refused. */
  readonly waitingEach?: number
  /** Milliseconds from some moment on, to see how long a turn of the event loop has been kept. */
  readonly elapsed?: () => number
}

const WAIT_MS = 15_000
/** `bulk`: many writes at once that have time, and wait as long as it takes. */
export type Rank = 'urgent' | 'ordinary' | 'bulk'

/** Whose turn it is, one after the other: each rank has its share, and takes those of ranks in which nobody waits, in this order. */
const SHARES: readonly Rank[] = ['urgent', 'bulk', 'urgent', 'ordinary']
/** Those let in out of the queue keep a turn of the event loop so long; then others are heard. */
const TURN_MS = 2
/** Requests that come in one turn and find a seat keep it so long; the others wait as if there were none. */
const AT_ONCE_MS = 3
/** Awaits in which a request that was let in has begun its work. */
const BEGINNING = 8

interface Flow {
  readonly waiting: (() => void)[]
  running: number
}

/**
 * Lets requests in: at once while there are seats, otherwise in turn by rank, and in a rank by identity, so that one client's
 * flood delays only that client. Urgent are requests of whoever runs the cluster, and those that keep nodes alive.
 */
export class FairQueue {
  readonly #clock: Clock
  readonly #seats: number
  readonly #seatsEach: number
  readonly #waitingEach: number
  readonly #elapsed: () => number
  readonly #flows = new Map<string, Flow>()
  /** Identities with somebody waiting, in the order of their turn; urgent ones apart. */
  readonly #turns: Readonly<Record<Rank, Set<string>>> = { urgent: new Set(), ordinary: new Set(), bulk: new Set() }
  #running = 0
  #scheduled = false
  #turnEnds: number | undefined
  #letIn = 0

  constructor({ clock, seats = 128, seatsEach = 48, waitingEach = 1000, elapsed = () => performance.now() }: FairQueueOptions) {
    this.#clock = clock
    this.#seats = seats
    this.#seatsEach = seatsEach
    this.#waitingEach = waitingEach
    this.#elapsed = elapsed
  }

  get running(): number {
    return this.#running
  }
  get waiting(): number {
    let waiting = 0
    for (const flow of this.#flows.values()) waiting += flow.waiting.length
    return waiting
  }

  /**
   * Undefined: go on at once; a promise: wait for it. `leave` must follow either way, once. Refuses with 429 who has too
   * many waiting or, unless it is bulk, has waited too long.
   */
  enter(identity: string, rank: Rank): Promise<void> | undefined {
    const key = `${rank} ${identity}`
    let flow = this.#flows.get(key)
    if (!flow) {
      flow = { waiting: [], running: 0 }
      this.#flows.set(key, flow)
    }
    const free = this.#running < this.#seats && flow.running < this.#seatsEach && flow.waiting.length === 0 && !this.#turnIsOver()
    if (free && this.#turns.urgent.size === 0 && (rank !== 'bulk' || this.#turns.bulk.size === 0)) {
      this.#start(flow)
      return undefined
    }
    if (flow.waiting.length >= this.#waitingEach) throw tooMany()
    const { waiting } = flow
    const turns = this.#turns[rank]
    turns.add(key)
    this.#schedule()
    if (rank === 'bulk') return new Promise(resolve => waiting.push(resolve))
    return new Promise((resolve, reject) => {
      const go = () => {
        cancel()
        resolve()
      }
      const cancel = this.#clock.after(WAIT_MS, () => {
        waiting.splice(waiting.indexOf(go), 1)
        if (waiting.length === 0) turns.delete(key)
        reject(tooMany())
      })
      waiting.push(go)
    })
  }

  leave(identity: string, rank: Rank): void {
    const key = `${rank} ${identity}`
    const flow = this.#flows.get(key)
    if (!flow) return
    flow.running--
    this.#running--
    if (flow.running === 0 && flow.waiting.length === 0) this.#flows.delete(key)
    this.#schedule()
  }

  /** Whether those let in at once in this turn of the event loop have kept it long enough. */
  #turnIsOver(): boolean {
    const now = this.#elapsed()
    if (this.#turnEnds === undefined) {
      this.#turnEnds = now + AT_ONCE_MS
      setImmediate(() => {
        this.#turnEnds = undefined
      })
    }
    return now > this.#turnEnds
  }

  #start(flow: Flow): void {
    flow.running++
    this.#running++
  }

  #schedule(): void {
    const { urgent, ordinary, bulk } = this.#turns
    if (this.#scheduled || urgent.size + ordinary.size + bulk.size === 0) return
    this.#scheduled = true
    setImmediate(() => void this.#letSomeIn())
  }

  async #letSomeIn(): Promise<void> {
    const until = this.#elapsed() + TURN_MS
    do {
      if (this.#running >= this.#seats || !this.#nextByShares()) {
        this.#scheduled = false
        return
      }
      this.#letIn++
      await goingOn(BEGINNING)
    } while (this.#elapsed() < until)
    this.#scheduled = false
    this.#schedule()
  }

  #nextByShares(): boolean {
    for (let n = 0; n < SHARES.length; n++) if (this.#next(this.#turns[SHARES[(this.#letIn + n) % SHARES.length]!])) return true
    return false
  }

  /** Lets in the first of the identity whose turn it is; that identity's next turn comes after all others'. */
  #next(turns: Set<string>): boolean {
    for (const key of turns) {
      const flow = this.#flows.get(key)!
      if (flow.running >= this.#seatsEach) continue
      turns.delete(key)
      const go = flow.waiting.shift()
      if (flow.waiting.length > 0) turns.add(key)
      if (!go) continue
      this.#start(flow)
      go()
      return true
    }
    return false
  }
}

export const tooMany = (why = 'too many requests, please try again later', retryAfterSeconds = 1): StatusError =>
  new StatusError('TooManyRequests', why, { retryAfterSeconds })
