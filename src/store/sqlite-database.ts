import { closeSync, existsSync, openSync } from 'node:fs'
import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite'
import { closeDatabase, number, openDatabase } from './sqlite-file.ts'
import type { Decided } from './sqlite-messages.ts'
import { addFiles, type BackedUpFile } from './sqlite-restore.ts'
import type { Entry, Write } from './store.ts'

/** Revisions are promised to the disk in blocks of so many, so that none that was handed out lazily is ever handed out again: after a crash counting goes on behind the block. */
const BLOCK = 100_000
/** Of copying: each meets a transaction at its beginning, which is seldom. */
const MOST_TRIES = 100
/** Pages given back to the file system at once. */
const VACUUM = 256

type Row = readonly [created: number, modified: number, version: number, value: Uint8Array]

/**
 * The database as its worker sees it: decides writes in order, commits them, reads. Synchronous. Lazy writes lie in
 * memory, seen by everybody, until `carry` commits them.
 */
export class SqliteDatabase {
  readonly #file: string
  readonly #database: DatabaseSync
  readonly #statements: Statements
  #doubtful = false
  #revision: number
  /** No revision above this one has been promised to the disk. */
  #reserved: number
  #lazy = new Map<string, Entry>()
  /** It was not closed the last time. */
  readonly unclean: boolean
  readonly migratedFrom: number | undefined

  /** `program` is noted as the one that wrote last. */
  constructor(file: string, program?: string) {
    this.#file = file
    const { database, migratedFrom } = openDatabase(file)
    this.#database = database
    this.migratedFrom = migratedFrom
    this.#statements = prepare(database)
    this.unclean = this.#meta('clean') === 0
    this.#revision = Math.max(this.#meta('revision'), this.unclean ? this.#meta('reserved') : 0)
    this.#reserved = 0
    if (program !== undefined) database.prepare("INSERT OR REPLACE INTO about VALUES ('program', ?)").run(program)
    database.exec(
      `BEGIN; UPDATE meta SET value = 0 WHERE name IN ('clean', 'reserved'); UPDATE meta SET value = ${this.#revision} WHERE name = 'revision'; COMMIT`,
    )
  }

  get revision(): number {
    return this.#revision
  }
  /** How many lazy writes wait to be carried. */
  get lazy(): number {
    return this.#lazy.size
  }

  get(key: string): Entry | undefined {
    const lazy = this.#lazy.get(key)
    if (lazy) return lazy
    const row = this.#statements.get.get(key) as Row | undefined
    return row && { key, created: row[0], modified: row[1], version: row[2], value: row[3] }
  }

  page(prefix: string, after: string, limit: number): { readonly entries: readonly Entry[]; readonly more: boolean } {
    const statement = after >= prefix ? this.#statements.pageAfter : this.#statements.pageFrom
    const rows = statement.all(after >= prefix ? after : prefix, `${prefix}\u{10ffff}`, limit + 1) as unknown as [string, ...Row][]
    const entries = rows.slice(0, limit).map(([key, created, modified, version, value]) => this.#lazy.get(key) ?? { key, created, modified, version, value })
    return { entries, more: rows.length > limit }
  }

  /** Decides writes in their order and commits them together; if that fails, all but the lazy ones have failed. */
  write(writes: readonly Write[]): readonly Decided[] {
    const group = new Group(this.#revision, this.#lazy, this.#statements)
    const decided: Decided[] = []
    try {
      this.#trust()
      for (const write of writes) decided.push(group.decide(write, () => this.#begin()))
      this.#commit(group)
      return decided
    } catch (error) {
      this.#rollBack()
      const failed = messageOf(error)
      const rescue = new Group(this.#revision, this.#lazy, this.#statements)
      const saved = writes.map((write): Decided => (write.lazy && rescue.mayWait(write) ? rescue.decide(write, () => {}) : { failed }))
      if (rescue.revision > this.#reserved) return writes.map(() => ({ failed }))
      this.#settle(rescue)
      return saved
    }
  }

  /** Commits lazy writes, the oldest first. Whether some are left. */
  carry(limit: number): boolean {
    if (this.#lazy.size === 0) return false
    const some = [...this.#lazy.values().take(limit)]
    try {
      this.#trust()
      this.#begin()
      for (const entry of some) this.#statements.update.run(entry.modified, entry.version, entry.value, entry.key)
      this.#statements.meta.run(this.#revision, 'revision')
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#rollBack()
      throw error
    }
    for (const { key } of some) this.#lazy.delete(key)
    return this.#lazy.size > 0
  }

  #commit(group: Group): void {
    if (group.waiting && group.revision > this.#reserved) this.#begin()
    if (this.#database.isTransaction) {
      const reserved = group.revision + BLOCK / 2 > this.#reserved ? group.revision + BLOCK : this.#reserved
      if (reserved > this.#reserved) this.#statements.meta.run(reserved, 'reserved')
      this.#statements.meta.run(group.revision, 'revision')
      this.#database.exec('COMMIT')
      this.#reserved = reserved
    }
    this.#settle(group)
  }

  #settle(group: Group): void {
    this.#revision = group.revision
    for (const [key, entry] of group.lazy) {
      if (entry) this.#lazy.set(key, entry)
      else this.#lazy.delete(key)
    }
  }

  #begin(): void {
    if (!this.#database.isTransaction) this.#database.exec('BEGIN IMMEDIATE')
  }

  #rollBack(): void {
    this.#doubtful = true
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#trust()
    } catch {}
  }

  /**
   * A commit that failed may have left all its frames in the log, where a crash would bring them to life. The next commit
   * overwrites them: until one has succeeded nothing else is written.
   */
  #trust(): void {
    if (!this.#doubtful) return
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      // What changes nothing would write nothing.
      this.#statements.meta.run(++this.#reserved, 'reserved')
      this.#database.exec('COMMIT')
      this.#doubtful = false
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    }
  }

  #meta(name: string): number {
    return number(this.#database, `SELECT value FROM meta WHERE name = '${name}'`)
  }

  /** The file may not grow beyond so many bytes, or not beyond what it has if that is more. */
  quota(bytes: number | undefined): void {
    const pages = bytes === undefined ? 0xfffffffe : Math.max(1, Math.floor(bytes / number(this.#database, 'PRAGMA page_size')))
    this.#database.exec(`PRAGMA max_page_count = ${pages}`)
  }

  /** Folds the log up; called when nothing else is to be done. */
  checkpoint(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {}
  }

  /** Gives a few free pages back to the file system. Whether there are more. */
  vacuum(): boolean {
    const free = number(this.#database, 'PRAGMA freelist_count')
    if (free === 0) return false
    this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM})`)
    return number(this.#database, 'PRAGMA freelist_count') > 0
  }

  /** Copies the database as it is at one moment, while writes go on, to a file that only its owner may read. */
  async backup(file: string, files: readonly BackedUpFile[]): Promise<void> {
    if (existsSync(file)) throw new Error(`${file} is already there`)
    closeSync(openSync(file, 'wx', 0o600))
    while (this.carry(1000));
    await this.#copyTo(file)
    addFiles(file, files)
  }

  async #copyTo(file: string): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        await backup(this.#database, file, { rate: 200 })
        return
      } catch (error) {
        // Node takes it for the end, but no error, when a copy meets a transaction at its first step.
        if ((error as { errcode?: number }).errcode !== 0 || tries === MOST_TRIES) throw error
      }
  }

  close(): void {
    try {
      this.#trust()
      while (this.carry(1000));
      this.#database.exec('BEGIN')
      for (const [name, value] of Object.entries({ clean: 1, reserved: 0, revision: this.#revision })) this.#statements.meta.run(value, name)
      this.#database.exec('COMMIT')
    } finally {
      closeDatabase(this.#database, this.#file)
    }
  }
}

/** Writes that are decided together: what they would make of the lazy entries and of the revision. */
class Group {
  revision: number
  /** By key: the entry that lies in memory from now on; undefined: what the database has counts. */
  readonly lazy = new Map<string, Entry | undefined>()
  readonly #before: ReadonlyMap<string, Entry>
  readonly #statements: Statements

  constructor(revision: number, before: ReadonlyMap<string, Entry>, statements: Statements) {
    this.revision = revision
    this.#before = before
    this.#statements = statements
  }

  /** Whether some of its writes are not in its commit. */
  get waiting(): boolean {
    for (const entry of this.lazy.values()) if (entry) return true
    return false
  }

  /** Lazy is only what changes the value of a key that exists. */
  mayWait({ key, value, lazy }: Write): boolean {
    return lazy === true && value !== undefined && this.#find(key) !== undefined
  }

  decide(write: Write, begin: () => void): Decided {
    const { key, value, ifRevision } = write
    const previous = this.#find(key)
    if (ifRevision !== undefined && ifRevision !== (previous?.modified ?? 0)) return { conflict: previous }
    if (!value && !previous) return { conflict: undefined }
    const revision = this.revision + 1
    const created = previous?.created ?? revision
    const version = (previous?.version ?? 0) + 1
    if (value && previous && write.lazy) this.lazy.set(key, { key, value: value.slice(), created, modified: revision, version })
    else {
      begin()
      if (!value) this.#statements.delete.run(key)
      else if (previous) this.#statements.update.run(revision, version, value, key)
      else this.#statements.insert.run(key, created, revision, version, value)
      if (this.lazy.has(key) || this.#before.has(key)) this.lazy.set(key, undefined)
    }
    this.revision = revision
    return { revision, created, version, previous }
  }

  #find(key: string): Entry | undefined {
    const lazy = this.lazy.has(key) ? this.lazy.get(key) : this.#before.get(key)
    if (lazy) return lazy
    const row = this.#statements.get.get(key) as Row | undefined
    return row && { key, created: row[0], modified: row[1], version: row[2], value: row[3] }
  }
}

interface Statements {
  readonly get: StatementSync
  readonly insert: StatementSync
  readonly update: StatementSync
  readonly delete: StatementSync
  readonly meta: StatementSync
  readonly pageFrom: StatementSync
  readonly pageAfter: StatementSync
}

function prepare(database: DatabaseSync): Statements {
  const statement = (sql: string) => {
    const prepared = database.prepare(sql)
    prepared.setReturnArrays(true)
    return prepared
  }
  const page = (from: string) => `SELECT k, created, modified, version, v FROM kv WHERE k ${from} ? AND k < ? ORDER BY k LIMIT ?`
  return {
    get: statement('SELECT created, modified, version, v FROM kv WHERE k = ?'),
    insert: statement('INSERT INTO kv (k, created, modified, version, v) VALUES (?, ?, ?, ?, ?)'),
    update: statement('UPDATE kv SET modified = ?, version = ?, v = ? WHERE k = ?'),
    delete: statement('DELETE FROM kv WHERE k = ?'),
    meta: statement('UPDATE meta SET value = ? WHERE name = ?'),
    pageFrom: statement(page('>=')),
    pageAfter: statement(page('>')),
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
