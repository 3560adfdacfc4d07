import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makePrivateDirectory, readIfThere, writePrivateFile } from '../../base/node/private-files.ts'

/** A key that signs ServiceAccount tokens, by its JWK thumbprint. */
export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const FILE = /^service-account-(\d{13})\.key$/

/**
 * The keys of a directory, newest first: the newest signs, all verify. The first start makes one; rotating is putting
 * another beside it, and removing an old one ends all that it signed.
 */
export async function openSigningKeys(directory: string, now: number): Promise<readonly SigningKey[]> {
  await makePrivateDirectory(directory)
  const files = (await readdir(directory))
    .filter(file => FILE.test(file))
    .sort()
    .reverse()
  if (files.length === 0) return [await addSigningKey(directory, now)]
  const keys: SigningKey[] = []
  for (const file of files) {
    const pem = await readIfThere(join(directory, file))
    if (pem !== undefined) keys.push(signingKey(createPrivateKey(pem)))
  }
  return keys
}

/** Makes a new key (ECDSA P-256), which signs from the next start on. */
export async function addSigningKey(directory: string, now: number): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = `service-account-${String(now).padStart(13, '0')}.key`
  await writePrivateFile(join(directory, name), privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  return signingKey(privateKey)
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  // RFC 7638: the required members in order of name.
  const id = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { id, privateKey, publicKey }
}
