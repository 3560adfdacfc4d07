import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { connectionOf } from './arrivals.ts'
import type { Peer, PeerCertificate } from './exchange.ts'

const peers = new WeakMap<TLSSocket, Peer>()

/** Who is at the other end, read once. */
export function peerOf(socket: TLSSocket): Peer {
  let peer = peers.get(socket)
  if (!peer) {
    const certificate = certificateOf(socket)
    peer = { address: socket.remoteAddress ?? '', connection: connectionOf(socket), ...(certificate && { certificate }) }
    peers.set(socket, peer)
  }
  return peer
}

function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  const shown = socket.getPeerX509Certificate()
  if (!shown) return undefined
  const { commonName, organizations } = plainSubject(shown.subject ?? '') ?? anySubject(shown)
  return { trusted: socket.authorized && commonName !== undefined, commonName: commonName ?? '', organizations, notAfter: shown.validToDate.getTime() }
}

interface Subject {
  /** Undefined: none, or several. */
  readonly commonName: string | undefined
  readonly organizations: readonly string[]
}

/** An attribute a line, in which nothing is escaped and nothing could be. */
const PLAIN = /^(CN|O)=([A-Za-z0-9:._@-]+)$/

/** The subject as OpenSSL writes it, when it is one name and groups in plain characters, as those of nodes are: undefined when it is anything else. */
export function plainSubject(text: string): Subject | undefined {
  let commonName: string | undefined
  const organizations: string[] = []
  for (const line of text.split('\n')) {
    const [, attribute, value = ''] = PLAIN.exec(line) ?? []
    if (attribute === 'O') organizations.push(value)
    else if (attribute === 'CN' && commonName === undefined) commonName = value
    else return undefined
  }
  return commonName === undefined ? undefined : { commonName, organizations }
}

/** Any subject: Node makes objects of the whole certificate, which costs several times as much. */
function anySubject(shown: X509Certificate): Subject {
  const { CN, O } = shown.toLegacyObject().subject as { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] }
  return { commonName: typeof CN === 'string' ? CN : undefined, organizations: O === undefined ? [] : typeof O === 'string' ? [O] : O }
}
