import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareKeys, SortedKeys } from './sorted-keys.ts'

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 0, maxLength: 12 })

test('holds what a sorted array of the same keys would hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), key), { maxLength: 3000, size: 'max' }), key, key, (steps, prefix, after) => {
      const keys = SortedKeys.from(['b', 'a', 'b'])
      const model = new Set(['a', 'b'])
      for (const [add, each] of steps) {
        if (add) assert.equal(keys.add(each), !model.has(each) && !!model.add(each))
        else assert.equal(keys.delete(each), model.delete(each))
      }
      const sorted = [...model].sort(compareKeys)
      assert.equal(keys.size, sorted.length)
      assert.deepEqual([...keys.range('')], sorted)
      for (const few of [0, 1, 3, Infinity]) assert.deepEqual(keys.first(few), sorted.slice(0, few))
      const wanted = sorted.filter(each => each.startsWith(prefix) && each > after)
      assert.deepEqual([...keys.range(prefix, after)], wanted)
      assert.equal(keys.count(prefix, after), wanted.length)
      assert.equal(keys.count(prefix), sorted.filter(each => each.startsWith(prefix)).length)
    }),
    { numRuns: 60 },
  )
})
