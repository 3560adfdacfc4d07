import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Closing } from './closing.ts'

test('whoever serves when the server shuts down is told once, and who has left is not', () => {
  const closing = new Closing()
  const told: string[] = []
  const leaves = { end: () => void told.push('leaves') }
  closing.add({ end: () => told.push('stays') })
  closing.add(leaves)
  closing.leave(leaves)
  closing.begin()
  closing.begin()
  assert.deepEqual(told, ['stays'])
})

test('whoever comes too late is told at once', () => {
  const closing = new Closing()
  closing.begin()
  let told = 0
  closing.add({ end: () => told++ })
  assert.equal(told, 1)
})
