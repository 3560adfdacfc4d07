import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from '../../base/freeze.ts'
import { isStatus } from '../meta/status.ts'
import { jsonPatch } from './json.ts'
import { mergePatch } from './merge.ts'

const outcome = (document: unknown, patch: unknown): unknown => {
  try {
    return jsonPatch(deepFreeze(document), deepFreeze(patch))
  } catch (error) {
    if (isStatus(error)) return error.code
    throw error
  }
}

test('the operations of RFC 6902', () => {
  const cases: [unknown, unknown[], unknown][] = [
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/2', value: 2 }], 422],
    [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 2 }], 422],
    [{ a: 1 }, [{ op: 'add', path: '/b/c', value: 2 }], 422],
    [{ a: 1 }, [{ op: 'remove', path: '/a' }], {}],
    [{ a: 1 }, [{ op: 'remove', path: '/b' }], 422],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    [{ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }], 422],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: 1 }], 422],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }], 422],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [
      { 'a/b': 1, 'c~d': 2 },
      [
        { op: 'test', path: '/a~1b', value: 1 },
        { op: 'remove', path: '/c~0d' },
      ],
      { 'a/b': 1 },
    ],
    [{ a: { x: 1, y: [1] } }, [{ op: 'test', path: '/a', value: { y: [1], x: 1 } }], { a: { x: 1, y: [1] } }],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 422],
    [{ a: 1 }, [{ op: 'frob', path: '/a', value: 2 }], 422],
    [{ a: 1 }, [{ op: 'add', path: '/a' }], 400],
    [{ a: 1 }, [{ op: 'add', path: 'a', value: 1 }], 400],
    [{ a: 1 }, [{ op: 'add', path: '/a~2', value: 1 }], 400],
    [{ a: 1 }, ['x'], 400],
  ]
  for (const [document, patch, expected] of cases) assert.deepEqual(outcome(document, patch), expected, JSON.stringify(patch))
})

test('a patch that is no list is malformed, and more than 10,000 operations are too many', () => {
  assert.equal(outcome({}, {}), 400)
  const remove = { op: 'test', path: '/a', value: null }
  assert.deepEqual(outcome({}, new Array(10_000).fill(remove)), {})
  assert.equal(outcome({}, new Array(10_001).fill(remove)), 413)
})

test('copying what was copied cannot grow without end', () => {
  const double = { op: 'copy', from: '/a', path: '/a/-' }
  assert.equal(outcome({ a: ['x'.repeat(100)] }, new Array(60).fill(double)), 413)
})

test('only own properties are seen, and none of the prototype is changed', () => {
  assert.equal(outcome({ a: 1 }, [{ op: 'remove', path: '/toString' }]), 422)
  assert.equal(outcome({ a: {} }, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]), 422)
  assert.equal(outcome({ a: {} }, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]), 422)
  const value = jsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }])
  assert.equal(JSON.stringify(value), '{"__proto__":{"polluted":1}}')
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
})

test('any patch either applies or is refused with a status below 500', () => {
  const path = fc.array(fc.constantFrom('a', 'b', '0', '1', '-', '__proto__'), { maxLength: 3 }).map(parts => parts.map(part => `/${part}`).join(''))
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path,
    from: path,
    value: fc.jsonValue({ maxDepth: 2 }),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 5 }), patch => {
      const result = outcome({ a: [1, { b: 2 }], b: { a: 1 } }, patch)
      assert.ok(typeof result === 'object' || (typeof result === 'number' && result < 500))
    }),
  )
})

test('merge patch: the cases of RFC 7386 whose result is an object', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [document, patch, expected] of cases) assert.deepEqual(mergePatch(deepFreeze(document), deepFreeze(patch)), expected)
  assert.throws(() => mergePatch({}, ['c']), /must be a JSON object/)
  assert.equal(JSON.stringify(mergePatch({}, JSON.parse('{"__proto__":{"a":1}}'))), '{"__proto__":{"a":1}}')
})
