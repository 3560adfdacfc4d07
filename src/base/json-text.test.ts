import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from './freeze.ts'
import { jsonText, keepText, passingText } from './json-text.ts'

const json = fc.jsonValue({ maxDepth: 7, stringUnit: 'binary' })
const values = fc.letrec(tie => ({
  value: fc.oneof({ weight: 2, arbitrary: json }, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 })),
})).value

test('A text is what JSON.stringify says, whether the value is frozen or not and whether it was asked for before', () => {
  fc.assert(
    fc.property(values, value => {
      const said = JSON.stringify(value)
      for (const text of [jsonText, passingText]) assert.equal(text(value), said)
      deepFreeze(value)
      for (const text of [jsonText, jsonText, passingText]) assert.equal(text(value), said)
      assert.equal(jsonText({ held: [value] }), `{"held":[${said}]}`)
      assert.equal(passingText({ held: value }), `{"held":${said}}`)
    }),
  )
})

test('Members that are undefined are left out', () => {
  assert.equal(jsonText({ a: undefined, b: [undefined], c: {} }), '{"b":[null],"c":{}}')
  assert.equal(passingText({ a: undefined }), '{}')
})

test('What is not frozen is written as it is now', () => {
  const part = { list: ['x'.repeat(100)] }
  assert.equal(jsonText({ part }), JSON.stringify({ part }))
  part.list.push('y')
  assert.equal(jsonText({ part }), JSON.stringify({ part }))
})

test('The text of a frozen part is found again, and forgotten when many others have come', () => {
  const part = Object.freeze({ note: 'z'.repeat(60) })
  keepText(part, '"as it was kept, at least as long as is worth it"')
  assert.equal(jsonText([part]), '["as it was kept, at least as long as is worth it"]')
  for (let i = 0; i < 200; i++) jsonText([Object.freeze({ other: `${i} ${'o'.repeat(60_000)}` })])
  assert.equal(jsonText([part]), JSON.stringify([part]))
})
