import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { SpdyConnection, type SpdyStream } from './spdy.ts'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'
import { controlFrame, HeaderCodec, PING, SpdyParser } from './spdy-frames.ts'

test('the dictionary is the one of the specification', () => {
  assert.equal(SPDY_DICTIONARY.length, 1423)
  assert.equal(createHash('sha256').update(SPDY_DICTIONARY).digest('hex'), '51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02')
})

test('header blocks share one context for each direction', async () => {
  const [one, other] = [new HeaderCodec(), new HeaderCodec()]
  for (const headers of [{ streamtype: 'error' }, { streamtype: 'data', port: '80', requestid: '0' }, {}]) {
    assert.deepEqual({ ...(await other.unpack(await one.pack(headers))) }, headers)
  }
  one.close()
  other.close()
})

test('streams carry bytes both ways, end each way on their own, and say so to the other side', async () => {
  const [left, right] = duplexPair()
  const taken: SpdyStream[] = []
  const server = new SpdyConnection(right, {
    onStream(stream) {
      taken.push(stream)
      stream.pipe(stream)
    },
  })
  const client = new SpdyConnection(left, { client: true })
  const text = 'x'.repeat(300_000)
  const streams = await Promise.all(['a', 'b'].map(name => client.open({ name })))
  const echoes = streams.map(async stream => {
    stream.end(text)
    let back = ''
    for await (const chunk of stream) back += String(chunk)
    return back === text
  })
  assert.deepEqual(await Promise.all(echoes), [true, true])
  assert.deepEqual(
    taken.map(stream => [stream.id, stream.headers['name']]),
    [
      [1, 'a'],
      [3, 'b'],
    ],
  )
  client.end()
  await server.closed
  await client.closed
})

test('pings come back, and frames are found wherever the bytes are cut', async () => {
  const [left, right] = duplexPair()
  const server = new SpdyConnection(right)
  const ping = controlFrame(PING, 0, Buffer.from([0, 0, 0, 7]))
  for (const byte of ping) left.write(Buffer.from([byte]))
  const parser = new SpdyParser()
  for await (const chunk of left) {
    const [frame] = parser.push(chunk as Buffer)
    if (!frame) continue
    assert.deepEqual(frame, { type: 'control', kind: PING, flags: 0, payload: Buffer.from([0, 0, 0, 7]) })
    break
  }
  server.close()
})

test('a connection that is cut ends its streams', async () => {
  const [left, right] = duplexPair()
  const opened = Promise.withResolvers<SpdyStream>()
  const server = new SpdyConnection(right, { onStream: stream => opened.resolve(stream) })
  const client = new SpdyConnection(left, { client: true })
  await client.open({})
  const stream = await opened.promise
  const closed = new Promise(resolve => stream.once('close', resolve))
  right.destroy()
  await closed
  await server.closed
  left.destroy()
  await client.closed
  await assert.rejects(client.open({}))
})
