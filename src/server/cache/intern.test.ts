import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Interner } from './intern.ts'

const body = (image: string) => ({ spec: { nodeName: image, containers: [{ name: 'main', image: 'nginx:1.27', args: ['x'.repeat(200)] }] } })

test('what is read for the second time is frozen, and from then on it is the same', () => {
  const interner = new Interner()
  const bodies = ['a', 'b', 'c', 'd'].map(body)
  for (const each of bodies) interner.adopt(each)
  assert.deepEqual(bodies, ['a', 'b', 'c', 'd'].map(body))
  const containers = bodies.map(({ spec }) => spec.containers)
  assert.deepEqual(containers.map(Object.isFrozen), [false, true, true, true])
  assert.equal(containers[2], containers[1])
  assert.equal(containers[3], containers[1])
})

test('what is adopted says what it said', () => {
  const interner = new Interner()
  const part = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom({ shared: 'x'.repeat(200) }, [{ shared: ['y'.repeat(40)] }], 'text'))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.dictionary(fc.string(), part, { maxKeys: 4 }), { maxKeys: 3 }), value => {
      const text = JSON.stringify(value)
      const fresh = JSON.parse(text) as object
      interner.adopt(fresh)
      assert.equal(JSON.stringify(fresh), text)
    }),
  )
})

test('a value with an integer that no number holds stays as it is', () => {
  const fresh = { spec: { large: { count: 2n ** 60n, note: 'x'.repeat(40) } } }
  new Interner().adopt(fresh)
  assert.deepEqual(fresh, { spec: { large: { count: 2n ** 60n, note: 'x'.repeat(40) } } })
})
