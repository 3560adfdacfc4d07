import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forbidden } from '../../api/meta/status.ts'
import { goesOnText, WATCHES_OPEN, type WatchGoesOn } from '../../api/node-watches.ts'
import { FakeClock } from '../../base/clock.ts'
import { LineReader } from '../../base/node/line-reader.ts'
import type { WatchBody } from '../http/watch-lines.ts'
import { LinkWatches } from './link-watches.ts'

const turn = () => new Promise(setImmediate)
const there = async () => {}

function world() {
  const clock = new FakeClock()
  const watches = new LinkWatches({ clock })
  const sent: string[] = []
  /** A link, and what comes over it. */
  const attach = () => {
    const link = watches.attach(line => void sent.push(line.trimEnd()))
    const reader = new LineReader(1000, { line: line => link.line(String(line)) ?? assert.fail(String(line)), bytes: piece => link.bytes(piece) })
    const says = (said: WatchGoesOn, bytes = '') => reader.take(Buffer.from(goesOnText(said) + bytes))
    return {
      detach: () => link.detach(),
      events: (number: number, text: string) => says({ type: 'events', number, bytes: Buffer.byteLength(text) }, text),
      ended: (number: number) => says({ type: 'ended', number }),
      refused: (number: number, code: number, body: string) => says({ type: 'refused', number, code, body }),
    }
  }
  const open = (path: string, signal = new AbortController().signal) => watches.open(path, signal, there)
  return { clock, watches, sent, attach, open }
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
  assert.equal(await read(body), 'a1\n|StatusError: the watch was cut off: the link to the server was closed')
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

test('a watch waits for the server and its link, and is a request where that takes none', async () => {
  const { attach, watches, sent, clock } = world()
  const reached = Promise.withResolvers<void>()
  const told: string[] = []
  const { signal } = new AbortController()
  const open = (path: string, server = there) =>
    void watches.open(path, signal, () => server()).then(body => told.push(`${path} ${body ? 'over the link' : 'as a request'}`))
  open('/first', () => reached.promise)
  clock.advance(60_000)
  await turn()
  reached.resolve()
  await turn()
  clock.advance(1999)
  await turn()
  assert.deepEqual(told, [])
  const link = attach()
  await turn()
  link.detach()
  open('/lost')
  await turn()
  assert.deepEqual(told, ['/first over the link'])
  watches.attach(undefined).detach()
  await turn()
  open('/given up')
  await turn()
  clock.advance(2000)
  await turn()
  open('/at once')
  await turn()
  assert.deepEqual(told.slice(1), ['/lost as a request', '/given up as a request', '/at once as a request'])
  assert.deepEqual(sent, ['watch 1 /first'])
  assert.equal(clock.pending, 0)
})

test('who waits for a link when all is over waits no more', async () => {
  const { open, clock } = world()
  const stop = new AbortController()
  const waiting = open('/a', stop.signal)
  await turn()
  stop.abort(new Error('over'))
  await assert.rejects(waiting, /over/)
  assert.equal(clock.pending, 0)
})

test('more watches than a link takes are requests', async () => {
  const { attach, open } = world()
  attach()
  for (let n = 0; n < WATCHES_OPEN; n++) assert.ok(await open('/a'))
  assert.equal(await open('/one more'), undefined)
})
