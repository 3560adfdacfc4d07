import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { equal } from './equal.ts'

test('two JSON values are equal exactly when they read alike', () => {
  const value = fc.jsonValue({ maxDepth: 4, stringUnit: fc.constantFrom('a', 'b', 'constructor', '__proto__') })
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(equal(a, b), isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))))
      assert.equal(equal(a, structuredClone(a)), true)
    }),
  )
})

test('members that are undefined count as absent, inherited ones do not count', () => {
  assert.equal(equal({ a: 1, b: undefined }, { a: 1 }), true)
  assert.equal(equal({ a: 1 }, { a: 1, b: undefined }), true)
  assert.equal(equal({ a: undefined }, { b: 1 }), false)
  assert.equal(equal(JSON.parse('{"__proto__": {}}'), {}), false)
  assert.equal(equal({}, JSON.parse('{"__proto__": {}}')), false)
  assert.equal(equal({ toString: 'x' }, {}), false)
  assert.equal(equal([], {}), false)
  assert.equal(equal({ 0: 'a' }, ['a']), false)
})
