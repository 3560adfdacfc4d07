import assert from 'node:assert/strict'
import { request as plain } from 'node:https'
import { after, before, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { HttpApi } from '../../client/http/rest.ts'
import { auditor } from '../audit/auditor.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let api: HttpApi
const written: { readonly auditID: string; readonly verb: string; readonly responseStatus: { readonly code: number } }[] = []
before(async () => {
  const audit = auditor({ policy: [{ level: 'Metadata' }], clock: systemClock, write: line => written.push(JSON.parse(line)), uuid: () => 'made in process' })
  server = await startTestServer({ auditor: audit })
  api = new HttpApi(server.admin)
})
after(async () => {
  api.close()
  await server.close()
})

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Code and `Audit-Id` of an answer over HTTP/2, as the administrator. */
async function h2(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<string> {
  const answer = await api.transport.request({ method, path, headers, body })
  answer.body.on('error', () => {}).resume()
  return `${answer.code} ${String(answer.headers['audit-id'])}`
}
/** The same over HTTP/1.1, as nobody. */
function h1(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = plain(`${server.server}${path}`, { method, headers, ca: server.admin.authority, agent: false }, response => {
      response.resume()
      resolve(`${response.statusCode} ${String(response.headers['audit-id'])}`)
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

const MAPS = '/api/v1/namespaces/default/configmaps'
const EXEC = '/api/v1/namespaces/default/pods/nowhere/exec?command=ls&stdout=true'
const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }

test('every answer has a name, by which the audit log knows the request', async () => {
  const answers = [
    await h2(MAPS),
    await h2(MAPS, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"metadata":{"name":"a"}}' }),
    await h2(MAPS, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }),
    await h2(`${MAPS}/nothing`),
    await h2('/api/v1/namespaces/default/pods/nowhere/log'),
    await h1(MAPS),
    await h1('/apis'),
    await h1(MAPS, { headers: { authorization: 'Bearer bad' } }),
    await h1(EXEC, { headers: { ...UPGRADE, authorization: 'Bearer good' } }),
    await h2('/version'),
  ]
  assert.deepEqual(
    answers.map(answer => answer.split(' ')[0]),
    ['200', '201', '400', '404', '404', '401', '401', '401', '404', '200'],
  )
  const names = answers.map(answer => answer.split(' ')[1]!)
  for (const name of names) assert.match(name, /^[0-9a-f-]{36}$/)
  assert.equal(new Set(names).size, names.length)
  const heard = new Map(written.map(({ auditID, responseStatus }) => [auditID, String(responseStatus?.code)]))
  assert.deepEqual(
    answers.map(answer => heard.get(answer.split(' ')[1]!)),
    answers.map(answer => answer.split(' ')[0]),
  )
})

test('a name that the client gives its request is kept, if it is one', async () => {
  assert.equal(await h2('/readyz', { headers: { 'audit-id': 'mine-1' } }), '200 mine-1')
  assert.equal(await h1('/readyz', { headers: { 'audit-id': 'mine-2' } }), '200 mine-2')
  for (const bad of ['x'.repeat(65), 'a b', '\u00fc']) assert.match(await h1('/readyz', { headers: { 'audit-id': bad } }), /^200 [0-9a-f-]{36}$/, bad)
})
