import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { destroyed } from '../../base/node/destroyed.ts'
import type { Ending } from '../http/closing.ts'
import type { StreamCall } from '../http/routes.ts'
import { answerLink, type LinkCalls } from './answer-link.ts'
import { LinkRequests } from './link-requests.ts'

/** An agent says something much more often; one that says nothing for so long has gone without a word. */
const SILENT_MS = 60_000

/** Whoever keeps the links. */
export interface LinkOwner {
  readonly clock: Clock
  /** The connection is closed. */
  gone(link: AgentLink): void
  failed(link: AgentLink, error: unknown): void
}

/** The connection of one agent: an object and its listeners, for there are ten thousand. */
export class AgentLink implements LinkCalls, Ending {
  readonly node: string
  readonly socket: Duplex
  readonly write: LinkCalls['write']
  readonly #owner: LinkOwner
  readonly #requests: LinkRequests
  #heard: number

  constructor(node: string, socket: Duplex, { closing, write, ask }: StreamCall, owner: LinkOwner) {
    this.node = node
    this.socket = socket
    this.write = write
    this.#owner = owner
    this.#requests = new LinkRequests(socket, ask)
    this.#heard = owner.clock.now()
    closing.add(this)
    // An agent that ends its side has gone.
    socket.once('end', destroyed)
    socket.once('close', () => {
      closing.leave(this)
      this.#requests.gone()
      owner.gone(this)
    })
    answerLink(socket, this)
  }

  heard(): void {
    this.#heard = this.#owner.clock.now()
  }
  other(line: Buffer): number {
    return this.#requests.take(line)
  }
  bytes(piece: Buffer): void {
    this.#requests.bytes(piece)
  }
  onError(error: unknown): void {
    this.#owner.failed(this, error)
  }

  /** Cuts it when its agent has gone without a word; what is not read now is not silence. */
  cutIfSilent(): void {
    if (this.#owner.clock.now() - this.#heard > SILENT_MS && !this.socket.isPaused()) this.socket.destroy()
  }

  /** Begins nothing any more, and ends when all that was begun is over. */
  end(): void {
    this.#requests.close(() => void this.socket.end())
  }
}
