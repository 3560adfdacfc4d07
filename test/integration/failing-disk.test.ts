import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { diskEnvironment } from '../../bench/disk-shim.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { missing } from '../../tools/testing/programs.ts'
import { run } from '../support/cluster.ts'

const WRITER = new URL('../support/store-on-failing-disk.ts', import.meta.url).pathname
const skip = missing('cc')

for (const [how, kept] of [
  ['stays', ['/a before']],
  ['recovers', ['/a before', '/c after']],
] as const) {
  test(`writes that a failing disk refused do not come back after a crash, whether the disk ${how === 'stays' ? 'stays broken' : 'recovers'}`, {
    skip,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'everynode-disk-'))
    try {
      const file = join(directory, 'data', 'everynode.db')
      const marker = join(directory, 'broken')
      const { stdout } = await run(process.execPath, [WRITER, file, marker, how], { env: diskEnvironment(directory, { failWhile: marker }) })
      const said = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      assert.deepEqual(said, [
        { what: '/a before', result: 'written' },
        { what: '/b refused', result: 'Unwritable' },
        { what: '/a refused', result: 'Unwritable' },
        { what: 'read', result: ['/a before'] },
        ...(how === 'recovers' ? [{ what: '/c after', result: 'written' }] : []),
      ])
      const store = await openSqlite({ file })
      assert.deepEqual(
        (await store.list('/')).entries.map(({ key, value }) => `${key} ${Buffer.from(value)}`),
        kept,
      )
      await store.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
}
