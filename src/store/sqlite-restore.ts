import { chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { APPLICATION, closeDatabase, number, openDatabase } from './sqlite-file.ts'
import { Unusable } from './store.ts'

/** So far beyond all revisions of the backup that nobody can hold one as high: every client has to list anew. */
export const RESTORE_JUMP = 1_000_000_000

/** A file that a backup carries beside the objects. */
export interface BackedUpFile {
  /** Relative, with `/`. */
  readonly name: string
  readonly content: Uint8Array
}

/** Makes a copied database one file that stands alone, with other files in it. */
export function addFiles(backup: string, files: readonly BackedUpFile[]): void {
  const database = new DatabaseSync(backup)
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN; CREATE TABLE files (name TEXT PRIMARY KEY, content BLOB NOT NULL)')
    const insert = database.prepare('INSERT INTO files (name, content) VALUES (?, ?)')
    for (const { name, content } of files) insert.run(name, content)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

/** How many objects a backup holds, if it is whole. Throws `Unusable`. */
export function checkBackup(backup: string): number {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(backup, { readOnly: true })
    if (number(database, 'PRAGMA application_id') !== APPLICATION) throw new Unusable(`${backup} is not a database of everynode`)
    const found = String(Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0])
    if (found !== 'ok') throw new Unusable(`${backup} is damaged (${found}); take another backup`)
    return number(database, 'SELECT count(*) FROM kv')
  } catch (error) {
    if (error instanceof Unusable) throw error
    throw new Unusable(`cannot read ${backup}: ${(error as Error).message}`, { cause: error })
  } finally {
    database?.close()
  }
}

export interface Restored {
  readonly revision: number
  readonly objects: number
  /** What the backup carried beside the objects: the caller's to put back. */
  readonly files: readonly BackedUpFile[]
}

/**
 * Makes the database `file` from a backup. Its directory must be empty or not exist; all history counts as compacted.
 * Throws `Unusable` with the remedy and then leaves nothing behind. Blocks while it works: not for a server's thread.
 */
export async function restoreSqlite(backup: string, file: string): Promise<Restored> {
  const directory = dirname(file)
  const objects = checkBackup(backup)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const there = await readdir(directory)
  if (there.length > 0) throw new Unusable(`${directory} is not empty (${there[0]} is there); restore into an empty directory`)
  try {
    await copyFile(backup, file)
    await chmod(file, 0o600)
    const { database } = openDatabase(file)
    try {
      const revision = number(database, "SELECT max(value) FROM meta WHERE name IN ('revision', 'reserved')") + RESTORE_JUMP
      const files = database.prepare('SELECT name, content FROM files ORDER BY name').all() as unknown as BackedUpFile[]
      const set = database.prepare('UPDATE meta SET value = ? WHERE name = ?')
      database.exec('BEGIN')
      for (const [name, value] of Object.entries({ revision, reserved: 0, clean: 1 })) set.run(value, name)
      database.exec('DROP TABLE files; COMMIT')
      return { revision, objects, files }
    } finally {
      closeDatabase(database, file)
    }
  } catch (error) {
    for (const name of await readdir(directory)) await rm(join(directory, name))
    if (error instanceof Unusable) throw error
    throw new Unusable(`cannot restore ${backup}: ${(error as Error).message}`, { cause: error })
  }
}
