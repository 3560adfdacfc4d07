import type { User } from '../../api/meta/user.ts'
import type { Clock } from '../../base/clock.ts'
import type { Gauge, Metrics } from '../../base/metrics.ts'
import { ANONYMOUS } from './authenticate.ts'
import type { Peer } from './exchange.ts'
import { tooMany } from './fair-queue.ts'
import type { Limits } from './limits.ts'
import { OpenConnections } from './open-connections.ts'
import { Rates } from './rates.ts'

/** How much each identity may have at a time: connections, requests, watches and streams. What is too much is a 429. */
export class Allowances {
  readonly #limits: Limits
  readonly #rates: Rates
  readonly #connections: OpenConnections
  /** Open watches and streams by identity. */
  readonly #watchers = new Map<string, number>()
  readonly #watches: Gauge

  constructor(limits: Limits, clock: Clock, metrics: Metrics) {
    this.#limits = limits
    this.#rates = new Rates({ ...limits, clock })
    this.#connections = new OpenConnections(limits.connectionsEach)
    this.#watches = metrics.gauge('apiserver_longrunning_requests', 'Watches and streams that are open.')
  }

  /** Whether a connection belongs to somebody who has been let in. */
  knows(peer: Peer): boolean {
    return this.#connections.knows(peer)
  }

  closed(peer: Peer): void {
    this.#connections.closed(peer)
  }

  /** Throws 429 for too many connections of an identity, or too many requests in this time; `count` come at once. */
  admit(user: User | undefined, peer: Peer, count = 1): void {
    if (user && !this.#connections.admit(user.name, peer)) throw tooMany(`${user.name} has too many connections open`)
    const seconds = user?.groups.includes('system:masters') ? 0 : this.#rates.take(user?.name ?? `${ANONYMOUS.name} ${peer.address}`, count)
    if (seconds > 0) throw tooMany(undefined, seconds)
  }

  /** Counts a watch or stream of an identity; the function is to be called when it is over. Throws 429 when there are too many. */
  longRunning(who: string): () => void {
    this.begin(who)
    return () => this.over(who)
  }

  /** As `longRunning`, for whoever knows by itself whose is over. */
  begin(who: string): void {
    const open = (this.#watchers.get(who) ?? 0) + 1
    if (open > this.#limits.watchesEach) throw tooMany(`${who} has too many watches and streams open`)
    this.#watchers.set(who, open)
    this.#watches.add(1)
  }

  over(who: string): void {
    this.#watches.add(-1)
    const left = (this.#watchers.get(who) ?? 1) - 1
    if (left > 0) this.#watchers.set(who, left)
    else this.#watchers.delete(who)
  }
}
