import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DueQueue } from './due-queue.ts'

it('gives what is due in the order in which it came, however much has gone before', () => {
  const queue = new DueQueue([{ key: 'first', revision: 1, at: 5 }])
  for (let i = 0; i < 5000; i++) {
    queue.push(`k${i}`, i, 10 + i)
    if (i % 4 > 0) queue.shift()
  }
  assert.equal(queue.next, 10 + 3749)
  assert.deepEqual(queue.shift(), { key: 'k3749', revision: 3749, at: 10 + 3749 })
  for (let i = 3750; i < 5000; i++) assert.equal(queue.shift().key, `k${i}`)
  assert.equal(queue.next, undefined)
})
