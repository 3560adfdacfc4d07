import type { Clock } from '../../base/clock.ts'

/** What is known of a connection before anything is read from it. */
export interface Arriving {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  destroy(): void
}

export interface ArrivalsOptions<T extends Arriving> {
  readonly clock: Clock
  /** All there may be, those that wait included; what comes later is closed. */
  readonly connections: number
  /** Of one address: those that are let in and over which nobody known has asked so far. */
  readonly newcomersEach: number
  readonly letIn: (socket: T) => void
}

/** Handshakes under way: with more, each takes longer and none is done sooner. */
const AT_ONCE = 128
/** A handshake that takes longer keeps nobody else waiting. */
const SLOW_MS = 500
/** One in so many let in is whoever came last: people do not wait for thousands of agents, and give up sooner. */
const NEWEST_EACH = 4
/** Whoever has waited so long has given up. */
const LONGEST_WAIT_MS = 60_000

type Stage = 'waiting' | 'handshake' | 'newcomer' | 'known' | 'gone'

interface Arrival<T> {
  readonly connection: string
  readonly socket: T
  readonly origin: Origin<T>
  stage: Stage
  /** When it came, and then when it was let in. */
  since: number
}
interface Origin<T> {
  readonly address: string
  connections: number
  readonly waiting: Set<Arrival<T>>
  newcomers: number
}

/**
 * Lets connections in, from each address in turn and only so many into a handshake at a time. After an interruption thousands
 * come at once: to wait costs nothing, while a handshake that its client gives up, or is sent away from, is work for both in vain.
 */
export class Arrivals<T extends Arriving> {
  readonly #options: ArrivalsOptions<T>
  readonly #arrivals = new Map<string, Arrival<T>>()
  readonly #origins = new Map<string, Origin<T>>()
  /** Those with somebody who may be let in, in the order of their turn. */
  readonly #turns = new Set<Origin<T>>()
  /** Who has come since somebody had to wait; at least all who still do. */
  #inOrder: Arrival<T>[] = []
  /** The longest under way first. */
  readonly #handshakes = new Set<Arrival<T>>()
  #waiting = 0
  #letIn = 0
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: ArrivalsOptions<T>) {
    this.#options = options
  }

  get size(): number {
    return this.#arrivals.size
  }
  /** Those that are not let in yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Somebody has come; what they say is not read before they are let in. */
  add(socket: T): void {
    const connection = connectionOf(socket)
    const address = socket.remoteAddress
    if (address === undefined) return void socket.destroy()
    if (this.#arrivals.size >= this.#options.connections && !this.#makeRoom(address)) return void socket.destroy()
    const origin = this.#origins.get(address) ?? { address, connections: 0, waiting: new Set(), newcomers: 0 }
    this.#origins.set(address, origin)
    origin.connections++
    const arrival: Arrival<T> = { connection, socket, origin, stage: 'known', since: this.#options.clock.now() }
    this.#arrivals.set(connection, arrival)
    this.#move(arrival, 'waiting')
    if (this.#inOrder.length > 2 * this.#waiting + AT_ONCE) this.#inOrder = this.#inOrder.filter(isWaiting)
    this.#inOrder.push(arrival)
    this.#letSomeIn()
  }

  /** The handshake over this connection is done. */
  secured(connection: string): void {
    const arrival = this.#arrivals.get(connection)
    if (arrival?.stage === 'handshake') this.#move(arrival, 'newcomer')
    this.#letSomeIn()
  }

  /** Somebody known has asked over this connection, or the authority vouches for them. */
  known(connection: string): void {
    const arrival = this.#arrivals.get(connection)
    if (!arrival || arrival.stage === 'known') return
    this.#move(arrival, 'known')
    this.#letSomeIn()
  }

  /** The connection is closed. */
  gone(connection: string): void {
    const arrival = this.#arrivals.get(connection)
    if (!arrival) return
    this.#arrivals.delete(connection)
    this.#move(arrival, 'gone')
    if (--arrival.origin.connections === 0) this.#origins.delete(arrival.origin.address)
    this.#letSomeIn()
  }

  /** Lets nobody in any more, and closes those who wait, or all there are. */
  close(which: 'waiting' | 'all'): void {
    this.#closed = true
    this.#cancel?.()
    for (const { socket, stage } of [...this.#arrivals.values()]) if (which === 'all' || stage === 'waiting') socket.destroy()
  }

  #move(arrival: Arrival<T>, stage: Stage): void {
    const { origin, stage: from } = arrival
    const { waiting } = origin
    arrival.stage = stage
    arrival.since = this.#options.clock.now()
    waiting.delete(arrival)
    this.#handshakes.delete(arrival)
    if (stage === 'waiting') waiting.add(arrival)
    if (stage === 'handshake') this.#handshakes.add(arrival)
    this.#waiting += Number(stage === 'waiting') - Number(from === 'waiting')
    origin.newcomers += Number(isNewcomer(stage)) - Number(isNewcomer(from))
    if (waiting.size > 0 && origin.newcomers < this.#options.newcomersEach) this.#turns.add(origin)
    else this.#turns.delete(origin)
  }

  #letSomeIn(): void {
    if (this.#closed) return
    const now = this.#options.clock.now()
    for (const slow of this.#handshakes) {
      if (now - slow.since < SLOW_MS) break
      this.#handshakes.delete(slow)
    }
    for (let next = this.#next(); next; next = this.#next()) {
      const [longest] = this.#handshakes
      if (longest && this.#handshakes.size >= AT_ONCE) return void this.#letInLater(longest.since + SLOW_MS - now)
      const late = now - next.since >= LONGEST_WAIT_MS
      // To the end of the line.
      this.#turns.delete(next.origin)
      this.#move(next, late ? 'known' : 'handshake')
      if (late) next.socket.destroy()
      else this.#options.letIn(next.socket)
      if (!late) this.#letIn++
    }
    this.#inOrder = []
  }

  #next(): Arrival<T> | undefined {
    if (this.#letIn % NEWEST_EACH === NEWEST_EACH - 1) {
      while (this.#inOrder.length > 0 && !isWaiting(this.#inOrder.at(-1)!)) this.#inOrder.pop()
      const newest = this.#inOrder.at(-1)
      if (newest && this.#turns.has(newest.origin)) return newest
    }
    const [origin] = this.#turns
    const [first] = origin?.waiting ?? []
    return first
  }

  #letInLater(ms: number): void {
    this.#cancel ??= this.#options.clock.after(ms, () => {
      this.#cancel = undefined
      this.#letSomeIn()
    })
  }

  /** Whoever has the most waiting loses one, unless that is whoever comes now. */
  #makeRoom(address: string): boolean {
    let most: Origin<T> | undefined
    for (const origin of this.#origins.values()) if (origin.waiting.size > (most?.waiting.size ?? 0)) most = origin
    const [first] = most?.waiting ?? []
    if (!most || !first || most.address === address) return false
    first.socket.destroy()
    this.gone(first.connection)
    return true
  }
}

const isWaiting = ({ stage }: { readonly stage: Stage }): boolean => stage === 'waiting'
const isNewcomer = (stage: Stage): boolean => stage === 'handshake' || stage === 'newcomer'

/** Names a connection the same below TLS and above. */
export const connectionOf = ({ remoteAddress, remotePort }: Pick<Arriving, 'remoteAddress' | 'remotePort'>): string => `${remoteAddress} ${remotePort}`
