import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outside } from '../../base/outside.ts'
import { InProcessTurns } from './in-process-turns.ts'

const nextTurn = () => new Promise(setImmediate)

/** Requests of which each keeps the event loop for some milliseconds, by a clock of their own. */
function rig() {
  let now = 0
  const outside = new Outside(() => now)
  const turns = new InProcessTurns(outside)
  const done: string[] = []
  const ask = async (name: string, ms: number) => {
    const waiting = turns.take()
    if (waiting !== undefined) await waiting
    now += ms
    done.push(name)
  }
  return { ask, seen: () => done.splice(0).join(' '), heard: () => outside.heard(), pass: (ms: number) => (now += ms) }
}

test('requests from within go on at once until a turn is used up, the rest in later turns and in order', async () => {
  const { ask, seen, heard } = rig()
  heard()
  for (const name of 'abcdef') void ask(name, 6)
  assert.equal(seen(), 'a b')
  const turns: string[] = []
  for (let n = 0; n < 4; n++) {
    await nextTurn()
    turns.push(seen())
  }
  assert.deepEqual(turns.filter(Boolean), ['c d', 'e f'])
})

test('whoever comes while others wait comes after them', async () => {
  const { ask, seen, heard } = rig()
  heard()
  void ask('long', 20)
  void ask('first', 1)
  await ask('second', 1)
  assert.equal(seen(), 'long first second')
  await nextTurn()
  void ask('alone', 1)
  assert.equal(seen(), 'alone')
})

test('while nobody asks from outside they all go on at once', () => {
  const { ask, seen, heard, pass } = rig()
  for (const name of 'abc') void ask(name, 100)
  assert.equal(seen(), 'a b c')
  heard()
  pass(2000)
  for (const name of 'def') void ask(name, 100)
  assert.equal(seen(), 'd e f')
})
