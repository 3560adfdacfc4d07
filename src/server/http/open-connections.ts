import type { Peer } from './exchange.ts'

/** Which connections each identity uses. One that carries several identities, as a proxy's does, counts for each. */
export class OpenConnections {
  readonly #limit: number
  readonly #peers = new Map<string, Set<Peer>>()
  readonly #identities = new Map<Peer, Set<string>>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether the identity may use this connection: as one of its own so far, or as one more. */
  admit(identity: string, peer: Peer): boolean {
    let peers = this.#peers.get(identity)
    if (peers?.has(peer)) return true
    if (peers && peers.size >= this.#limit) return false
    if (!peers) {
      peers = new Set()
      this.#peers.set(identity, peers)
    }
    peers.add(peer)
    const identities = this.#identities.get(peer)
    if (identities) identities.add(identity)
    else this.#identities.set(peer, new Set([identity]))
    return true
  }

  /** Whether anybody known has asked over it. */
  knows(peer: Peer): boolean {
    return this.#identities.has(peer)
  }

  closed(peer: Peer): void {
    for (const identity of this.#identities.get(peer) ?? []) {
      const peers = this.#peers.get(identity)
      peers?.delete(peer)
      if (peers?.size === 0) this.#peers.delete(identity)
    }
    this.#identities.delete(peer)
  }
}
