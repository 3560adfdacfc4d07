import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

const nextTurn = () => new Promise(setImmediate)

test('callers go on few at a time, identities in rotation', async () => {
  const turns = new Turns({ perTurn: 3, each: 2 })
  const gone: string[] = []
  for (const who of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'c2']) void turns.turn(who[0]!).then(() => gone.push(who))
  const seen: string[] = []
  for (let n = 0; n < 4; n++) {
    await nextTurn()
    seen.push(gone.splice(0).join(' '))
  }
  assert.deepEqual(seen, ['a1 a2 b1', 'c1 c2 a3', 'a4 a5', ''])
})

test('whoever finds room in this turn goes on at once, unless one of the same identity waits already', async () => {
  const turns = new Turns({ perTurn: 3, each: 2 })
  assert.deepEqual(
    ['a', 'a', 'a', 'b', 'c'].map(who => turns.take(who)),
    [true, true, false, true, false],
  )
  const waited = turns.turn('a')
  assert.equal(turns.take('a'), false)
  await waited
  assert.deepEqual(
    ['a', 'a', 'b'].map(who => turns.take(who)),
    [true, false, true],
  )
})
