import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { issueAuthority } from '../../server/tls/issue.ts'
import { Transport } from './transport.ts'

let server: Http2SecureServer
let transport: Transport
before(async () => {
  const { key, certificate } = await issueAuthority('test', Date.now(), 1)
  server = createSecureServer({ key, cert: certificate })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.respond({ ':status': Number(headers[':path']?.slice(1)) })
    if (headers[':path'] !== '/200') stream.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  transport = new Transport({ server: `https://127.0.0.1:${port}`, insecure: true, namespace: 'default' }, { clock: systemClock })
})
after(() => {
  transport.close()
  server.close()
})

/** What becomes of a stream both ways that is answered with a code. */
async function opened(code: number): Promise<string> {
  const { signal } = new AbortController()
  try {
    const answer = await transport.openBothWays(`/${code}`, signal)
    answer?.stream.destroy()
    return answer ? 'open' : 'not known there'
  } catch (error) {
    return String((error as { readonly reason?: string }).reason)
  }
}

for (const [code, outcome] of [
  [200, 'open'],
  [404, 'not known there'],
  [403, 'not known there'],
  [429, 'ServiceUnavailable'],
  [503, 'ServiceUnavailable'],
] as const) {
  test(`a stream both ways that is answered with ${code} is: ${outcome}`, async () => {
    assert.equal(await opened(code), outcome)
  })
}
