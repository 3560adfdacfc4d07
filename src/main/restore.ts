import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { restoreSqlite } from '../store/sqlite-restore.ts'
import { defaultDataDir, openDataDir } from './data-dir.ts'
import { Failure } from './failure.ts'

/** `everynode restore FILE`: makes the data directory of a new server from a backup. The directory must be empty. */
export async function restore(name: string, flags: { readonly dataDir?: string }): Promise<void> {
  const dataDir = openDataDir(flags.dataDir ?? defaultDataDir())
  const [there] = await readdir(dataDir)
  if (there !== undefined) throw new Failure(`data directory ${dataDir} is not empty (${there} is there); restore into an empty one with --data-dir`)
  const { objects, files } = await restoreSqlite(resolve(name), join(dataDir, 'everynode.db'))
  for (const { name, content } of files) {
    const file = resolve(dataDir, name)
    if (!file.startsWith(dataDir + sep)) throw new Failure(`${name} in the backup does not belong into a data directory`)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, content, { mode: 0o600 })
  }
  process.stdout.write(`${dataDir}: ${objects} objects. Start the server with --data-dir ${dataDir}; every client will list anew.\n`)
}
