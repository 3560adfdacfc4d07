import { randomBytes } from 'node:crypto'
import { type Duplex, duplexPair } from 'node:stream'
import { forbidden, StatusError } from '../../api/meta/status.ts'
import { nodeOfUser, type User } from '../../api/meta/user.ts'
import { TAKES_REQUESTS, TAKES_WATCHES } from '../../api/node-requests.ts'
import type { StreamHead, StreamRequest } from '../../api/node-stream.ts'
import { TAKES_WRITES } from '../../api/node-writes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { readLine } from '../../base/node/read-line.ts'
import { writeLittleAtATime } from '../../base/node/small-writes.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Upgrade } from '../http/listener.ts'
import type { StreamCall, StreamRoute } from '../http/routes.ts'
import { acceptUpgrade } from '../http/upgrade.ts'
import { AgentLink, type LinkOwner } from './agent-link.ts'

/** Opens streams to the agents of nodes. */
export interface NodeLink {
  /** The raw bytes of one accepted stream. Throws what the node said against it, and 503 when the node is not connected. */
  open(node: string, request: StreamRequest, signal: AbortSignal): Promise<Duplex>
}

/** Serves a stream on the node's side: writes a `StreamHead` line, then bytes. */
export type NodeStreamHandler = (request: StreamRequest, stream: Duplex) => void

export const LINK_PROTOCOL = 'everynode-link'
const OPEN_MS = 10_000
const HEAD_BYTES = 64 * 1024
/** How often it is seen which agents have gone without a word. */
const LOOK_MS = 20_000

interface Pending {
  readonly node: string
  readonly resolve: (stream: Duplex) => void
}

/** What an agent is told of a link when it is opened. */
const TAKES = { [TAKES_WRITES]: '1', [TAKES_WATCHES]: '1', [TAKES_REQUESTS]: '1' }

/**
 * Streams to nodes: agents of this process are called directly; other agents keep an upgraded connection open, their link, over which
 * they are told a one-time id, and dial an upgraded connection for the stream itself. The node opens no port. Over its link an agent
 * also writes, in batches, watches and asks. Agents of 0.1 have a stream of their HTTP/2 session in its place.
 */
export class NodeLinks implements NodeLink, LinkOwner {
  readonly clock: Clock
  readonly #log: Log
  readonly #local = new Map<string, NodeStreamHandler>()
  readonly #links = new Map<string, AgentLink>()
  /** Those that nothing else watches over. */
  readonly #watched = new Set<AgentLink>()
  #cancelLook = () => {}
  readonly #lost = new Map<string, number>()
  readonly #pending = new Map<string, Pending>()
  #addresses = ''

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.clock = clock
    this.#log = log
  }

  /** The agent of a node lives in this process; returns how to take it away again. */
  addLocal(node: string, handler: NodeStreamHandler): () => void {
    this.#local.set(node, handler)
    return () => {
      if (this.#local.get(node) === handler) this.#local.delete(node)
    }
  }

  get connected(): number {
    return this.#links.size + this.#local.size
  }

  /** Tells all agents, those that connect later too, where the server can be found. */
  announce(addresses: readonly string[]): void {
    const line = addresses.length > 0 ? `addresses ${addresses.join(' ')}\n` : ''
    if (line === this.#addresses) return
    this.#addresses = line
    if (line !== '') for (const { socket } of this.#links.values()) socket.write(line)
  }

  async open(node: string, request: StreamRequest, signal: AbortSignal): Promise<Duplex> {
    const handler = this.#local.get(node)
    const stream = handler ? local(handler, request) : await this.#dialled(node, signal)
    const stop = () => stream.destroy()
    signal.addEventListener('abort', stop, { once: true })
    stream.once('close', () => signal.removeEventListener('abort', stop))
    try {
      if (!handler) stream.write(`${JSON.stringify(request)}\n`)
      const head = JSON.parse(await readLine(stream, HEAD_BYTES, signal)) as StreamHead
      if (head.code < 300) return stream
      throw head.status ? StatusError.from(head.status) : new StatusError('InternalError', `node ${node} refused the stream`, undefined, head.code)
    } catch (error) {
      stream.destroy()
      signal.throwIfAborted()
      throw error instanceof StatusError ? error : away(`node ${node} did not answer: ${(error as Error).message}`)
    }
  }

  #dialled(node: string, signal: AbortSignal): Promise<Duplex> {
    const link = this.#links.get(node)
    if (!link) {
      const since = this.#lost.get(node)
      throw away(
        since === undefined
          ? `node ${node} has not connected to this server`
          : `node ${node} is not connected since ${new Date(since).toISOString().replace('.000', '')}`,
      )
    }
    const id = randomBytes(16).toString('hex')
    return new Promise((resolve, reject) => {
      const settle = () => {
        cancel()
        signal.removeEventListener('abort', aborted)
        this.#pending.delete(id)
      }
      const aborted = () => {
        settle()
        reject(signal.reason)
      }
      const cancel = this.clock.after(OPEN_MS, () => {
        settle()
        // Whoever does not dial when told to has gone without a word, or makes a new link.
        link.socket.destroy()
        reject(away(`node ${node} did not open the stream within ${OPEN_MS / 1000} s`))
      })
      signal.addEventListener('abort', aborted, { once: true })
      this.#pending.set(id, {
        node,
        resolve: stream => {
          settle()
          resolve(stream)
        },
      })
      link.socket.write(`${id}\n`)
    })
  }

  /** The routes that agents dial, by `GROUP/RESOURCE/SUBRESOURCE`. */
  get routes(): Readonly<Record<string, StreamRoute>> {
    return {
      'everynode.dev/nodes/link': {
        serve: async (call, exchange) => this.#overSession(onlyNode(call.info.name ?? '', call.user, 'link'), exchange, call),
        upgrade: async (call, upgrade) => {
          const node = onlyNode(call.info.name ?? '', call.user, 'link')
          acceptUpgrade(upgrade, LINK_PROTOCOL, TAKES)
          if (upgrade.head.length > 0) upgrade.socket.unshift(upgrade.head)
          writeLittleAtATime(upgrade.socket)
          this.#watchOver(this.#serve(node, upgrade.socket, call))
        },
      },
      'everynode.dev/nodes/streams': {
        upgrade: async ({ info, user }, upgrade) => this.#accept(onlyNode(info.name ?? '', user, 'streams'), info.rest ?? '', upgrade),
      },
    }
  }

  /** Whether the agent is still there is seen by its session, which it uses all the time. */
  async #overSession(node: string, exchange: Exchange, call: StreamCall): Promise<void> {
    const stream = exchange.method === 'POST' ? exchange.openBothWays(200, TAKES) : undefined
    if (!stream) throw new StatusError('BadRequest', 'Upgrade request required')
    this.#serve(node, stream, call)
    await new Promise<void>(resolve => stream.once('close', resolve))
  }

  #serve(node: string, socket: Duplex, call: StreamCall): AgentLink {
    const link = new AgentLink(node, socket, call, this)
    this.#links.get(node)?.socket.destroy()
    this.#links.set(node, link)
    if (this.#addresses !== '') socket.write(this.#addresses)
    this.#log.debug('node connected', { node })
    return link
  }

  gone(link: AgentLink): void {
    const { node } = link
    if (this.#watched.delete(link) && this.#watched.size === 0) this.#cancelLook()
    if (this.#links.get(node) !== link) return
    this.#links.delete(node)
    this.#lost.set(node, this.clock.now())
    this.#log.debug('node disconnected', { node })
  }

  failed({ node }: AgentLink, error: unknown): void {
    this.#log.warn('a link was ended', { node, error: String(error) })
  }

  /** One timer for all: each of their own would be as much again to hold as the link. */
  #watchOver(link: AgentLink): void {
    this.#watched.add(link)
    if (this.#watched.size === 1) this.#lookLater()
  }

  #lookLater(): void {
    this.#cancelLook = this.clock.after(LOOK_MS, () => {
      for (const link of this.#watched) link.cutIfSilent()
      if (this.#watched.size > 0) this.#lookLater()
    })
  }

  /** A stream id works once, and only for the node it was made for. */
  #accept(node: string, id: string, upgrade: Upgrade): void {
    const { socket, head } = upgrade
    const pending = this.#pending.get(id)
    if (pending?.node !== node) throw new StatusError('NotFound', 'no such stream', undefined, 404)
    acceptUpgrade(upgrade, LINK_PROTOCOL)
    if (head.length > 0) socket.unshift(head)
    pending.resolve(socket)
  }
}

/** Clients repeat by themselves what they are told to repeat, and then a person waits for a node that is gone. */
const away = (message: string): StatusError => new StatusError('ServiceUnavailable', message)

function local(handler: NodeStreamHandler, request: StreamRequest): Duplex {
  const [ours, theirs] = duplexPair()
  ours.on('error', () => {})
  theirs.on('error', () => {})
  // What one side cuts, the other side must notice.
  ours.once('close', () => theirs.destroy())
  theirs.once('close', () => ours.readableEnded || ours.destroy())
  handler(request, theirs)
  return ours
}

function onlyNode(name: string, user: User, what: string): string {
  if (nodeOfUser(user) === name) return name
  throw forbidden({ group: 'everynode.dev', resource: 'nodes' }, name, `only the node's own agent may use its ${what}`)
}
