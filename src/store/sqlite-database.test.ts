import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { directoryInMemory } from '../../test/support/directory-in-memory.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import type { Write } from './store.ts'

// A crash is a copy of the files, wherever they lie: waiting for a disk would only take time.
const directory = directoryInMemory('everynode-database-')
after(() => rmSync(directory, { recursive: true }))
let files = 0
const newFile = (): string => {
  const home = join(directory, String(++files))
  mkdirSync(home)
  return join(home, 'everynode.db')
}
const bytes = (text: string) => new TextEncoder().encode(text)
const stateOf = (database: SqliteDatabase): Map<string, string> =>
  new Map(database.page('/', '', 1000).entries.map(({ key, value, modified }) => [key, `${new TextDecoder().decode(value)}@${modified}`]))

/** What a machine that lost power now would find: the files as they lie there. */
function crashed(file: string): SqliteDatabase {
  const copy = newFile()
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
  return new SqliteDatabase(copy)
}

test('lazy writes are carried oldest first, and what was written over them is not', () => {
  const file = newFile()
  const database = new SqliteDatabase(file)
  const lazy = (key: string, value: string): Write => ({ key, value: bytes(value), lazy: true })
  database.write(['/a', '/b', '/c'].map(key => ({ key, value: bytes('first') })))
  database.write([lazy('/b', 'lazy'), lazy('/a', 'lazy'), lazy('/c', 'lazy')])
  database.write([lazy('/b', 'lazier')])
  database.write([{ key: '/a', value: bytes('durable') }])
  assert.equal(database.lazy, 2)
  const before = stateOf(database)
  assert.equal(database.carry(1), true)
  const half = crashed(file)
  assert.deepEqual(
    [...stateOf(half)],
    [
      ['/a', before.get('/a')],
      ['/b', before.get('/b')],
      ['/c', 'first@4'],
    ],
  )
  half.close()
  assert.equal(database.carry(1), false)
  assert.deepEqual(stateOf(database), before)
  const whole = crashed(file)
  assert.deepEqual(stateOf(whole), before)
  whole.close()
  database.close()
})

test('a copy that is begun while something is written is made all the same', async () => {
  const file = newFile()
  const database = new SqliteDatabase(file)
  const many = Array.from({ length: 1000 }, (_, n) => ({ key: `/k/${n}`, value: bytes('x'.repeat(3000)) }))
  database.write(many)
  for (let round = 1; round <= 5; round++) {
    const copy = newFile()
    const copying = database.backup(copy, [])
    // The thread that copies finds a transaction open.
    database.write(many)
    await copying
    const copied = new SqliteDatabase(copy)
    assert.equal(stateOf(copied).size, 1000)
    copied.close()
  }
  database.close()
})

test('at every moment a crash leaves all that was acknowledged, less lazy writes, and a revision beyond all that were given out', () => {
  const key = fc.constantFrom('/a', '/b', '/c', '/d')
  const write = fc.record({ do: fc.constant('write' as const), key, lazy: fc.boolean(), gone: fc.boolean(), stale: fc.boolean(), large: fc.nat({ max: 5 }) })
  const step = fc.oneof(
    { arbitrary: fc.array(write, { minLength: 1, maxLength: 5 }), weight: 6 },
    fc.constantFrom('carry' as const, 'full' as const, 'room' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.nat({ max: 25 }), (steps, crashAt) => {
      const file = newFile()
      const database = new SqliteDatabase(file)
      /** By key: every value that a crash may leave; undefined: none. The last is the present one. */
      const allowed = new Map<string, (string | undefined)[]>()
      const presentOf = (at: string) => allowed.get(at)?.at(-1)
      let newest = database.revision
      let order = 0
      const check = (image: SqliteDatabase, where: string) => {
        const state = stateOf(image)
        for (const [at, values] of allowed) assert.ok(values.includes(state.get(at)), `${where}: ${at} is ${state.get(at)}, not of ${values}`)
        assert.ok(image.revision >= newest, `${where}: at ${image.revision}, but ${newest} was given out`)
      }
      steps.forEach((what, index) => {
        if (what === 'carry') {
          try {
            while (database.carry(2));
            for (const [at, values] of allowed) allowed.set(at, values.slice(-1))
          } catch {
            // Full: what could not be carried may be lost still.
          }
        } else if (what === 'full') database.quota(1)
        else if (what === 'room') database.quota(undefined)
        else {
          const writes = what.map(({ key, lazy, gone, stale, large }) => ({
            key,
            value: gone ? undefined : bytes(`${++order}${'x'.repeat(large === 0 ? 300_000 : 0)}`),
            ...(stale && { ifRevision: 99_999_999 }),
            lazy,
          }))
          database.write(writes).forEach((decided, i) => {
            if (!('revision' in decided)) return
            const { key, value, lazy } = writes[i]!
            const now = value && `${new TextDecoder().decode(value)}@${decided.revision}`
            assert.ok(decided.revision > newest, 'revisions rise')
            newest = decided.revision
            const waits = lazy && value !== undefined && presentOf(key) !== undefined
            allowed.set(key, waits ? [...allowed.get(key)!, now] : [now])
          })
        }
        const present = stateOf(database)
        for (const at of allowed.keys()) assert.equal(present.get(at), presentOf(at), 'everybody sees what was acknowledged')
        if (index !== crashAt) return
        const image = crashed(file)
        check(image, 'after a crash')
        image.close()
      })
      database.quota(undefined)
      database.close()
      const again = new SqliteDatabase(file)
      assert.equal(again.unclean, false)
      assert.equal(again.revision, newest)
      for (const at of allowed.keys()) assert.equal(stateOf(again).get(at), presentOf(at), 'closing keeps everything')
      again.close()
      rmSync(join(file, '..'), { recursive: true })
    }),
    { numRuns: 100 },
  )
})
