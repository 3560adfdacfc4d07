import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Commits, type Outcome } from './commits.ts'
import type { Decided } from './sqlite-messages.ts'
import type { Write } from './store.ts'

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

/** A medium that decides a batch when it is told to, and a diary of what happens. */
function rig({ inTurns }: { readonly inTurns: boolean }) {
  const diary: string[] = []
  const underWay: { readonly names: string; readonly decide: (outcome: Outcome) => void; readonly die: (error: Error) => void }[] = []
  let revision = 0
  const commits = new Commits({
    inTurns: () => inTurns,
    commit: writes =>
      new Promise((decide, die) => {
        const names = writes.map(({ key }) => key).join('')
        diary.push(`commit ${names}`)
        underWay.push({ names, decide, die })
      }),
    append: changes => diary.push(`follow ${changes.map(({ key }) => key).join('')}`),
  })
  const write = (key: string, more: Partial<Write> = {}) =>
    void commits.write({ key, value: new Uint8Array(1), ...more }).then(
      written => diary.push('revision' in written ? `told ${key} ${written.revision}` : `conflict ${key}`),
      (error: Error) => diary.push(`refused ${key}: ${error.message}`),
    )
  const written = (): Decided => ({ revision: ++revision, created: revision, version: 1, previous: undefined })
  return {
    commits,
    write,
    /** Every write of the batch is done. */
    done: (batch = underWay.shift()!) => batch.decide({ decided: [...batch.names].map(written), refusal: undefined }),
    underWay,
    async seen() {
      for (let n = 0; n < 4; n++) await nextTurn()
      return diary.splice(0)
    },
  }
}

test('what comes in one turn of the event loop is one batch, and the next is what came while it was written and told', async () => {
  const { write, done, seen } = rig({ inTurns: false })
  for (const key of 'ab') write(key)
  assert.deepEqual(await seen(), ['commit ab'])
  for (const key of 'cd') write(key)
  assert.deepEqual(await seen(), [])
  done()
  assert.deepEqual(await seen(), ['follow ab', 'told a 1', 'told b 2', 'commit cd'])
})

test('in turns each turn brings a batch, of which three are under way at a time', async () => {
  const { write, done, seen } = rig({ inTurns: true })
  for (const key of 'abcde') {
    write(key)
    await nextTurn()
  }
  assert.deepEqual(await seen(), ['commit a', 'commit b', 'commit c'])
  done()
  assert.deepEqual(await seen(), ['follow a', 'told a 1', 'commit de'])
})

test('in turns whoever follows gets all of a commit before the writers of an earlier one are told, when those are many', async () => {
  const { commits, write, done, seen } = rig({ inTurns: true })
  const many = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i))
  for (const key of many) write(key)
  await nextTurn()
  write('X')
  await seen()
  done()
  done()
  await commits.followed()
  const diary = await seen()
  assert.deepEqual(
    diary.filter(line => line.startsWith('follow')),
    ['follow abcdefghijklmnop', 'follow qrst', 'follow X'],
  )
  assert.ok(diary.indexOf('follow qrst') < diary.indexOf('told i 9'))
  assert.deepEqual(
    diary.filter(line => line.startsWith('told')),
    [...many, 'X'].map((key, i) => `told ${key} ${i + 1}`),
  )
})

test('a commit is heard of after the one before it, also when that one is refused and takes longer', async () => {
  const { write, done, underWay, seen } = rig({ inTurns: true })
  write('a')
  await nextTurn()
  write('b')
  await seen()
  const [first, second] = underWay.splice(0)
  done(second)
  assert.deepEqual(await seen(), [])
  first!.decide({ decided: [{ failed: 'full' }], refusal: new Error('the disk is full') })
  assert.deepEqual(await seen(), ['follow b', 'refused a: the disk is full', 'told b 1'])
})

test('a medium that has died refuses what it had, and what comes later is handed to it all the same', async () => {
  const { commits, write, done, underWay, seen } = rig({ inTurns: false })
  write('a')
  await seen()
  underWay.shift()!.die(new Error('its thread has ended'))
  write('b')
  assert.deepEqual(await seen(), ['refused a: its thread has ended', 'commit b'])
  done()
  await commits.settled(() => false)
  assert.deepEqual(await seen(), ['follow b', 'told b 1'])
})

test('lazy writes wait for company, and go with whatever comes', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { write, done, seen } = rig({ inTurns: true })
  write('a', { lazy: true })
  write('b', { lazy: true })
  assert.deepEqual(await seen(), [])
  write('c')
  assert.deepEqual(await seen(), ['commit abc'])
  done()
  await seen()
  write('d', { lazy: true })
  assert.deepEqual(await seen(), [])
  t.mock.timers.tick(50)
  assert.deepEqual(await seen(), ['commit d'])
})

test('whoever follows is given the moment at which a change was decided, not that of their turn', async () => {
  const given: (number | undefined)[] = []
  let decide: (outcome: Outcome) => void = () => {}
  const commits = new Commits({
    inTurns: () => true,
    commit: () =>
      new Promise(resolve => {
        decide = resolve
      }),
    append: changes => given.push(...changes.map(({ decidedAt }) => decidedAt)),
  })
  const many = 40
  for (let n = 0; n < many; n++) void commits.write({ key: `k${n}`, value: new Uint8Array(1) })
  await nextTurn()
  const before = performance.now()
  decide({ decided: Array.from({ length: many }, (_, n) => ({ revision: n + 2, created: n + 2, version: 1, previous: undefined })), refusal: undefined })
  for (let n = 0; n < 8; n++) await nextTurn()
  const [first] = given
  assert.ok(first !== undefined && first >= before)
  assert.deepEqual(given, Array(many).fill(first))
})
