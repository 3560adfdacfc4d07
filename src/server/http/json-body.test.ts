import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJsonBody } from './json-body.ts'

const read = (text: string) => readJsonBody(Buffer.from(text))

test('members said twice are named where they are and the last one counts', () => {
  assert.deepEqual(read('{"a":1,"b":{"c":[{"d":1,"d":2},{"d":1}],"c\\u0022":"{\\"x\\":1}"},"a" : 3}'), {
    value: { a: 3, b: { c: [{ d: 2 }, { d: 1 }], 'c"': '{"x":1}' } },
    problems: ['duplicate field "b.c[0].d"', 'duplicate field "a"'],
  })
  assert.deepEqual(read('{"a":{"b":[]},"c\\\\":"\\\\","d":":::"}').problems, [])
})

test('malformed and too deep bodies are bad requests', () => {
  for (const text of ['', '{', '{"a":}', '{"a":"', 'nope', '[1,]']) assert.throws(() => read(text), { code: 400 }, text)
  assert.throws(() => read('{"a":[1e999]}'), { code: 400 })
  assert.throws(() => read('['.repeat(100_000)), { code: 400, message: 'the body is nested deeper than 512 levels' })
})
