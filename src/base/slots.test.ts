import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slots } from './slots.ts'

test('so many work at a time, the next in the order they came, and who gives up is passed over', async () => {
  const slots = new Slots(2)
  const log: string[] = []
  const impatient = new AbortController()
  const take = (name: string, signal = new AbortController().signal) =>
    slots.take(signal).then(
      () => log.push(name),
      () => log.push(`${name} left`),
    )
  const all = [take('a'), take('b'), take('c', impatient.signal), take('d'), take('e')]
  await Promise.all(all.slice(0, 2))
  impatient.abort()
  await all[2]
  assert.deepEqual(log, ['a', 'b', 'c left'])
  slots.give()
  await all[3]
  slots.give()
  slots.give()
  await all[4]
  assert.deepEqual(log, ['a', 'b', 'c left', 'd', 'e'])
  await take('f')
  await assert.rejects(slots.take(AbortSignal.abort(new Error('too late'))), /too late/)
})
