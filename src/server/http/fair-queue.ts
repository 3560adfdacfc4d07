import { StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'

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
/** So that urgent requests, however many, cannot keep out all others. */
const ORDINARY_EVERY = 4
/** Those let in out of the queue keep a turn of the event loop so long; then others are heard. */
const TURN_MS = 2
/** Requests that come in one turn and find a seat keep it so long; the others wait as if there were none. */
const AT_ONCE_MS = 5
/** Awaits in which a request that was let in has begun its work. */
const BEGINNING = 8

interface Flow {
  readonly waiting: (() => void)[]
  running: number
}

/**
 * Lets requests in: at once while there are seats, otherwise in turn by identity, so that one client's flood delays only
 * that client. Urgent requests (those that keep nodes alive) are let in before others, three of four times.
 */
export class FairQueue {
  readonly #clock: Clock
  readonly #seats: number
  readonly #seatsEach: number
  readonly #waitingEach: number
  readonly #elapsed: () => number
  readonly #flows = new Map<string, Flow>()
  /** Identities with somebody waiting, in the order of their turn; urgent ones apart. */
  readonly #turns = { urgent: new Set<string>(), ordinary: new Set<string>() }
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
   * many waiting or, unless `patient`, has waited too long.
   */
  enter(identity: string, urgent: boolean, patient = false): Promise<void> | undefined {
    const key = urgent ? `!${identity}` : identity
    let flow = this.#flows.get(key)
    if (!flow) {
      flow = { waiting: [], running: 0 }
      this.#flows.set(key, flow)
    }
    const free = this.#running < this.#seats && flow.running < this.#seatsEach && flow.waiting.length === 0 && !this.#turnIsOver()
    if (free && this.#turns.urgent.size === 0) {
      this.#start(flow)
      return undefined
    }
    if (flow.waiting.length >= this.#waitingEach) throw tooMany()
    const { waiting } = flow
    const turns = urgent ? this.#turns.urgent : this.#turns.ordinary
    turns.add(key)
    this.#schedule()
    if (patient) return new Promise(resolve => waiting.push(resolve))
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

  leave(identity: string, urgent: boolean): void {
    const key = urgent ? `!${identity}` : identity
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
    if (this.#scheduled || this.#turns.urgent.size + this.#turns.ordinary.size === 0) return
    this.#scheduled = true
    setImmediate(() => void this.#letSomeIn())
  }

  async #letSomeIn(): Promise<void> {
    const until = this.#elapsed() + TURN_MS
    do {
      const { urgent, ordinary } = this.#turns
      const [first, second] = this.#letIn % ORDINARY_EVERY === ORDINARY_EVERY - 1 ? [ordinary, urgent] : [urgent, ordinary]
      if (this.#running >= this.#seats || !(this.#next(first) || this.#next(second))) {
        this.#scheduled = false
        return
      }
      this.#letIn++
      for (let n = 0; n < BEGINNING; n++) await undefined
    } while (this.#elapsed() < until)
    this.#scheduled = false
    this.#schedule()
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
