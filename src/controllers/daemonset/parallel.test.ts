import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IN_FLIGHT, slowStart } from './parallel.ts'

const items = Array.from({ length: 250 }, (_, i) => i)
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

test('creations that begin with all that may be in flight wait for no slow one among them', async () => {
  const slow = Promise.withResolvers<void>()
  let begun = 0
  const done = slowStart(
    items,
    async item => {
      begun++
      if (item === 0) await slow.promise
    },
    IN_FLIGHT,
  )
  await settle()
  assert.equal(begun, 250)
  slow.resolve()
  assert.deepEqual(await done, [])
})

test('once a creation has failed, no more begin than are in flight', async () => {
  let begun = 0
  const errors = await slowStart(
    items,
    async item => {
      begun++
      await settle()
      if (item >= 100) throw new Error('no')
    },
    IN_FLIGHT,
  )
  assert.ok(begun <= 100 + IN_FLIGHT, `${begun} begun`)
  assert.ok(errors.length > 0 && errors.length <= IN_FLIGHT, `${errors.length} failed`)
})
