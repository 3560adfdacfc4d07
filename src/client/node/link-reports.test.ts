import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../../api/access.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { conflict } from '../../api/meta/status.ts'
import type { BatchAnswer, WriteBatch } from '../../api/node-writes.ts'
import { FakeClock } from '../../base/clock.ts'
import { LinkReports } from './link-reports.ts'

const kind = (name: string, resource: string): KindRef<KubeObject> => ({ group: '', version: 'v1', kind: name, resource, namespaced: true })
const Pods = kind('Pod', 'pods')
const Events = kind('Event', 'events')
const turn = () => new Promise(setImmediate)
const written = (name: string) => ({ metadata: { name, uid: `uid of ${name}`, resourceVersion: '7' } })

function world() {
  const clock = new FakeClock()
  const requests: string[] = []
  const asked = (verb: string) => async (target: { readonly name?: string }) => {
    requests.push(`${verb} ${target.name ?? ''}`.trim())
    return written(target.name ?? 'made')
  }
  const reached = Promise.withResolvers<void>()
  const verbs = { create: asked('create'), update: asked('update'), patch: asked('patch'), delete: asked('delete') }
  const api = { ...verbs, reached: () => reached.promise } as unknown as Api
  const reports = new LinkReports({ api, clock })
  const batches: WriteBatch[] = []
  const attach = () => reports.attach(line => void batches.push(JSON.parse(line) as WriteBatch))
  const event = (name: string) => reports.create({ kind: Events, namespace: 'default' }, { metadata: { name } })
  const status = (name: string, phase = 'Running') =>
    reports.patch({ kind: Pods, namespace: 'default', name, subresource: 'status' }, { type: 'strategic', body: { status: { phase } } })
  const shown = () =>
    batches.map(({ id, writes }) => `${id}: ${writes.map(w => `${w.verb} ${w.resource} ${w.name ?? (w.body as KubeObject).metadata.name}`).join(', ')}`)
  return { clock, requests, reached, reports, batches, attach, event, status, shown }
}

test('what falls due in one turn is one batch, and takes along what can wait', async () => {
  const { attach, event, status, shown, batches, requests } = world()
  const link = attach()
  const all = Promise.all([event('a.1'), event('a.2'), status('a'), status('b')])
  await turn()
  assert.deepEqual(shown(), ['1: create events a.1, create events a.2, patch pods a, patch pods b'])
  assert.deepEqual(batches[0]?.writes[2], {
    verb: 'patch',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespace: 'default',
    name: 'a',
    subresource: 'status',
    type: 'strategic',
    body: { status: { phase: 'Running' } },
  })
  link.heard(JSON.stringify({ id: 1, answers: ['a.1', 'a.2', 'a', 'b'].map(written) } satisfies BatchAnswer))
  assert.deepEqual(await all, ['a.1', 'a.2', 'a', 'b'].map(written))
  assert.deepEqual(requests, [])
})

test('events alone wait for company, not for long', async () => {
  const { attach, event, clock, shown } = world()
  attach()
  void event('a.1')
  await turn()
  clock.advance(30)
  void event('a.2')
  await turn()
  assert.deepEqual(shown(), [])
  clock.advance(20)
  assert.deepEqual(shown(), ['1: create events a.1, create events a.2'])
})

test('a refused write is refused alone, with the status that a request would have got', async () => {
  const { attach, status } = world()
  const link = attach()
  const settled = Promise.allSettled([status('a'), status('b')])
  await turn()
  link.heard(JSON.stringify({ id: 1, answers: [{ status: conflict({ group: '', resource: 'pods' }, 'a', 'it changed').status }, written('b')] }))
  const [first, second] = await settled
  assert.equal(first.status === 'rejected' && first.reason.reason, 'Conflict')
  assert.deepEqual(second, { status: 'fulfilled', value: written('b') })
})

test('while four batches have no answer the next one gathers', async () => {
  const { attach, status, shown } = world()
  const link = attach()
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    void status(name)
    await turn()
  }
  assert.deepEqual(shown(), ['1: patch pods a', '2: patch pods b', '3: patch pods c', '4: patch pods d'])
  link.heard(JSON.stringify({ id: 2, answers: [written('b')] }))
  await turn()
  assert.deepEqual(shown().slice(4), ['5: patch pods e, patch pods f'])
})

test('a batch has no more writes than a server takes', async () => {
  const { attach, status, batches } = world()
  attach()
  for (let n = 0; n < 150; n++) void status(`p${n}`)
  await turn()
  assert.deepEqual(
    batches.map(({ writes }) => writes.length),
    [64, 64, 22],
  )
})

test('without a link, and when it is too long for one, a write is a request', async () => {
  const { attach, status, requests, reports, shown } = world()
  assert.deepEqual(await status('a'), written('a'))
  const link = attach()
  await status('long', 'x'.repeat(300_000))
  link.detach()
  await reports.delete({ kind: Pods, namespace: 'default', name: 'b' })
  await turn()
  assert.deepEqual(requests, ['patch a', 'patch long', 'delete b'])
  assert.deepEqual(shown(), [])
})

test('who waits for the server waits for its link, and for the server alone where there will be none', async () => {
  const { attach, reports, reached } = world()
  const { signal } = new AbortController()
  const told: string[] = []
  const wait = async (who: string) => {
    void reports.reached(signal).then(() => told.push(who))
    await turn()
  }
  await wait('before the first')
  attach().detach()
  await turn()
  assert.deepEqual(told, [])
  const first = attach()
  await turn()
  first.detach()
  await wait('until linked again')
  assert.deepEqual(told, ['before the first'])
  const link = attach()
  await turn()
  assert.deepEqual(told, ['before the first', 'until linked again'])
  link.detach()
  await wait('refused')
  reports.unlinked()
  await wait('at once')
  assert.deepEqual(told, ['before the first', 'until linked again'])
  reached.resolve()
  await turn()
  assert.deepEqual(told.slice(2).sort(), ['at once', 'refused'])
})

test('who waits for a link when all is over waits no more', async () => {
  const { attach, reports } = world()
  const stop = new AbortController()
  attach().detach()
  const waiting = reports.reached(stop.signal)
  await turn()
  stop.abort(new Error('over'))
  await assert.rejects(waiting, /over/)
})

test('what has no answer when the link ends fails, and a new link takes what follows', async () => {
  const { attach, status, event, shown } = world()
  const first = attach()
  const settled = Promise.allSettled([status('a'), event('a.1')])
  await turn()
  const waiting = Promise.allSettled([event('a.2')])
  first.detach()
  const outcomes = [...(await settled), ...(await waiting)].map(outcome => outcome.status === 'rejected' && outcome.reason.reason)
  assert.deepEqual(outcomes, ['ServiceUnavailable', 'ServiceUnavailable', 'ServiceUnavailable'])
  attach()
  void status('b')
  await turn()
  assert.deepEqual(shown(), ['1: patch pods a, create events a.1', '2: patch pods b'])
})
