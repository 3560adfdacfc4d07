/**
 * What the API's figures stand beside: `node:https` that reads a body, parses it, gives it a name and a revision, commits it to the
 * same store, and answers with it. No schema, defaults, admission, authorization, audit, record of owners or watchers.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openSqlite } from '../../src/store/sqlite.ts'

const { directory, cert, key, ca } = JSON.parse(process.argv[2]!) as { directory: string; cert: string; key: string; ca: string }
const store = await openSqlite({ file: join(directory, 'bare.db') })
const objects = new Map<string, { readonly metadata: object }>()

const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true, keepAliveTimeout: 180_000, noDelay: true }, (request, response) => {
  const answer = (code: number, text: string) =>
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
  handle(request).then(
    ([code, value]) => answer(code, value),
    error => answer(500, String(error)),
  )
})

async function handle(request: IncomingMessage): Promise<[code: number, text: string]> {
  const path = (request.url ?? '').split('?', 1)[0]!
  if (request.method === 'GET') {
    const found = objects.get(path)
    if (found) return [200, JSON.stringify(found)]
    const items = [...objects.values()].slice(0, Number(/[?&]limit=(\d+)/.exec(request.url ?? '')?.[1] ?? 500))
    return [200, JSON.stringify({ kind: 'List', items })]
  }
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = JSON.parse(Buffer.concat(chunks).toString()) as { metadata?: object; status?: object }
  const at = request.method === 'POST' ? `${path}/${randomUUID()}` : path.replace(/\/status$/, '')
  const before = objects.get(at)
  const object = { ...before, ...body, metadata: { ...before?.metadata, ...body.metadata, name: at.slice(at.lastIndexOf('/') + 1), uid: randomUUID() } }
  const text = JSON.stringify(object)
  await store.write({ key: at, value: Buffer.from(text) })
  objects.set(at, object)
  return [request.method === 'POST' ? 201 : 200, text]
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.once('disconnect', () => process.exit(0))
