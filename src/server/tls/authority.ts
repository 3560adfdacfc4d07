import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { makePrivateDirectory, readIfThere, writePrivateFile } from '../../base/node/private-files.ts'
import { issuer } from './issuer.ts'

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export interface CertificateRequest {
  /** The user name of a client. */
  readonly commonName: string
  /** The groups of a client. */
  readonly organizations?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
  readonly usage: 'server' | 'client'
  readonly days: number
}

const CA_DAYS = 3650

/** The authority that all certificates of one cluster come from, kept in a directory. */
export class Authority {
  readonly #pair: KeyPair
  readonly #clock: Clock

  constructor(pair: KeyPair, clock: Clock) {
    this.#pair = pair
    this.#clock = clock
  }

  /** Its certificate, PEM: what clients and server trust. */
  get certificate(): string {
    return this.#pair.certificate
  }
  issue(request: CertificateRequest): Promise<KeyPair> {
    return issuer.call('issueKeyPair', this.#pair, request, this.#clock.now())
  }
  /** Signs the key of a signing request (PEM) for the name given here, whatever the request says. */
  signRequest(csr: string, request: CertificateRequest): Promise<string> {
    return issuer.call('issueForRequest', this.#pair, csr, request, this.#clock.now())
  }
}

/** A new authority, which nobody keeps yet. */
export const issueAuthority = (clock: Clock): Promise<KeyPair> => issuer.call('issueAuthority', 'everynode-ca', clock.now(), CA_DAYS)

/** Opens the authority of a directory; the first time it keeps one there: `fresh`, or one that is made then. */
export async function openAuthority(directory: string, clock: Clock, fresh?: Promise<KeyPair>): Promise<Authority> {
  await makePrivateDirectory(directory)
  const certificateFile = join(directory, 'ca.crt')
  const keyFile = join(directory, 'ca.key')
  const [certificate, key] = await Promise.all([readIfThere(certificateFile), readIfThere(keyFile)])
  if (certificate !== undefined && key !== undefined) return new Authority({ certificate, key }, clock)
  if (certificate !== undefined) throw new Error(`${keyFile} is missing beside ${certificateFile}: restore it, or remove both to start with a new authority`)
  const pair = await (fresh ?? issueAuthority(clock))
  // The key first: a certificate without its key is what the check above refuses.
  await writePrivateFile(keyFile, pair.key)
  await writePrivateFile(certificateFile, pair.certificate)
  return new Authority(pair, clock)
}

/** When a certificate (PEM) should be replaced: after two thirds of its life. Milliseconds since 1970. */
export function renewAt(certificate: string): number {
  const { validFrom, validTo } = new X509Certificate(certificate)
  const from = Date.parse(validFrom)
  return from + ((Date.parse(validTo) - from) * 2) / 3
}

/** Whether a certificate (PEM) is for all these names and addresses, and comes from this authority. */
export function covers(certificate: string, request: CertificateRequest, authority: string): boolean {
  const x509 = new X509Certificate(certificate)
  return (
    x509.checkIssued(new X509Certificate(authority)) &&
    x509.verify(new X509Certificate(authority).publicKey) &&
    (request.dnsNames ?? []).every(name => x509.checkHost(name) !== undefined) &&
    (request.addresses ?? []).every(address => x509.checkIP(address) !== undefined)
  )
}
