import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { issueAuthority } from '../../server/tls/issue.ts'
import { HttpApi } from './rest.ts'

const maps = { kind: ConfigMaps, namespace: 'default' }
const MAP = '{"metadata":{"name":"a"}}'

let server: Http2SecureServer
let api: HttpApi
/** What the server does once it has written a part of its answer. */
let then: (stream: ServerHttp2Stream) => void
before(async () => {
  const { key, certificate } = await issueAuthority('test', Date.now(), 1)
  server = createSecureServer({ key, cert: certificate })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    stream.respond({ ':status': 200 })
    stream.write(headers[':path']?.includes('watch') ? `{"type":"ADDED","object":${MAP}}\n` : MAP, () => then(stream))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  api = new HttpApi({ server: `https://127.0.0.1:${port}`, insecure: true, namespace: 'default' })
})
after(() => {
  api.close()
  server.close()
})

/** What a watch says, and how it ends. */
async function watched(): Promise<string> {
  const said: string[] = []
  try {
    for await (const events of api.watch(maps, { signal: new AbortController().signal })) said.push(...events.map(({ type }) => type))
    said.push('end')
  } catch (error) {
    said.push(String(error))
  }
  return said.join(', ')
}
const got = () =>
  api.get({ ...maps, name: 'a' }).then(
    ({ metadata: { name } }) => name,
    error => String(error),
  )

for (const [how, whole, end] of [
  ['ended by its server', true, stream => stream.end()],
  ['whose server closes the connection', false, stream => stream.session!.destroy()],
] as const satisfies readonly (readonly [string, boolean, (stream: ServerHttp2Stream) => void])[]) {
  test(`a watch and an answer ${how} ${whole ? 'are whole' : 'are cut off'}`, async () => {
    // Once whoever asks has heard the first part.
    then = stream => setImmediate(() => setImmediate(end, stream))
    assert.equal(await watched(), whole ? 'ADDED, end' : 'ADDED, StatusError: the watch was cut off: the connection was lost')
    assert.equal(await got(), whole ? 'a' : 'StatusError: the answer was cut off: the connection was lost')
  })
}
