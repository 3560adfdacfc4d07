/** Makes the key and the signing request with which a client asks for a certificate. Loads the certificate library: import it when needed. */
import 'reflect-metadata'
import { createPublicKey, webcrypto } from 'node:crypto'
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Both PEM. The key never leaves whoever asks; one that is given is used again. */
export async function newSigningRequest(
  commonName: string,
  organizations: readonly string[],
  oldKey?: string,
): Promise<{ readonly csr: string; readonly key: string }> {
  const keys = oldKey === undefined ? await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) : await keysOf(oldKey)
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: [...organizations.map(organization => ({ O: [organization] })), { CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
  })
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { csr: `${csr.toString('pem')}\n`, key: `${key}\n` }
}

async function keysOf(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  }
}
