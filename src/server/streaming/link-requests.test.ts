import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Duplex, duplexPair } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { ASKED_BYTES, goesOnText, REQUESTS_OPEN, requestGoesOn } from '../../api/node-requests.ts'
import { FakeClock, systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { LineReader } from '../../base/node/line-reader.ts'
import { apiContract } from '../../client/api-contract.ts'
import type { Elsewhere } from '../../client/http/elsewhere.ts'
import { HttpApi } from '../../client/http/rest.ts'
import { runNodeLink } from '../../client/node/link.ts'
import { LinkRequests as RequestsOfAgent } from '../../client/node/link-requests.ts'
import { upgrade } from '../../client/node/upgrade.ts'
import { auditor } from '../audit/auditor.ts'
import type { Outlet } from '../http/outlet.ts'
import { startTestServer, type TestServerOptions } from '../http/test-server.ts'
import { type Authorizer, allowAll } from '../registry/authorizer.ts'
import { nodeRequest } from '../tls/requests.ts'
import { answerLink } from './answer-link.ts'
import { LinkRequests } from './link-requests.ts'

const clock = systemClock
const turn = () => new Promise(setImmediate)
const MAPS = '/api/v1/namespaces/default/configmaps'
const maps = { kind: ConfigMaps, namespace: 'default' }

/** All that goes over a link must. */
const overLink = (requests: RequestsOfAgent): Elsewhere => ({
  open: async (path, signal) => (await requests.open(path, signal)) ?? assert.fail('a watch was a request of its own'),
  ask: asked => requests.ask(asked) ?? assert.fail('what was asked was a request of its own'),
})

apiContract('over a link, lists over HTTP', async () => {
  const server = await startTestServer()
  const requests = new RequestsOfAgent()
  const connection = { ...server.admin, ...(await server.authority.issue(nodeRequest('n1'))) }
  const api = new HttpApi(connection, { elsewhere: overLink(requests) })
  const stop = new AbortController()
  const common = { connection, requests, clock, log: silentLog, signal: stop.signal }
  const linked = runNodeLink({ ...common, node: 'n1', random: () => 0, onStream: () => {} })
  while (!requests.linked) await turn()
  return {
    api,
    async close() {
      stop.abort()
      await linked
      api.close()
      await server.close()
    },
  }
})

/** What a link says, one text for each thing; of events their types and names. */
class Heard {
  readonly said: string[] = []
  readonly #bytes = new Map<number, string>()
  #told = () => {}

  constructor(stream: Duplex) {
    let current = 0
    const reader = new LineReader(1 << 20, {
      line: line => {
        const text = String(line)
        const said = requestGoesOn(text)
        current = said?.number ?? 0
        if (said?.type === 'events') return said.bytes
        this.#say(text)
        return 0
      },
      bytes: piece => {
        const text = (this.#bytes.get(current) ?? '') + String(piece)
        const lines = text.split('\n')
        this.#bytes.set(current, lines.pop()!)
        for (const { type, object } of lines.map(line => JSON.parse(line)))
          this.#say(`${current} ${type} ${object.metadata?.name ?? object.message ?? ''}`.trim())
      },
    })
    stream.on('data', (chunk: Buffer) => reader.take(chunk))
    stream.on('error', () => {})
    stream.once('close', () => this.#say('closed'))
  }

  #say(text: string): void {
    this.said.push(text)
    this.#told()
  }

  /** What was said since the last call, when it is so much. */
  async next(count: number): Promise<readonly string[]> {
    while (this.said.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#told = resolve
      await promise
    }
    return this.said.splice(0, count)
  }
}

/** A server, its administrator, and the bare link of a node. */
async function world(t: TestContext, options: TestServerOptions = {}, said: { readonly userAgent?: string } = {}) {
  const server = await startTestServer(options)
  const admin = new HttpApi(server.admin)
  const node = new HttpApi({ ...server.admin, ...(await server.authority.issue(nodeRequest('n1'))) })
  const { signal } = new AbortController()
  const open = async (from = node) => {
    const { stream } = await upgrade(from.transport.connection, '/apis/everynode.dev/v1/nodes/n1/link', { clock, signal, ...said })
    const heard = new Heard(stream)
    return { stream, say: (...lines: string[]) => void stream.write(lines.map(line => `${line}\n`).join('')), next: (count: number) => heard.next(count) }
  }
  t.after(async () => {
    node.close()
    admin.close()
    await server.close()
  })
  return { server, admin, node, open }
}

/** What metrics count of watches: those that are open, the link with them, and those that have ended. */
async function counted(admin: HttpApi): Promise<string> {
  let text = ''
  for await (const chunk of await admin.stream('/metrics', AbortSignal.timeout(5000))) text += String(chunk)
  const of = (name: string) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '0'
  return `${of('apiserver_longrunning_requests')} open, ${of('apiserver_request_total\\{verb="watch",resource="configmaps",code="200"\\}')} ended`
}
async function until(admin: HttpApi, wanted: string): Promise<void> {
  while ((await counted(admin)) !== wanted) await turn()
}

test('watches over a link each have their own events, and their own end', async t => {
  const { admin, open } = await world(t)
  const { say, next } = await open()
  const create = (name: string) => admin.create(maps, { metadata: { name, labels: { name } }, data: {} })
  await create('a')
  say(`watch 1 ${MAPS}?watch=true&labelSelector=name%3Da`, `watch 2 ${MAPS}?watch=true&labelSelector=name%3Db&timeoutSeconds=1`)
  assert.deepEqual(await next(1), ['1 ADDED a'])
  await create('b')
  assert.deepEqual(await next(2), ['2 ADDED b', 'ended 2'])
  await admin.delete({ ...maps, name: 'a' })
  assert.deepEqual(await next(1), ['1 DELETED a'])
})

test('what is refused as a request is refused over a link with the same words, and what begins as a watch is one', async t => {
  const authorizer: Authorizer = {
    authorize: attributes =>
      'resource' in attributes && attributes.resource === 'secrets' ? { allowed: false, reason: 'not theirs' } : allowAll.authorize(attributes),
  }
  const { node, open } = await world(t, { authorizer })
  const { say, next } = await open()
  const paths = [
    '/api/v1/secrets?watch=true',
    '/api/v1/nonsense?watch=true',
    `${MAPS}?watch=true&fieldSelector=spec.x%3Dy`,
    `${MAPS}?watch=true&resourceVersion=x`,
    '/api/v1/namespaces/default/pods/p/log/more?watch=true',
    `/api/v1/configmaps?watch=true&x=${'x'.repeat(20_000)}`,
  ]
  const wanted: string[] = []
  const others = [
    MAPS,
    `${MAPS}/a`,
    '/version',
    '/api',
    '/apis/everynode.dev/v1/nodes/n1/link',
    '/api/v1/namespaces/default/pods/p/log?watch=true',
    '/api/v1/%',
  ]
  for (const [i, path] of [...paths, ...others].entries()) {
    say(`watch ${i} ${path}`)
    const response = await node.transport.request({ method: 'GET', path, headers: {} })
    let body = ''
    for await (const chunk of response.body) body += String(chunk)
    if (i < paths.length && !path.includes('/log/')) wanted.push(goesOnText({ type: 'refused', number: i, code: response.code, body }).trimEnd())
    else wanted.push(`refused ${i} 400`)
  }
  const said = await next(wanted.length)
  assert.deepEqual(
    said.map((line, i) => line.slice(0, wanted[i]!.length)),
    wanted,
  )
  assert.deepEqual(
    said.slice(0, 3).map(line => line.slice(0, 13)),
    ['refused 0 403', 'refused 1 404', 'refused 2 400'],
  )
  assert.match(said.at(-2)!, /over a link this is not answered: watches were announced/)
})

test('over a link is asked of one object, whatever its size, and of nothing else', async t => {
  const { admin, open } = await world(t)
  const { stream, say } = await open()
  let heard = ''
  stream.on('data', (chunk: Buffer) => (heard += String(chunk)))
  const answers = async (count: number) => {
    while ((heard.match(/^answer /gm)?.length ?? 0) < count) await turn()
    return [...heard.matchAll(/^answer (\d+) (\d+) \d+$/gm)].map(([, number, code]) => `${number} ${code}`).sort()
  }
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data: { text: 'é'.repeat(200_000) } })
  say(`ask 1 POST ${Buffer.byteLength(body)} application/json ${MAPS}`)
  stream.write(body)
  assert.deepEqual(await answers(1), ['1 201'])
  assert.equal((await admin.get({ ...maps, name: 'large' })).data?.['text']?.length, 200_000)
  say(`ask 2 GET 0 application/json ${MAPS}/large`, `ask 3 GET 0 application/json ${MAPS}/nothing`, `ask 4 DELETE 0 application/json ${MAPS}/large`)
  assert.deepEqual(await answers(4), ['1 201', '2 200', '3 404', '4 200'])
  const others = [
    `GET ${MAPS}`,
    `DELETE ${MAPS}`,
    `GET ${MAPS}?watch=true`,
    'GET /version',
    'GET /api/v1/namespaces/default/pods/p/log',
    'POST /apis/everynode.dev/v1/nodes/n1/link',
  ]
  for (const [i, other] of others.entries()) say(`ask ${10 + i} ${other.replace(' ', ' 0 application/json ')}`)
  assert.deepEqual(
    (await answers(10)).filter(line => /^1\d/.test(line)),
    ['10 400', '11 400', '12 400', '13 400', '14 400', '15 400'],
  )
})

test('bodies of one link that wait for their answers are bounded, and what is refused does not stand in the way', async t => {
  let letGo = () => {}
  const held = new Promise<void>(resolve => {
    letGo = resolve
  })
  const authorizer: Authorizer = {
    authorize: async attributes => {
      if ('resource' in attributes && attributes.resource === 'configmaps') await held
      return allowAll.authorize(attributes)
    },
  }
  const { open } = await world(t, { authorizer })
  const { stream, say, next } = await open()
  const ask = (number: number) => {
    say(`ask ${number} POST ${ASKED_BYTES} application/json ${MAPS}`)
    stream.write(Buffer.alloc(ASKED_BYTES, 'x'))
  }
  for (let number = 1; number <= 5; number++) ask(number)
  assert.match((await next(1))[0]!, /^refused 5 429 .*the link has too much open/)
  say('unwatch 1')
  ask(6)
  ask(7)
  assert.match((await next(1))[0]!, /^refused 7 429 /)
  letGo()
})

test('a body that is longer than the agent was told ends the link', async t => {
  const { open } = await world(t)
  const { say, next } = await open()
  say(`ask 1 POST ${ASKED_BYTES + 1} application/json ${MAPS}`)
  assert.deepEqual(await next(1), ['closed'])
})

test('a watch that begins too far back is told so by an event', async t => {
  const { server, admin, open } = await world(t)
  const { say, next } = await open()
  for (const name of ['a', 'b', 'c']) await admin.create(maps, { metadata: { name }, data: {} })
  await server.caches.compact(server.caches.revision)
  say(`watch 1 ${MAPS}?watch=true&resourceVersion=1`)
  const [event, end] = await next(2)
  assert.match(event!, /^1 ERROR too old resource version: 1 /)
  assert.equal(end, 'ended 1')
})

test('a watch is counted and written down as a request for one is, and is over with its agent, its link or its time', async t => {
  const audited: string[] = []
  const write = (line: string) => {
    const { stage, user, verb, requestURI, responseStatus, userAgent, auditID } = JSON.parse(line)
    if (verb === 'watch') audited.push([stage, user.username, requestURI, responseStatus?.code, userAgent, typeof auditID].join(' '))
  }
  const level = auditor({ policy: [{ level: 'Metadata' }], clock, write, uuid: () => 'id' })
  const { admin, node, open } = await world(t, { auditor: level }, { userAgent: 'agent/1' })
  const path = `${MAPS}?watch=true`
  const stop = new AbortController()
  await node.transport.request({ method: 'GET', path, headers: { 'user-agent': 'agent/1' }, signal: stop.signal })
  const asRequest = audited.splice(0)
  assert.equal(asRequest.length, 1)
  stop.abort()
  await until(admin, '0 open, 1 ended')
  const first = await open()
  first.say(`watch 1 ${path}`, `watch 2 ${path}`)
  await until(admin, '3 open, 1 ended')
  assert.deepEqual(audited.splice(0).sort(), [...asRequest, ...asRequest].sort())
  first.say('unwatch 1', 'unwatch 1', 'unwatch 7', `watch 3 ${path}&timeoutSeconds=1`)
  assert.deepEqual(await first.next(1), ['ended 3'])
  await until(admin, '2 open, 3 ended')
  first.stream.destroy()
  await until(admin, '0 open, 4 ended')
})

test('it is looked at for each watch who asks', async t => {
  let known = true
  const user = { name: 'system:node:n1', groups: ['system:nodes'] }
  const { server, open } = await world(t, { tokens: { verify: () => (known ? user : undefined) } })
  const { certificate: _, key: __, ...nobody } = server.admin
  const api = new HttpApi({ ...nobody, token: async () => 'secret' })
  const { say, next } = await open(api)
  say('watch 1 /api/v1/nonsense?watch=true')
  assert.match((await next(1)).join(), /^refused 1 404 /)
  known = false
  say(`watch 2 ${MAPS}?watch=true`)
  assert.match((await next(1)).join(), /^refused 2 401 /)
  api.close()
})

test('a server that closes ends the watches of a link in good order, then the link', async t => {
  const { server, admin, open } = await world(t)
  const { say, next, stream } = await open()
  say(`watch 1 ${MAPS}?watch=true`, `watch 2 ${MAPS}?watch=true`)
  await until(admin, '3 open, 0 ended')
  stream.once('end', () => stream.destroy())
  const closed = server.close()
  assert.deepEqual(await next(3), ['ended 1', 'ended 2', 'closed'])
  await closed
})

test('a link takes so many watches at one time', async t => {
  const { open } = await world(t)
  const { say, next } = await open()
  for (let n = 1; n <= REQUESTS_OPEN + 1; n++) say(`watch ${n} ${MAPS}?watch=true`)
  assert.match((await next(1)).join(), /^refused 257 429 .*too many requests open/)
  say('unwatch 1', 'watch 300 /api/v1/nonsense?watch=true')
  assert.match((await next(1)).join(), /^refused 300 404 /)
})

test('a link ends with a line that nothing can be made of, or that gives a number a second time', async t => {
  const { open } = await world(t)
  for (const lines of [['hello'], ['watch 1 api'], ['watch 1 /api/v1/pods?watch=1', 'watch 1 /api/v1/pods?watch=1']]) {
    const { say, next } = await open()
    say(...lines)
    assert.deepEqual(await next(1), ['closed'])
  }
})

/** Two watches over a link whose other side takes nothing yet. */
function full() {
  const [ours, theirs] = duplexPair()
  const outlets: Outlet[] = []
  const watches = new LinkRequests(ours, request => {
    outlets.push(request({ headers: {}, peer: { address: '', connection: '' }, auditId: '' }).openOutlet(200, {}))
  })
  answerLink(ours, { write: async () => '{}', other: line => watches.take(line), onError: error => assert.fail(String(error)) })
  theirs.write('watch 1 /a\nwatch 2 /b\n')
  return { ours, theirs, watches, outlets }
}

test('a link that closes begins no watch any more, and is over with the last of those that it has', async () => {
  const { theirs, watches, outlets } = full()
  await turn()
  let over = 0
  watches.close(() => over++)
  theirs.write('watch 3 /c\n')
  outlets[0]!.end()
  await turn()
  assert.deepEqual([outlets.length, over], [2, 0])
  outlets[1]!.end()
  assert.equal(over, 1)
})

test('while an agent takes nothing its watches wait, and its writes are answered', async () => {
  const { ours, theirs, outlets } = full()
  await turn()
  const [a, b] = outlets as [Outlet, Outlet]
  assert.equal(a.write('few\n'), true)
  assert.equal(a.write('x'.repeat(100_000)), false)
  assert.equal(b.write('few\n'), false)
  const told: string[] = []
  const waiting = Promise.all([a.drained(clock).then(() => told.push('a')), b.drained(clock).then(() => told.push('b'))])
  assert.equal(ours.listenerCount('drain'), 2)
  const heard = new Promise<string>(resolve => {
    let text = ''
    theirs.on('data', (chunk: Buffer) => {
      text += String(chunk)
      if (text.includes('{}')) resolve(text)
    })
    theirs.pause()
  })
  theirs.write('{}\n')
  await turn()
  assert.deepEqual(told, [])
  theirs.resume()
  await waiting
  assert.equal(await heard, `events 1 4\nfew\nevents 1 100000\n${'x'.repeat(100_000)}events 2 4\nfew\n{}\n`)
  assert.equal(a.write('more\n'), true)
  theirs.destroy()
})

test('an agent that takes nothing for a minute loses its link, and whoever waits is let go', async () => {
  const { ours, outlets } = full()
  await turn()
  const slow = new FakeClock()
  const [a, b] = outlets as [Outlet, Outlet]
  a.write('x'.repeat(100_000))
  const waiting = Promise.all([a.drained(slow), b.drained(slow)])
  slow.advance(60_000)
  await waiting
  if (!ours.closed) await once(ours, 'close')
  assert.deepEqual([a.destroyed, b.destroyed, slow.pending], [true, true, 0])
})
