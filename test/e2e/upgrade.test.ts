/** What an older version left behind works with this one, and what a newer one wrote is not touched. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { ROOT, run, startCluster } from '../support/cluster.ts'

const directory = mkdtempSync(join(tmpdir(), 'everynode-upgrade-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const flags = ['--nodes', '0', '--simulated', '1']

/** Makes the database what a server of schema 1 left: without the table `about`. */
function makeSchema1(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('DROP TABLE about; PRAGMA user_version = 1')
  database.close()
}
const read = (file: string, sql: string) => {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.values(database.prepare(sql).get() ?? {})[0]
  } finally {
    database.close()
  }
}

test('a data directory of the first schema is copied and brought up to date, with all that is in it; the copy starts an older server', async () => {
  const dataDir = join(directory, 'data')
  const file = join(dataDir, 'everynode.db')
  const old = await startCluster(flags, { dataDir })
  await old.kubectl('create', 'configmap', 'kept', '--from-literal=a=b')
  await old.stop({ keepData: true })
  makeSchema1(file)

  const cluster = await startCluster(flags, { dataDir })
  assert.equal(await cluster.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'), 'b')
  await cluster.kubectl('create', 'configmap', 'later')
  await cluster.stop({ keepData: true })

  const copy = `${file}.schema-1`
  assert.deepEqual(
    readdirSync(dataDir).filter(name => name.includes('.schema-')),
    ['everynode.db.schema-1'],
  )
  assert.deepEqual([read(file, 'PRAGMA user_version'), read(copy, 'PRAGMA user_version')], [2, 1])
  assert.equal(typeof read(file, "SELECT value FROM about WHERE name = 'program'"), 'string')
  const named = (of: string) =>
    read(of, "SELECT group_concat(substr(k, -5), ' ') FROM kv WHERE k LIKE '%/configmaps/default/kept' OR k LIKE '%/configmaps/default/later'")
  assert.deepEqual([named(file), named(copy)], ['/kept later', '/kept'])
})

test('a data directory of a newer version is refused, naming the version to start, and left as it was', async () => {
  const dataDir = join(directory, 'newer')
  const file = join(dataDir, 'everynode.db')
  const first = await startCluster(flags, { dataDir })
  await first.stop({ keepData: true })
  const database = new DatabaseSync(file)
  database.exec("UPDATE about SET value = '7.1.0'; PRAGMA user_version = 7")
  database.close()
  const before = readFileSync(file)
  const words = ['up', '--nodes', '0', '--data-dir', dataDir, '--listen', '127.0.0.1:0']
  const { code, stderr } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^everynode: .*everynode\.db was written by a newer everynode \(7\.1\.0; its schema is 7, this program knows 2\); start that version, or/,
  )
  assert.deepEqual(readFileSync(file), before)
})
