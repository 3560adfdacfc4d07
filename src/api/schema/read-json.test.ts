import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { duplicateFields, readJson } from './read-json.ts'

test('members named twice are reported by path, once each', () => {
  const cases: [string, string[]][] = [
    ['{"a":1,"b":{"a":1}}', []],
    ['{"metadata":{"name":"a","name":"b","name":"c"}}', ['metadata.name']],
    ['{"spec":{"containers":[{"name":"a"},{"name":"b","name":"c"}]}}', ['spec.containers[1].name']],
    ['{"a":{"x":1},"a":{"x":1,"x":2}}', ['a', 'a.x']],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","\\u0061":1}', ['a']],
    ['[[1,{"b":[],"b":[1,2]}]]', ['[0][1].b']],
  ]
  for (const [text, paths] of cases)
    assert.deepEqual(
      duplicateFields(text),
      paths.map(path => `duplicate field ${JSON.stringify(path)}`),
      text,
    )
})

test('whatever JSON.stringify writes has no duplicates', () => {
  fc.assert(fc.property(fc.json(), text => assert.deepEqual(duplicateFields(text), [])))
})

test('what is no JSON is a bad request', () => {
  assert.throws(() => readJson('{"a":'), { message: /^the body is not valid JSON: / })
})
