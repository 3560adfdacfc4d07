import { chmodSync, closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Unusable } from './store.ts'

/** Marks a database as one of ours (`PRAGMA application_id`): "EVRN". */
export const APPLICATION = 0x4556524e
/** The layout that this program reads and writes (`PRAGMA user_version`). */
export const SCHEMA = 2

/** How a database of schema N becomes one of N + 1. */
export type Migrations = Readonly<Record<number, (database: DatabaseSync) => void>>
const MIGRATIONS: Migrations = {
  // Which program wrote here last: who is refused for being older can say which version to start.
  1: database => database.exec(ABOUT),
}

const ABOUT = 'CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);'

const CREATE = `
  CREATE TABLE kv (k TEXT PRIMARY KEY, created INTEGER NOT NULL, modified INTEGER NOT NULL, version INTEGER NOT NULL, v BLOB NOT NULL);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT INTO meta VALUES ('revision', 1), ('reserved', 0), ('clean', 1);
  ${ABOUT}
  PRAGMA application_id = ${APPLICATION};
`

export interface Opened {
  readonly database: DatabaseSync
  readonly migratedFrom: number | undefined
}

/**
 * Opens or makes the database, and holds it alone until it is closed or the process ends. Throws `Unusable` with the
 * remedy: in use, of a newer version, not ours, no permission.
 */
export function openDatabase(file: string, schema = SCHEMA, migrations = MIGRATIONS): Opened {
  const fresh = makeFile(file)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    // The lock is SQLite's own, held from the first access on: it ends with the process, however that ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    if (fresh) database.exec('PRAGMA auto_vacuum = INCREMENTAL')
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -4096')
    database.exec('BEGIN IMMEDIATE; COMMIT')
    writeFileSync(`${file}.pid`, `${process.pid}\n`, { mode: 0o600 })
    if (fresh || isEmpty(database)) database.exec(`BEGIN; ${CREATE} PRAGMA user_version = ${schema}; COMMIT`)
    const migratedFrom = check(database, file, schema, migrations)
    return { database, migratedFrom }
  } catch (error) {
    try {
      database?.close()
    } catch {}
    throw error instanceof Unusable ? error : new Unusable(explain(file, error), { cause: error })
  }
}

export function closeDatabase(database: DatabaseSync, file: string): void {
  database.close()
  rmSync(`${file}.pid`, { force: true })
}

/** Whether the file had to be made. Nobody but its owner may read it. */
function makeFile(file: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // An empty file is one that was made and then not written.
    if (existsSync(file)) return statSync(file).size === 0
    closeSync(openSync(file, 'wx', 0o600))
    return true
  } catch (error) {
    throw new Unusable(explain(file, error), { cause: error })
  }
}

const isEmpty = (database: DatabaseSync): boolean => number(database, 'SELECT count(*) FROM sqlite_master') === 0

function check(database: DatabaseSync, file: string, schema: number, migrations: Migrations): number | undefined {
  if (number(database, 'PRAGMA application_id') !== APPLICATION) throw new Unusable(`${file} is not a database of everynode; choose another data directory`)
  const found = number(database, 'PRAGMA user_version')
  if (found > schema)
    throw new Unusable(
      `${file} was written by a newer everynode (${writerOf(database)}its schema is ${found}, this program knows ${schema}); start that version, or choose another data directory`,
    )
  if (found === schema) return undefined
  migrate(database, file, found, schema, migrations)
  return found
}

/** The version that wrote it last, if it says so. */
function writerOf(database: DatabaseSync): string {
  try {
    const { value } = database.prepare("SELECT value FROM about WHERE name = 'program'").get() ?? {}
    return typeof value === 'string' ? `${value}; ` : ''
  } catch {
    return ''
  }
}

/** Keeps a copy that is safe on the disk, then takes all steps in one transaction. */
function migrate(database: DatabaseSync, file: string, from: number, to: number, migrations: Migrations): void {
  const copy = `${file}.schema-${from}`
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  keepCopy(file, copy)
  database.exec('BEGIN IMMEDIATE')
  try {
    for (let at = from; at < to; at++) {
      const step = migrations[at]
      if (!step) throw new Unusable(`${file} has schema ${at}, from which this program knows no way to ${to}`)
      step(database)
    }
    database.exec(`PRAGMA user_version = ${to}; COMMIT`)
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function keepCopy(file: string, copy: string): void {
  try {
    copyFileSync(file, copy)
    chmodSync(copy, 0o600)
    const opened = openSync(copy, 'r+')
    try {
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  } catch (error) {
    rmSync(copy, { force: true })
    throw error
  }
}

export function number(database: DatabaseSync, sql: string): number {
  const row = database.prepare(sql).get()
  return Number(row && Object.values(row)[0])
}

/** The primary code of SQLite's error: 5 busy, 8 read-only, 10 input/output, 13 full, 14 cannot open, 26 not a database. */
export const codeOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff

function explain(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (codeOf(error) === 5) return `${file} is in use by another everynode server${holderOf(file)}; stop it, or choose another data directory`
  if (codeOf(error) === 26) return `${file} is not a database of everynode; choose another data directory`
  if (code === 'EACCES' || code === 'EPERM' || codeOf(error) === 8 || codeOf(error) === 14)
    return `no permission to write ${file}; run as the owner of its directory, or choose another data directory`
  if (code === 'EROFS') return `${file} is on a read-only file system; choose another data directory`
  return `cannot open ${file}: ${message}`
}

function holderOf(file: string): string {
  try {
    const pid = Number(readFileSync(`${file}.pid`, 'utf8'))
    return pid > 0 ? ` (process ${pid})` : ''
  } catch {
    return ''
  }
}
