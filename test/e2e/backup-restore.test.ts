/** A backup of a running server, restored into a new one: nothing acknowledged before it is lost, and no client keeps a stale cache. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Output, ROOT, run, startCluster } from '../support/cluster.ts'

const directory = mkdtempSync(join(tmpdir(), 'everynode-backup-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const flags = ['--nodes', '0', '--simulated', '1']
const everynode = (...words: readonly string[]): Promise<Output> =>
  run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words], { env: { KUBECONFIG: '' } })
const at = { kind: ConfigMaps, namespace: 'default' }

test('a backup taken under load, and the server made from it', { timeout: 120_000 }, async () => {
  const old = await startCluster(flags, { dataDir: join(directory, 'old') })
  const connection = await readKubeconfig({ file: old.kubeconfig })
  const api = new HttpApi(connection, { userAgent: 'backup-test' })
  const acknowledged: string[] = []
  /** So many writes are in the middle of the load. */
  const ENOUGH = 200
  const enough = Promise.withResolvers<void>()
  let stop = false
  const writing = Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; !stop; i++) {
        const { metadata } = await api.create(at, { metadata: { name: `c-${writer}-${i}` }, data: { value: 'x'.repeat(500) } })
        acknowledged.push(metadata.name)
        if (acknowledged.length === ENOUGH) enough.resolve()
      }
    }),
  )
  await Promise.race([enough.promise, writing])
  const before = [...acknowledged]
  const file = join(directory, 'backup.db')
  const { code, stdout, stderr } = await everynode('backup', file, '--data-dir', old.dataDir)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /backup\.db: \d+ objects, \d+ bytes/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(old.dataDir).filter(name => name.startsWith('backup')),
    [],
  )
  stop = true
  await writing
  const { metadata } = await api.list(at)
  const again = await everynode('backup', file, '--data-dir', old.dataDir)
  assert.deepEqual([again.code, /is already there/.test(again.stderr)], [1, true])
  api.close()
  await old.stop({ keepData: true })

  const dataDir = join(directory, 'new')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'something'), '')
  const full = await everynode('restore', file, '--data-dir', dataDir)
  assert.deepEqual(
    [full.code, full.stderr],
    [1, `everynode: data directory ${dataDir} is not empty (something is there); restore into an empty one with --data-dir\n`],
  )
  rmSync(join(dataDir, 'something'))
  const restored = await everynode('restore', file, '--data-dir', dataDir)
  assert.equal(restored.code, 0, restored.stderr)

  const cluster = await startCluster(flags, { dataDir })
  // The credentials of before are good: the authority came with the backup.
  const client = new HttpApi({ ...connection, server: cluster.url }, { userAgent: 'backup-test' })
  try {
    const now = await client.list(at)
    const names = new Set(now.items.map(item => item.metadata.name))
    assert.deepEqual(
      before.filter(name => !names.has(name)),
      [],
    )
    assert.ok(Number(now.metadata.resourceVersion) > Number(metadata.resourceVersion) + 900_000_000)
    const watch = client.watch(at, { resourceVersion: metadata.resourceVersion, signal: AbortSignal.timeout(10_000) })[Symbol.asyncIterator]()
    await assert.rejects(watch.next(), error => isStatus(error, 'Expired'))
  } finally {
    client.close()
    await cluster.stop()
  }
})

test('a backup that is cut short is refused, and leaves nothing', async () => {
  const file = join(directory, 'cut.db')
  writeFileSync(file, 'SQLite format 3\0'.padEnd(9000))
  truncateSync(file, 8000)
  const dataDir = join(directory, 'cut')
  const { code, stderr } = await everynode('restore', file, '--data-dir', dataDir)
  assert.equal(code, 1)
  assert.match(stderr, /^everynode: .*cut\.db/)
  assert.deepEqual(readdirSync(dataDir), [])
})
