import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repeats } from './repeats.ts'

test('every item after the first of its key is a repetition', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['', []],
    ['a', []],
    ['ab', []],
    ['aba', [2]],
    ['abbab', [2, 3, 4]],
  ]
  for (const [text, wanted] of cases) assert.deepEqual([...repeats([...text], letter => letter)], wanted, text)
})
