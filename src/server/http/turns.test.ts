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
  assert.deepEqual(seen, ['a1 b1 c1', 'a2 c2 a3', 'a4 a5', ''])
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

test('a turn is over when what callers go on with has kept it long enough, but one goes on in any case', async () => {
  let now = 0
  const turns = new Turns({ perTurn: 10, each: 10, milliseconds: 4, elapsed: () => now })
  const gone: string[] = []
  const go = async (who: string, ms: number) => {
    if (!turns.take(who)) await turns.turn(who)
    now += ms
    gone.push(who)
  }
  for (const [who, ms] of [
    ['a', 3],
    ['b', 3],
    ['c', 5],
    ['d', 1],
    ['e', 1],
  ] as const)
    void go(who, ms)
  const seen = [gone.splice(0).join(' ')]
  for (let n = 0; n < 3; n++) {
    await nextTurn()
    seen.push(gone.splice(0).join(' '))
  }
  assert.deepEqual(seen, ['a b', 'c', 'd e', ''])
})
