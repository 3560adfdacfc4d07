import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { openAuthority } from './authority.ts'
import { keepRenewed, keptCertificate } from './kept-certificate.ts'
import { adminRequest, nodeRequest, serverRequest } from './requests.ts'

const DAY = 86_400_000
let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'everynode-tls-'))
})
after(() => rm(directory, { recursive: true }))

test('an authority is made once, is private, and its certificates name what they are for', async () => {
  const clock = new FakeClock()
  const at = join(directory, 'names')
  const authority = await openAuthority(at, clock)
  assert.equal((await openAuthority(at, clock)).certificate, authority.certificate)
  assert.deepEqual(await Promise.all(['', 'ca.key', 'ca.crt'].map(async file => ((await stat(join(at, file))).mode & 0o777).toString(8))), [
    '700',
    '600',
    '600',
  ])

  const server = new X509Certificate((await authority.issue(serverRequest(['10.0.0.1', 'api.example']))).certificate)
  const ca = new X509Certificate(authority.certificate)
  assert.ok(ca.ca)
  assert.ok(server.verify(ca.publicKey))
  assert.equal(
    server.subjectAltName,
    'DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, DNS:localhost, DNS:api.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.0.0.1',
  )
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(new X509Certificate((await authority.issue(adminRequest)).certificate).subject, 'O=system:masters\nCN=kubernetes-admin')
})

/** As `openssl req -new -newkey ec …` makes it, for `O = system:masters, CN = system:admin`. */
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHrMIGSAgEAMDAxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMRUwEwYDVQQDDAxz
eXN0ZW06YWRtaW4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASWcRevzMFQkKrJ
1Npl9NP7pTn26n58fjvVDOnm6qPvV7Tz23DId9UsE9NWnuLfLvZqmZZzvWRdRCL1
Ynq6vvr+oAAwCgYIKoZIzj0EAwIDSAAwRQIgYfvchxYX7H7FxQAhCdz2jzOKulFF
0eW/NeD8POrNjD8CIQDOA5Cxu4cJRofbERlaUl+0TQylJkqYYwj4SuNBAvjEAQ==
-----END CERTIFICATE REQUEST-----
`

test('a signing request gives its key and nothing else', async () => {
  const authority = await openAuthority(join(directory, 'csr'), new FakeClock())
  const signed = new X509Certificate(await authority.signRequest(CSR, nodeRequest('n1')))
  assert.equal(signed.subject, 'O=system:nodes\nCN=system:node:n1')
  assert.deepEqual(signed.keyUsage, ['1.3.6.1.5.5.7.3.2'])
})

test('a certificate is kept until two thirds of its life are over or a name is missing', async () => {
  const clock = new FakeClock()
  const authority = await openAuthority(join(directory, 'kept'), clock)
  const options = { authority, directory: join(directory, 'kept'), file: 'server', request: serverRequest([]), clock }
  const first = await keptCertificate(options)
  clock.advance(200 * DAY)
  assert.deepEqual(await keptCertificate(options), first)
  const named = await keptCertificate({ ...options, request: serverRequest(['api.example']) })
  assert.notEqual(named.certificate, first.certificate)
  clock.advance(250 * DAY)
  assert.notEqual((await keptCertificate(options)).certificate, named.certificate)
})

test('renewal goes on until it is stopped', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const authority = await openAuthority(join(directory, 'renewed'), clock)
  const used: string[] = []
  const renewed = Promise.withResolvers<void>()
  const options = { authority, directory: join(directory, 'renewed'), file: 'server', request: { ...serverRequest([]), days: 0.1 }, clock, log: silentLog }
  await keepRenewed({ ...options, signal: stop.signal }, pair => {
    used.push(pair.certificate)
    if (used.length === 2) renewed.resolve()
  })
  clock.advance(3 * 3600_000)
  await renewed.promise
  assert.equal(new Set(used).size, 2)
  stop.abort()
  await new Promise(setImmediate)
  assert.equal(clock.pending, 0)
})
