import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forbidden } from '../../api/meta/status.ts'
import { ASKED_BYTES, goesOnText, REQUESTS_OPEN, type RequestGoesOn } from '../../api/node-requests.ts'
import { LineReader } from '../../base/node/line-reader.ts'
import type { WatchBody } from '../http/elsewhere.ts'
import { LinkRequests } from './link-requests.ts'

const turn = () => new Promise(setImmediate)

function world() {
  const watches = new LinkRequests()
  const sent: string[] = []
  /** A link, and what comes over it. */
  const attach = () => {
    const link = watches.attach(line => void sent.push(line.trimEnd()))
    const reader = new LineReader(1000, { line: line => link.line(String(line)) ?? assert.fail(String(line)), bytes: piece => link.bytes(piece) })
    const says = (said: RequestGoesOn, bytes = '') => reader.take(Buffer.from(goesOnText(said) + bytes))
    return {
      detach: () => link.detach(),
      events: (number: number, text: string) => says({ type: 'events', number, bytes: Buffer.byteLength(text) }, text),
      ended: (number: number) => says({ type: 'ended', number }),
      refused: (number: number, code: number, body: string) => says({ type: 'refused', number, code, body }),
    }
  }
  const open = (path: string, signal = new AbortController().signal) => watches.open(path, signal)
  return { watches, sent, attach, open }
}

/** All that a body gives, and how it ends. */
async function read(body: WatchBody | undefined): Promise<string> {
  if (!body) return 'a request'
  let text = ''
  try {
    for await (const piece of body) text += `${piece}|`
    return `${text}end`
  } catch (error) {
    return `${text}${error}`
  }
}

test('watches share a link, each with what was said of it alone', async () => {
  const { attach, open, sent } = world()
  const link = attach()
  const [a, b] = [read(await open('/a?watch=true')), read(await open('/b?watch=true'))]
  link.events(1, 'a1\n')
  link.events(2, 'b1\nb2')
  link.events(1, '')
  await turn()
  link.events(2, '\n')
  link.ended(1)
  link.ended(2)
  assert.deepEqual(await Promise.all([a, b]), ['a1\n|end', 'b1\nb2|\n|end'])
  assert.deepEqual(sent, ['watch 1 /a?watch=true', 'watch 2 /b?watch=true'])
})

test('who is refused hears what the answer to a request would have said', async () => {
  const { attach, open } = world()
  const link = attach()
  const [a, b] = [read(await open('/a')), read(await open('/b'))]
  link.refused(1, 403, JSON.stringify(forbidden({ group: '', resource: 'pods' }, 'p', 'no').status))
  link.refused(2, 404, '404 page not found\n')
  assert.deepEqual(await Promise.all([a, b]), ['StatusError: pods "p" is forbidden: no', 'StatusError: the server could not find the requested resource'])
})

test('whoever wants no more says so once, and hears no more', async () => {
  const { attach, open, sent } = world()
  const link = attach()
  const stop = new AbortController()
  const aborted = read(await open('/a', stop.signal))
  const destroyed = (await open('/b'))!
  const over = (await open('/c'))!
  stop.abort()
  destroyed.destroy()
  destroyed.destroy()
  link.ended(3)
  over.destroy()
  link.events(1, 'late\n')
  link.ended(1)
  assert.deepEqual([await aborted, await read(destroyed)], ['end', 'end'])
  assert.deepEqual(sent.slice(3), ['unwatch 1', 'unwatch 2'])
})

test('a link that is cut fails its watches after what had come, and the next one begins others', async () => {
  const { attach, open, sent } = world()
  const first = attach()
  const body = await open('/a')
  first.events(1, 'a1\n')
  first.detach()
  assert.equal(await read(body), 'a1\n|StatusError: the request was cut off: the link to the server was closed')
  const second = attach()
  const again = read(await open('/a'))
  first.events(2, 'of the link before\n')
  first.detach()
  second.events(2, 'a2\n')
  second.ended(2)
  assert.equal(await again, 'a2\n|end')
  void open('/b')
  assert.deepEqual(sent, ['watch 1 /a', 'watch 2 /a', 'watch 3 /b'])
})

test('a watch whose events nobody takes is ended, and the others go on', async () => {
  const { attach, open, sent } = world()
  const link = attach()
  const lying = (await open('/a'))!
  const taken = read(await open('/b'))
  for (let n = 0; n < 5; n++) {
    link.events(1, 'x'.repeat(1024 * 1024))
    link.events(2, `${n}`.repeat(1024 * 1024))
    await turn()
  }
  link.ended(2)
  assert.deepEqual(sent.slice(2), ['unwatch 1'])
  assert.equal((await taken).replace(/(\d)+/g, '$1'), '0|1|2|3|4|end')
  assert.match(await read(lying), /x\|StatusError: the watch was cut off: nobody takes its events$/)
})

test('a watch waits for the link, and is a request where that takes none or there will be none', async () => {
  const { attach, watches, sent } = world()
  const told: string[] = []
  const { signal } = new AbortController()
  const open = async (path: string) => {
    void watches.open(path, signal).then(body => told.push(`${path} ${body ? 'over the link' : 'as a request'}`))
    await turn()
  }
  await open('/first')
  assert.deepEqual(told, [])
  const link = attach()
  await turn()
  link.detach()
  await open('/lost')
  assert.deepEqual(told, ['/first over the link'])
  watches.attach(undefined)
  await turn()
  await open('/takes none')
  watches.attach(undefined).detach()
  await open('/lost again')
  assert.deepEqual(told.slice(1), ['/lost as a request', '/takes none as a request'])
  watches.unlinked()
  await turn()
  await open('/refused')
  assert.deepEqual(told.slice(3), ['/lost again as a request', '/refused as a request'])
  assert.deepEqual(sent, ['watch 1 /first'])
})

test('who waits for a link when all is over waits no more', async () => {
  const { open } = world()
  const stop = new AbortController()
  const waiting = open('/a', stop.signal)
  await turn()
  stop.abort(new Error('over'))
  await assert.rejects(waiting, /over/)
})

test('what is asked over a link is answered once, to whoever still wants it', async () => {
  const { watches, sent } = world()
  assert.equal(watches.ask({ method: 'GET', path: '/a', type: 'application/json' }), undefined)
  const taken: string[] = []
  const link = watches.attach(line => void taken.push(line), true)
  const stop = new AbortController()
  const ask = (path: string, body?: string, signal?: AbortSignal) =>
    watches.ask({ method: body ? 'POST' : 'GET', path, type: 'application/json', body, signal })!.then(
      ({ code, text }) => `${code} ${text}`,
      error => String(error),
    )
  const [first, second, third, last] = [ask('/a', '{"é":1}'), ask('/b'), ask('/c', undefined, stop.signal), ask('/d')]
  stop.abort(new Error('no more of it'))
  assert.equal(link.line('answer 2 204 0'), 0)
  assert.equal(link.line('answer 1 201 4'), 4)
  link.bytes(Buffer.from('ab'))
  link.bytes(Buffer.from('cd'))
  assert.equal(link.line('answer 3 200 1'), 1)
  link.bytes(Buffer.from('x'))
  link.detach()
  assert.deepEqual(await Promise.all([first, second, third, last]), [
    '201 abcd',
    '204 ',
    'Error: no more of it',
    'StatusError: the request was cut off: the link to the server was closed',
  ])
  assert.deepEqual(taken, [
    'ask 1 POST 8 application/json /a\n{"é":1}',
    'ask 2 GET 0 application/json /b\n',
    'ask 3 GET 0 application/json /c\n',
    'ask 4 GET 0 application/json /d\n',
    'unwatch 3\n',
  ])
  assert.deepEqual(sent, [])
})

test('a link that takes watches only leaves what else is asked to requests, and so does what is too long', () => {
  const { watches } = world()
  watches.attach(() => {}, false)
  assert.equal(watches.ask({ method: 'GET', path: '/a', type: 'application/json' }), undefined)
  watches.attach(() => {}, true)
  assert.equal(watches.ask({ method: 'POST', path: '/a', type: 'application/json', body: 'x'.repeat(ASKED_BYTES + 1) }), undefined)
})

test('more watches than a link takes are requests', async () => {
  const { attach, open } = world()
  attach()
  for (let n = 0; n < REQUESTS_OPEN; n++) assert.ok(await open('/a'))
  assert.equal(await open('/one more'), undefined)
})
