import { unavailable } from '../../api/meta/status.ts'
import { type NodeStats, readNodeStats } from '../../api/node-stats.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { NodeLink } from '../streaming/node-link.ts'

/** A node measures for a second when nobody has asked for a while. */
const ANSWER_MS = 4000
const KEPT_MS = 5000
const AT_ONCE = 256
/** Nodes that have not answered by then are left out, whether or not it was their turn. */
const TOGETHER_MS = 30_000
const LARGEST_BYTES = 4 * 1024 * 1024

interface Kept {
  readonly until: number
  /** Undefined when the node did not answer. */
  readonly stats: NodeStats | undefined
}

/** Asks nodes what they use; what one said, or that it said nothing, holds for 5 s. */
export class NodeStatsReader {
  readonly #links: NodeLink
  readonly #clock: Clock
  readonly #log: Log
  readonly #kept = new Map<string, Kept>()
  readonly #asking = new Map<string, Promise<NodeStats | undefined>>()
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor({ links, clock, log }: { readonly links: NodeLink; readonly clock: Clock; readonly log: Log }) {
    this.#links = links
    this.#clock = clock
    this.#log = log
  }

  /** What each of the nodes says; those that do not answer in time are left out. */
  async read(nodes: Iterable<string>): Promise<ReadonlyMap<string, NodeStats>> {
    const now = this.#clock.now()
    for (const [node, { until }] of this.#kept) if (until <= now) this.#kept.delete(node)
    const found = new Map<string, NodeStats>()
    const all = [...new Set(nodes)].map(async node => {
      const stats = await this.#statsOf(node)
      if (stats) found.set(node, stats)
    })
    const over = Promise.withResolvers<void>()
    const cancel = this.#clock.after(TOGETHER_MS, over.resolve)
    await Promise.race([Promise.all(all), over.promise])
    cancel()
    return new Map(found)
  }

  #statsOf(node: string): Promise<NodeStats | undefined> | NodeStats | undefined {
    const kept = this.#kept.get(node)
    if (kept) return kept.stats
    let asking = this.#asking.get(node)
    if (!asking) {
      asking = this.#inTurn(() => this.#ask(node))
        .catch(error => {
          this.#log.debug('a node did not say what it uses', { node, error: (error as Error).message })
          return undefined
        })
        .then(stats => {
          this.#asking.delete(node)
          this.#kept.set(node, { until: this.#clock.now() + KEPT_MS, stats })
          return stats
        })
      this.#asking.set(node, asking)
    }
    return asking
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  async #ask(node: string): Promise<NodeStats> {
    const late = new AbortController()
    const cancel = this.#clock.after(ANSWER_MS, () => late.abort(unavailable(`node ${node} did not answer within ${ANSWER_MS / 1000} s`)))
    try {
      const stream = await this.#links.open(node, { path: '/stats/summary', query: {}, headers: {} }, late.signal)
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > LARGEST_BYTES) throw new Error(`more than ${LARGEST_BYTES} bytes`)
        chunks.push(chunk)
      }
      late.signal.throwIfAborted()
      return readNodeStats(Buffer.concat(chunks).toString('utf8'))
    } finally {
      cancel()
    }
  }
}
