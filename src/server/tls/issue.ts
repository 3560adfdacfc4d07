/**
 * Makes certificates. The only module that loads the certificate library: it runs in the process of `issue-aside.ts`.
 * All keys are ECDSA P-256; identifiers and critical key usages are set, so that strict verifiers accept the chain.
 */
import 'reflect-metadata'
import { createHash, randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { CertificateRequest, KeyPair } from './authority.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 86_400_000
/** Clocks of two machines differ. */
const BACKDATED_MS = 300_000

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
const privatePem = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
const importPrivate = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign'])

/** A positive number of 16 random bytes, as certificates want it. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

/** A new authority of our own. */
export async function issueAuthority(commonName: string, now: number, days: number): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + days * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await privatePem(keys.privateKey) }
}

async function sign(authority: KeyPair, publicKey: webcrypto.CryptoKey, request: CertificateRequest, now: number): Promise<string> {
  const issuer = new X509Certificate(authority.certificate)
  const subject: JsonName = [...(request.organizations ?? []).map(organization => ({ O: [organization] })), { CN: [request.commonName] }]
  const names: JsonGeneralName[] = [
    ...(request.dnsNames ?? []).map(value => ({ type: 'dns' as const, value })),
    ...(request.addresses ?? []).map(value => ({ type: 'ip' as const, value })),
  ]
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([request.usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ]
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subjectName.toJSON(),
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(Math.min(now + request.days * DAY, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: await importPrivate(authority.key),
    extensions,
  })
  return `${certificate.toString('pem')}\n`
}

/** A key and a certificate over it. */
export async function issueKeyPair(authority: KeyPair, request: CertificateRequest, now: number): Promise<KeyPair> {
  const keys = await newKeys()
  return { certificate: await sign(authority, keys.publicKey, request, now), key: await privatePem(keys.privateKey) }
}

/** A certificate over the key of a signing request; of the request nothing but its key is believed. Throws when its signature is wrong. */
export async function issueForRequest(authority: KeyPair, csr: string, request: CertificateRequest, now: number): Promise<string> {
  const parsed = new Pkcs10CertificateRequest(csr)
  if (!(await parsed.verify())) throw new Error('the signature of the certificate request is not valid')
  return sign(authority, await parsed.publicKey.export(), request, now)
}

/** What a signing request says; undefined when it is none or its signature is wrong. */
export async function readRequest(
  csr: string,
): Promise<{ commonName: string; organizations: string[]; keyHash: string; alternativeNames: boolean } | undefined> {
  try {
    const parsed = new Pkcs10CertificateRequest(csr)
    if (!(await parsed.verify())) return undefined
    const values = (type: string) => parsed.subjectName.getField(type)
    const names = values('CN')
    if (names.length !== 1) return undefined
    const keyHash = createHash('sha256').update(Buffer.from(parsed.publicKey.rawData)).digest('hex')
    return { commonName: names[0]!, organizations: values('O'), keyHash, alternativeNames: parsed.extensions.length > 0 }
  } catch {
    return undefined
  }
}
