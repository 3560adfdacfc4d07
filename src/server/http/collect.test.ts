import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { collect } from './collect.ts'

const of = (bytes: number) => ({ 'content-length': String(bytes) })
const ABOUT = { limit: 100, ms: 10_000 }

test('a body that is there already is read at once, and its stream ends', async () => {
  const input = new PassThrough()
  input.write('{"a":')
  input.end('1}')
  const body = collect(input, of(7), ABOUT.limit, ABOUT.ms)
  assert.deepEqual([input.readableLength, input.listenerCount('data')], [0, 0])
  assert.equal(String(await body), '{"a":1}')
  await once(input, 'end')
})

test('what is still to come is waited for', async () => {
  const input = new PassThrough()
  input.write('{"a":')
  const body = collect(input, of(7), ABOUT.limit, ABOUT.ms)
  input.end('1}')
  assert.equal(String(await body), '{"a":1}')
})

test('a body without a length is read to its end, and refused beyond the limit', async () => {
  for (const [text, code] of [
    ['1', undefined],
    ['1'.repeat(101), 413],
  ] as const) {
    const input = new PassThrough()
    input.end(text)
    const body = collect(input, {}, ABOUT.limit, ABOUT.ms)
    if (code === undefined) assert.equal(String(await body), text)
    else await assert.rejects(body, { code })
  }
  await assert.rejects(collect(new PassThrough(), of(101), ABOUT.limit, ABOUT.ms), { code: 413 })
})

test('a stream that is over before anybody reads it has an empty body, or one that was cut', async () => {
  const ended = new PassThrough()
  ended.end()
  ended.resume()
  await once(ended, 'close')
  assert.equal((await collect(ended, {}, ABOUT.limit, ABOUT.ms)).length, 0)
  const cut = new PassThrough()
  cut.write('1')
  cut.destroy()
  await once(cut, 'close')
  await assert.rejects(collect(cut, of(7), ABOUT.limit, ABOUT.ms), { code: 400 })
})
