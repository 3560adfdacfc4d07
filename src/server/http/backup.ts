import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { PathRoute } from './routes.ts'

export interface BackupOptions {
  /** Where a copy lies while it is sent; it holds everything, so nobody else may read there. */
  readonly directory: string
  /** Makes the copy; the file does not exist yet. */
  readonly backup: (file: string) => Promise<void>
}

const copyName = (unique: string): string => `backup-${unique}.tmp`

/** `GET /backup`: the whole store with all that a new server needs, keys too, as it is at one moment. For who may `get` that path. */
export function backupPaths({ directory, backup }: BackupOptions): Record<string, PathRoute> {
  return {
    backup: {
      methods: ['GET'],
      async serve({ exchange }) {
        const file = join(directory, copyName(randomUUID()))
        try {
          await backup(file)
          const { size } = await stat(file)
          const body = exchange.open(200, { 'content-type': 'application/vnd.sqlite3', 'content-length': String(size), 'cache-control': 'no-store' })
          await pipeline(createReadStream(file), body, { signal: exchange.signal }).catch((error: unknown) => {
            if (!exchange.aborted) throw error
          })
        } finally {
          await rm(file, { force: true })
          await rm(`${file}-journal`, { force: true })
        }
      },
    },
  }
}

/** Removes copies that a server left when it was killed. */
export async function removeCopies(directory: string): Promise<void> {
  for (const name of await readdir(directory)) if (/^backup-[0-9a-f-]{36}\.tmp/.test(name)) await rm(join(directory, name), { force: true })
}
