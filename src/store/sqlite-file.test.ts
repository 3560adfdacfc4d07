import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { openSqlite, type SqliteStore } from './sqlite.ts'
import { closeDatabase, number, openDatabase } from './sqlite-file.ts'
import { RESTORE_JUMP, restoreSqlite } from './sqlite-restore.ts'
import { Expired, Unusable } from './store.ts'

const unusable = (message: RegExp) => (error: unknown) => error instanceof Unusable && message.test(error.message)
const bytes = (text: string) => new TextEncoder().encode(text)

describe('the SQLite file', () => {
  let directory: string
  let file: string
  let store: SqliteStore | undefined
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'everynode-file-'))
    file = join(directory, 'data', 'everynode.db')
  })
  afterEach(async () => {
    await store?.close()
    store = undefined
    await rm(directory, { recursive: true })
  })
  const open = async (at = file): Promise<SqliteStore> => {
    store = await openSqlite({ file: at })
    return store
  }
  const put = async (key: string, value: string, lazy = false) => {
    const written = await store!.write({ key, value: bytes(value), lazy })
    assert.ok('revision' in written)
    return written.revision
  }
  const textOf = async (key: string) => {
    const entry = await store!.get(key)
    return entry && new TextDecoder().decode(entry.value)
  }

  test('is its owner’s alone to read', async () => {
    await open()
    await put('/k', 'x')
    for (const name of await readdir(join(directory, 'data'))) assert.equal((await stat(join(directory, 'data', name))).mode & 0o777, 0o600, name)
    assert.equal((await stat(join(directory, 'data'))).mode & 0o777, 0o700)
  })

  test('is refused while another process has it, naming that process', async () => {
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { openDatabase } from '${new URL('./sqlite-file.ts', import.meta.url)}'; openDatabase('${file}'); console.log('held'); setInterval(() => {}, 1000)`,
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const ended = new Promise(resolve => holder.once('close', resolve))
    await new Promise(resolve => holder.stdout.once('data', resolve))
    await assert.rejects(open(), unusable(new RegExp(`in use by another everynode server \\(process ${holder.pid}\\)`)))
    holder.kill('SIGKILL')
    await ended
    await open()
  })

  test('is refused a second time in the same process', async () => {
    await open()
    await assert.rejects(openSqlite({ file }), unusable(/in use/))
    assert.equal(await put('/k', 'x'), 2)
  })

  test('is refused when a newer version wrote it, and left as it was', async () => {
    const { database } = openDatabase(file)
    database.exec("INSERT INTO about VALUES ('program', '3.1.0'); PRAGMA user_version = 7")
    closeDatabase(database, file)
    const before = await readFile(file)
    await assert.rejects(open(), unusable(/written by a newer everynode \(3\.1\.0; its schema is 7, this program knows 2\)/))
    assert.deepEqual(await readFile(file), before)
  })

  test('is refused when it is something else', async () => {
    await mkdir(join(directory, 'data'))
    await writeFile(file, 'not a database at all, but long enough to have a header of one hundred bytes '.repeat(4))
    await assert.rejects(open(), unusable(/is not a database of everynode/))
    await rm(file)
    const other = new DatabaseSync(file)
    other.exec('CREATE TABLE t (x)')
    other.close()
    await assert.rejects(open(), unusable(/is not a database of everynode/))
  })

  test('is refused where nothing can be written', async t => {
    await writeFile(join(directory, 'plain'), '')
    await assert.rejects(open(join(directory, 'plain', 'everynode.db')), unusable(/cannot open .*plain/))
    if (process.getuid?.() !== 0) return t.skip('missing host feature unprivileged user: only root can become somebody else')
    await mkdir(join(directory, 'closed'), { mode: 0o700 })
    await chmod(directory, 0o755)
    const source = `import { openDatabase } from '${new URL('./sqlite-file.ts', import.meta.url)}'; try { openDatabase('${join(directory, 'closed', 'everynode.db')}') } catch (error) { console.log(error.message) }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { uid: 65534, gid: 65534, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    const failed = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
      child.once('error', resolve)
      child.once('close', () => resolve(undefined))
    })
    if (failed?.code === 'EACCES') return t.skip('missing host feature unprivileged user: nobody else can read this checkout')
    assert.match(said, /no permission to write .*closed\/everynode.db; run as the owner of its directory, or choose another data directory/)
  })

  test('of an older version is copied, then brought up to date, or left alone if that fails', async () => {
    closeDatabase(openDatabase(file, 1).database, file)
    const steps = {
      1: (database: DatabaseSync) => database.exec('ALTER TABLE kv ADD COLUMN two TEXT'),
      2: () => {
        throw new Error('no way')
      },
    }
    assert.throws(() => openDatabase(file, 3, steps), unusable(/no way/))
    assert.throws(() => openDatabase(file, 4, { 1: steps[1] }), unusable(/has schema 2, from which this program knows no way to 4/))
    const { database, migratedFrom } = openDatabase(file, 2, steps)
    assert.equal(migratedFrom, 1)
    assert.equal(number(database, "SELECT count(*) FROM pragma_table_info('kv') WHERE name = 'two'"), 1)
    closeDatabase(database, file)
    const copy = new DatabaseSync(`${file}.schema-1`)
    assert.equal(number(copy, 'PRAGMA user_version'), 1)
    assert.equal(number(copy, "SELECT count(*) FROM pragma_table_info('kv') WHERE name = 'two'"), 0)
    copy.close()
  })

  test('knows whether it was closed', async () => {
    const found = async () => {
      const { unclean, lostUpTo } = await open()
      return { unclean, lostUpTo }
    }
    assert.deepEqual(await found(), { unclean: false, lostUpTo: undefined })
    await put('/k', 'x')
    await store!.crash()
    const { lostUpTo, unclean } = await found()
    assert.deepEqual([unclean, lostUpTo], [true, await store!.latest()])
    await store!.close()
    assert.deepEqual(await found(), { unclean: false, lostUpTo: undefined })
  })

  test('says where and how much is free when it cannot be written', async () => {
    await open()
    await store!.limit(1)
    await assert.rejects(store!.write({ key: '/k', value: new Uint8Array(1 << 20) }), {
      name: 'Unwritable',
      message: /^cannot write .*everynode\.db: database or disk is full \(\d+ bytes free on its file system\)$/,
    })
    await store!.limit(undefined)
    await put('/k', 'x')
  })

  test('tells of each batch, and whether it was refused', async () => {
    const batches: unknown[] = []
    store = await openSqlite({ file, onBatch: ({ writes, refused, seconds }) => batches.push({ writes, refused, measured: seconds > 0 }) })
    await Promise.all([put('/a', 'x'), put('/b', 'x')])
    await store.limit(1)
    await store.write({ key: '/k', value: new Uint8Array(1 << 20) }).catch(() => {})
    assert.deepEqual(batches, [
      { writes: 2, refused: false, measured: true },
      { writes: 1, refused: true, measured: true },
    ])
  })

  test('sends lazy writes of one moment together, and at once with a durable one', async () => {
    const batches: number[] = []
    store = await openSqlite({ file, onBatch: ({ writes }) => batches.push(writes) })
    const lazy = (key: string) => put(key, 'x', true)
    await Promise.all([lazy('/a'), new Promise(setImmediate).then(() => lazy('/b')), new Promise(setImmediate).then(() => lazy('/c'))])
    assert.deepEqual(batches, [3])
    await Promise.all([lazy('/a'), new Promise(setImmediate).then(() => put('/k', 'x'))])
    assert.deepEqual(batches, [3, 2])
  })

  test('lets others go on while it tells the writers of a large batch', async () => {
    store = await openSqlite({ file, inTurns: () => true })
    const seen: string[] = []
    const long = () => {
      const until = performance.now() + 2
      while (performance.now() < until);
    }
    const writing = Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        put(`/${i}`, 'x').then(() => {
          long()
          seen.push('told')
        }),
      ),
    )
    const others = (): void => {
      seen.push('other')
      if (seen.filter(each => each === 'told').length < 100) setImmediate(others)
    }
    setImmediate(others)
    await writing
    const first = seen.indexOf('told')
    const last = seen.lastIndexOf('told')
    assert.equal(seen.slice(first, last).includes('other'), true)
  })

  test('closes when it is full, and is then taken for one that was not closed', async () => {
    await open()
    await put('/lease', 'x')
    await put('/lease', 'y'.repeat(300_000), true)
    await store!.limit(1)
    const closing = store!
    store = undefined
    await assert.rejects(closing.close(), { name: 'Unwritable' })
    assert.equal((await open()).unclean, true)
    assert.equal(await textOf('/lease'), 'x')
  })

  test('takes a batch no larger than a few megabytes at once', async () => {
    await open()
    const large = new Uint8Array(3 << 20)
    const written = await Promise.all(Array.from({ length: 6 }, (_, i) => store!.write({ key: `/large/${i}`, value: large })))
    assert.deepEqual(
      written.map(each => 'revision' in each && each.revision),
      [2, 3, 4, 5, 6, 7],
    )
    assert.equal((await store!.list('/large/')).entries.length, 6)
  })

  test('gives space that has become free back', async () => {
    await open()
    await Promise.all(Array.from({ length: 400 }, (_, i) => store!.write({ key: `/k${i}`, value: new Uint8Array(20_000) })))
    await Promise.all(Array.from({ length: 400 }, (_, i) => store!.write({ key: `/k${i}`, value: undefined })))
    await store!.compact(await store!.latest())
    await store!.close()
    assert.ok((await stat(file)).size < 200_000, `${(await stat(file)).size} bytes`)
  })

  test('is copied while it is written, and the copy restored where every client must list anew', async () => {
    await open()
    await put('/lease', 'first')
    await put('/lease', 'lazy', true)
    const kept = await put('/k', 'kept')
    const writing = (async () => {
      for (let i = 0; i < 300; i++) await put(`/more/${i}`, 'x'.repeat(3000))
    })()
    const backup = join(directory, 'backup.db')
    await store!.backup(backup, [{ name: 'pki/ca.key', content: bytes('a key') }])
    await writing
    const latest = await store!.latest()
    await store!.close()

    const target = join(directory, 'restored', 'everynode.db')
    const { revision, objects, files } = await restoreSqlite(backup, target)
    assert.deepEqual(
      files.map(({ name, content }) => [name, new TextDecoder().decode(content)]),
      [['pki/ca.key', 'a key']],
    )
    assert.ok(revision > latest && revision >= kept + RESTORE_JUMP)
    assert.equal((await stat(target)).mode & 0o777, 0o600)
    await open(target)
    assert.equal(store!.unclean, false)
    assert.equal(await store!.latest(), revision)
    assert.deepEqual([await textOf('/k'), await textOf('/lease')], ['kept', 'lazy'])
    assert.equal((await store!.list('/')).entries.length, objects)
    await assert.rejects(
      store!
        .watch('/', { after: latest, signal: AbortSignal.timeout(5000) })
        [Symbol.asyncIterator]()
        .next(),
      Expired,
    )
    assert.equal(await put('/k', 'new'), revision + 1)
  })

  test('is restored only from a sound backup, and only into an empty directory', async () => {
    await open()
    await put('/k', 'x')
    const backup = join(directory, 'backup.db')
    await store!.backup(backup)
    await assert.rejects(store!.backup(backup), /backup\.db is already there/)
    await assert.rejects(restoreSqlite(backup, file), unusable(/data is not empty \(everynode.db is there\); restore into an empty directory/))
    const target = join(directory, 'new', 'everynode.db')
    await assert.rejects(restoreSqlite(join(directory, 'nothing'), target), unusable(/cannot read .*nothing: unable to open/))
    await writeFile(join(directory, 'other'), 'x'.repeat(5000))
    await assert.rejects(restoreSqlite(join(directory, 'other'), target), unusable(/cannot read .*other: file is not a database/))
    const cut = join(directory, 'cut')
    await writeFile(cut, (await readFile(backup)).subarray(0, 9000))
    await assert.rejects(restoreSqlite(cut, target), Unusable)
    await assert.rejects(readdir(join(directory, 'new')), /ENOENT/)
  })
})
