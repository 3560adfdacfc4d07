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
/** So many go through each step of their work one right after the other: what the processor has fetched for one serves all. */
const TOGETHER = 16
/** Those let in keep a turn of the event loop so long; then others are heard. */
const TURN_MS = 2
/** Requests that come in one turn and find a seat keep it so long; the others wait as if there were none. */
const AT_ONCE_MS = 3
/** Awaits in which requests that were let in have done what can be done before the store answers. */
const BEGINNING = 10

interface Waiting {
  readonly since: number
  readonly together: boolean
  readonly go: () => void
  readonly refuse: (error: StatusError) => void
}

interface Flow {
  readonly identity: string
  readonly rank: Rank
  readonly waiting: Waiting[]
  /** Of those who wait for the end of this turn of the event loop. */
  gathered: number
  running: number
}

/**
 * Lets requests in: at once, or together at the end of the turn of the event loop in which they came, while there are seats;
 * otherwise in turn by rank, and in a rank by identity, so that one client's flood delays only that client. Urgent are requests of
 * whoever runs the cluster, and those that keep nodes alive.
 */
export class FairQueue {
  readonly #clock: Clock
  readonly #seats: number
  readonly #seatsEach: number
  readonly #waitingEach: number
  readonly #elapsed: () => number
  readonly #flows: Readonly<Record<Rank, Map<string, Flow>>> = { urgent: new Map(), ordinary: new Map(), bulk: new Map() }
  /** Flows with somebody waiting, in the order of their turn. */
  readonly #turns: Readonly<Record<Rank, Set<Flow>>> = { urgent: new Set(), ordinary: new Set(), bulk: new Set() }
  #gathered: { readonly flow: Flow; readonly waiting: Waiting }[] = []
  #running = 0
  #scheduled = false
  #turnEnds: number | undefined
  #letIn = 0
  /** Set while somebody who may wait too long was not let in with the others. */
  #cancelExpiry: (() => void) | undefined

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
    let waiting = this.#gathered.length
    for (const turns of Object.values(this.#turns)) for (const flow of turns) waiting += flow.waiting.length
    return waiting
  }

  /**
   * Undefined: go on at once; a promise: wait for it. `leave` must follow either way, once. Refuses with 429 who has too many
   * waiting or, unless it is bulk, has waited too long. Those that go together wait for the end of the turn: for writes, which
   * are committed then, that is no delay.
   */
  enter(identity: string, rank: Rank, together = false): Promise<void> | undefined {
    const flow = this.#flowOf(identity, rank)
    if (!together && this.#isFree(flow)) {
      this.#start(flow)
      return undefined
    }
    if (flow.waiting.length + flow.gathered >= this.#waitingEach) throw tooMany()
    return new Promise((go, refuse) => {
      const waiting = { since: this.#clock.now(), together, go, refuse }
      if (together) {
        flow.gathered++
        this.#gathered.push({ flow, waiting })
      } else this.#wait(flow, waiting)
      this.#schedule()
    })
  }

  #flowOf(identity: string, rank: Rank): Flow {
    const flows = this.#flows[rank]
    let flow = flows.get(identity)
    if (!flow) {
      flow = { identity, rank, waiting: [], gathered: 0, running: 0 }
      flows.set(identity, flow)
    }
    return flow
  }

  #isFree({ rank, waiting, running }: Flow): boolean {
    const { urgent, bulk } = this.#turns
    if (this.#running >= this.#seats || running >= this.#seatsEach || waiting.length > 0 || this.#turnIsOver()) return false
    return urgent.size === 0 && (rank !== 'bulk' || bulk.size === 0)
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

  #wait(flow: Flow, waiting: Waiting): void {
    flow.waiting.push(waiting)
    this.#turns[flow.rank].add(flow)
  }

  #start(flow: Flow): void {
    flow.running++
    this.#running++
  }

  leave(identity: string, rank: Rank): void {
    const flow = this.#flows[rank].get(identity)
    if (!flow) return
    flow.running--
    this.#running--
    this.#forget(flow)
    this.#schedule()
  }

  #forget({ identity, rank, waiting, gathered, running }: Flow): void {
    if (running === 0 && gathered === 0 && waiting.length === 0) this.#flows[rank].delete(identity)
  }

  #schedule(): void {
    const { urgent, ordinary, bulk } = this.#turns
    if (this.#scheduled || urgent.size + ordinary.size + bulk.size + this.#gathered.length === 0) return
    this.#scheduled = true
    setImmediate(() => void this.#letSomeIn())
  }

  async #letSomeIn(): Promise<void> {
    const until = this.#elapsed() + TURN_MS
    for (const { flow, waiting } of this.#gathered) {
      flow.gathered--
      this.#wait(flow, waiting)
    }
    this.#gathered = []
    let more: boolean
    do {
      more = this.#letInTogether()
      if (more) await goingOn(BEGINNING)
    } while (more && this.#elapsed() < until)
    this.#scheduled = false
    if (more || this.#gathered.length > 0) this.#schedule()
    this.#watchExpiry()
  }

  /** One that goes alone, or some that go together; false when nobody could be let in. */
  #letInTogether(): boolean {
    let count = 0
    for (; count < TOGETHER && this.#running < this.#seats; count++) {
      const next = this.#nextByShares()
      if (!next) break
      this.#letIn++
      if (!next.together) return true
    }
    return count > 0
  }

  #nextByShares(): Waiting | undefined {
    for (let n = 0; n < SHARES.length; n++) {
      const next = this.#next(this.#turns[SHARES[(this.#letIn + n) % SHARES.length]!])
      if (next) return next
    }
    return undefined
  }

  /** Lets in the first of the identity whose turn it is; that identity's next turn comes after all others'. */
  #next(turns: Set<Flow>): Waiting | undefined {
    for (const flow of turns) {
      if (flow.running >= this.#seatsEach) continue
      const next = flow.waiting.shift()
      turns.delete(flow)
      if (!next) continue
      if (flow.waiting.length > 0) turns.add(flow)
      this.#start(flow)
      next.go()
      return next
    }
    return undefined
  }

  /** Has those looked after who are still waiting. */
  #watchExpiry(): void {
    if (this.#turns.urgent.size + this.#turns.ordinary.size === 0) {
      this.#cancelExpiry?.()
      this.#cancelExpiry = undefined
      return
    }
    if (this.#cancelExpiry) return
    let oldest = Number.POSITIVE_INFINITY
    for (const rank of MORTAL) for (const { waiting } of this.#turns[rank]) oldest = Math.min(oldest, waiting[0]!.since)
    this.#cancelExpiry = this.#clock.after(oldest + WAIT_MS - this.#clock.now(), () => this.#expire())
  }

  #expire(): void {
    this.#cancelExpiry = undefined
    const before = this.#clock.now() - WAIT_MS
    for (const rank of MORTAL) {
      for (const flow of this.#turns[rank]) {
        while (flow.waiting.length > 0 && flow.waiting[0]!.since <= before) flow.waiting.shift()!.refuse(tooMany())
        if (flow.waiting.length > 0) continue
        this.#turns[rank].delete(flow)
        this.#forget(flow)
      }
    }
    this.#watchExpiry()
  }
}

/** Who does not wait for ever. */
const MORTAL: readonly Rank[] = ['urgent', 'ordinary']

export const tooMany = (why = 'too many requests, please try again later', retryAfterSeconds = 1): StatusError =>
  new StatusError('TooManyRequests', why, { retryAfterSeconds })
