import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Events } from '../../api/kinds/core/event.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { readLine } from '../../base/node/read-line.ts'
import { HttpApi } from '../../client/http/rest.ts'
import { runNodeLink } from '../../client/node/link.ts'
import { LinkReports } from '../../client/node/link-reports.ts'
import { upgrade } from '../../client/node/upgrade.ts'
import { auditor } from '../audit/auditor.ts'
import { DEFAULT_POLICY } from '../audit/policy.ts'
import { startTestServer } from '../http/test-server.ts'
import { type Authorizer, allowAll } from '../registry/authorizer.ts'
import { nodeRequest } from '../tls/requests.ts'
import { answerLink } from './answer-link.ts'

const turn = () => new Promise(setImmediate)

test('what an agent writes over its link is what its requests would have written, each allowed or refused by itself', async () => {
  const audited: string[] = []
  const authorizer: Authorizer = {
    authorize: attributes =>
      attributes.user.name === 'system:node:n1' && attributes.verb === 'delete' ? { allowed: false, reason: 'not theirs' } : allowAll.authorize(attributes),
  }
  const write = (line: string) => {
    const { stage, user, verb, requestURI, objectRef, responseStatus, userAgent } = JSON.parse(line)
    if (stage === 'ResponseComplete' && user.username === 'system:node:n1')
      audited.push([verb, requestURI, objectRef.name, responseStatus.code, userAgent].join(' '))
  }
  const server = await startTestServer({ authorizer, auditor: auditor({ policy: DEFAULT_POLICY, clock: systemClock, write, uuid: () => 'id' }) })
  const admin = new HttpApi(server.admin)
  const api = new HttpApi({ ...server.admin, ...(await server.authority.issue(nodeRequest('n1'))) }, { userAgent: 'kubelet/1' })
  const stop = new AbortController()
  try {
    await admin.create({ kind: Nodes }, { metadata: { name: 'n1' }, spec: {} })
    const pod = await admin.create(
      { kind: Pods, namespace: 'default' },
      { metadata: { name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } },
    )
    const reports = new LinkReports({ api, clock: systemClock })
    const { connection } = api.transport
    const common = { connection, reports, clock: systemClock, log: silentLog, signal: stop.signal }
    const running = runNodeLink({ ...common, userAgent: 'kubelet/1', node: 'n1', random: () => 0, onStream: () => {} })
    while (!reports.linked) await turn()
    audited.length = 0
    const event = { metadata: { name: 'p.1', namespace: 'default' }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, reason: 'Started' }
    const at = { kind: Pods, namespace: 'default', name: 'p' }
    const [patched, created, deleted] = await Promise.allSettled([
      reports.patch({ ...at, subresource: 'status' }, { type: 'strategic', body: { metadata: { uid: pod.metadata.uid }, status: { phase: 'Running' } } }),
      reports.create({ kind: Events, namespace: 'default' }, event),
      reports.delete(at, { gracePeriodSeconds: 0 }),
    ])
    const now = await admin.get(at)
    assert.equal(now.status.phase, 'Running')
    assert.deepEqual(patched, {
      status: 'fulfilled',
      value: { metadata: { name: 'p', uid: pod.metadata.uid, resourceVersion: now.metadata.resourceVersion } },
    })
    assert.equal(now.metadata.managedFields?.find(entry => entry.subresource === 'status')?.manager, 'kubelet')
    assert.equal(created.status, 'fulfilled')
    assert.equal((await admin.get({ kind: Events, namespace: 'default', name: 'p.1' })).reason, 'Started')
    assert.deepEqual(deleted.status === 'rejected' && [deleted.reason.reason, deleted.reason.message], [
      'Forbidden',
      'pods "p" is forbidden: User "system:node:n1" cannot delete resource "pods" in API group "" in the namespace "default": not theirs',
    ])
    // Nobody's events are audited.
    assert.deepEqual(audited.sort(), [
      'delete /api/v1/namespaces/default/pods/p p 403 kubelet/1',
      'patch /api/v1/namespaces/default/pods/p/status p 200 kubelet/1',
    ])
    const answered = /apiserver_request_total\{verb="patch",resource="pods\/status",code="200"\} 1/
    let metrics = ''
    for await (const chunk of await admin.stream('/metrics', stop.signal)) metrics += String(chunk)
    assert.match(metrics, answered)
    stop.abort()
    await running
  } finally {
    stop.abort()
    api.close()
    admin.close()
    await server.close()
  }
})

test('writes that are none are refused one by one, a line that is no batch ends the link', async () => {
  const server = await startTestServer()
  const connection = { ...server.admin, ...(await server.authority.issue(nodeRequest('n1'))) }
  const { signal } = new AbortController()
  try {
    const open = async () => (await upgrade(connection, '/apis/everynode.dev/v1/nodes/n1/link', { clock: systemClock, signal })).stream
    const stream = await open()
    const pods = { group: '', version: 'v1', resource: 'pods', namespace: 'default' }
    const writes = [
      { verb: 'create', group: '', version: 'v1', resource: 'nonsense', body: {} },
      { verb: 'get', ...pods, name: 'p', body: {} },
      { verb: 'update', ...pods, body: {} },
      { verb: 'patch', ...pods, name: 'p', type: 'apply', body: {} },
      { verb: 'create', ...pods, namespace: undefined, body: {} },
      { verb: 'create', ...pods, namespace: 7, body: {} },
      { verb: 'create', group: '', version: 'v1', resource: 'nodes', namespace: 'default', body: {} },
      { verb: 'create', ...pods, body: 'text' },
    ]
    stream.write(`${JSON.stringify({ id: 1, writes })}\n`)
    const { answers } = JSON.parse(await readLine(stream, 1 << 20))
    const shown = answers.map(({ status }: { status: { code: number; message: string } }) => `${status.code} ${status.message}`)
    assert.deepEqual(shown, [
      '400 the write names no resource that is served',
      '400 a write creates, updates, patches or deletes',
      '400 the write names no object',
      '400 a patch in a batch is of type json, merge or strategic',
      '400 pods are in a namespace',
      '400 namespace of a write must be a text',
      '400 nodes are not in a namespace',
      '400 Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go value of type v1.Pod',
    ])
    for (const line of ['{"id":1}', '{', `{"id":1,"writes":[${Array(65).fill('{}').join()}]}`, `{"id":2,"writes":[null]}`, `{${'x'.repeat(2 << 20)}`]) {
      const each = await open()
      const closed = new Promise(resolve => each.once('close', resolve))
      each.on('error', () => {})
      each.resume()
      each.write(`${line}\n`)
      await closed
    }
  } finally {
    await server.close()
  }
})

test('a batch counts as many requests as it has writes', async () => {
  const server = await startTestServer({ limits: { perSecond: 1, burst: 60 } })
  const connection = { ...server.admin, ...(await server.authority.issue(nodeRequest('n1'))) }
  try {
    const { signal } = new AbortController()
    const { stream } = await upgrade(connection, '/apis/everynode.dev/v1/nodes/n1/link', { clock: systemClock, signal })
    const write = { verb: 'delete', group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'p', body: {} }
    const codes: string[] = []
    for (let id = 1; id <= 3; id++) {
      stream.write(`${JSON.stringify({ id, writes: Array(40).fill(write) })}\n`)
      const { answers } = JSON.parse(await readLine(stream, 1 << 20))
      codes.push([...new Set(answers.map(({ status }: { status: { code: number } }) => status.code))].join())
    }
    assert.deepEqual(codes, ['404', '404', '429'])
  } finally {
    await server.close()
  }
})

test('no more is read while what other lines were answered with is not taken', async () => {
  const [ours, theirs] = duplexPair()
  let taken = 0
  const other = () => {
    taken++
    ours.write('x'.repeat(100_000))
  }
  answerLink(ours, { write: async () => '', other, onError: error => assert.fail(String(error)) })
  for (let n = 0; n < 20; n++) {
    theirs.write('other\n')
    await turn()
  }
  assert.equal(taken, 1)
  theirs.resume()
  while (taken < 20) await turn()
  theirs.destroy()
})

test('an empty line is answered by an empty line', async () => {
  const [ours, theirs] = duplexPair()
  const fail = (what: unknown) => assert.fail(String(what))
  answerLink(ours, { write: async () => fail('a batch'), other: fail, onError: fail })
  theirs.write('\n')
  assert.equal(String(await new Promise<Buffer>(resolve => theirs.once('data', resolve))), '\n')
  theirs.destroy()
})

test('no more is read while answers are owed, or are not taken', async () => {
  const [ours, theirs] = duplexPair()
  let begun = 0
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  answerLink(ours, {
    write: async () => {
      begun++
      await held
      return 'x'.repeat(100_000)
    },
    other: line => assert.fail(String(line)),
    onError: error => assert.fail(String(error)),
  })
  const send = async (count: number) => {
    for (let n = 0; n < count; n++) {
      theirs.write('{}\n')
      await turn()
    }
  }
  await send(20)
  assert.equal(begun, 5)
  release()
  for (let n = 0; n < 20; n++) await turn()
  // The first answer fills what may lie there: nothing is read until it is taken.
  assert.equal(begun, 5)
  theirs.resume()
  while (begun < 20) await turn()
  theirs.destroy()
})
