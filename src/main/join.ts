import { timingSafeEqual, type X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { readIfThere, writePrivateFile } from '../base/node/private-files.ts'
import { HttpApi } from '../client/http/rest.ts'
import { requestSigner } from '../client/node/request-signer.ts'
import { writeKubeconfig } from '../client/node/write-kubeconfig.ts'
import { Failure } from './failure.ts'
import { requestCertificate } from './request-certificate.ts'
import { authorityHash } from './token.ts'

export interface JoinOptions {
  /** `https://ADDRESS:PORT`. */
  readonly server: string
  readonly token: string
  /** `sha256:HEX` of the authority's public key; without it the server's word is taken. */
  readonly caHash: string | undefined
  readonly node: string
  /** Where the key, the certificate and the kubeconfig are kept. */
  readonly directory: string
  readonly signal: AbortSignal
}

/**
 * Joins a cluster with a token: pins the server's authority, asks for the node's certificate with a key that never leaves this
 * machine (the old one if there is one, so that the node keeps its name), and writes the kubeconfig to go on with.
 */
export async function joinCluster(options: JoinOptions): Promise<string> {
  const { server, token, node, directory } = options
  if (!/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token))
    throw new Failure('--token is no join token: six characters, a dot, sixteen characters; `everynode token create` prints one')
  const authority = await pinnedAuthority(server, options.caHash)
  const keyFile = join(directory, 'agent.key')
  const { csr, key } = await requestSigner.call('newSigningRequest', `system:node:${node}`, ['system:nodes'], await readIfThere(keyFile))
  await writePrivateFile(keyFile, key)
  const api = new HttpApi({ server, authority, token: () => token, namespace: 'default' })
  try {
    const certificate = await requestCertificate(api, csr, node, options.signal)
    const kubeconfig = join(directory, 'kubeconfig')
    await writeKubeconfig(kubeconfig, { server, authority, certificate, key, name: 'everynode' })
    return kubeconfig
  } finally {
    api.close()
  }
}

/** The authority that the server's certificate comes from, if its key is the one that was pinned. */
export async function pinnedAuthority(server: string, caHash: string | undefined): Promise<string> {
  const { hostname, port, protocol } = new URL(server)
  if (protocol !== 'https:') throw new Failure(`--server ${server}: wanted https://ADDRESS:PORT`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const chain = await new Promise<X509Certificate[]>((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port) || 443,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    })
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer in 10 s')))
    socket.once('error', error => reject(new Failure(`cannot reach ${server}: ${error.message}`, 1, { cause: error })))
    socket.once('secureConnect', () => {
      const found: X509Certificate[] = []
      let next = socket.getPeerX509Certificate()
      while (next && !found.some(c => c.fingerprint256 === next?.fingerprint256)) {
        found.push(next)
        next = next.issuerCertificate
      }
      socket.destroy()
      resolve(found)
    })
  })
  const [leaf] = chain
  const authority = chain.findLast(certificate => certificate.ca)
  if (!leaf || !authority || !leaf.verify(authority.publicKey))
    throw new Failure(`${server} does not show the authority of its certificate; is it an Everynode server?`)
  const pem = authority.toString()
  if (caHash === undefined)
    process.stderr.write(`everynode: --ca-hash is not given: taking the word of ${server} that its authority is ${authorityHash(pem)}\n`)
  else if (!sameText(authorityHash(pem), caHash))
    throw new Failure(`${server} is not the server that the token is for: its authority is ${authorityHash(pem)}, not ${caHash}`)
  return pem
}

const sameText = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
