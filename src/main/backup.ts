import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { checkBackup } from '../store/sqlite-restore.ts'
import { type ConnectFlags, withApi } from './connect.ts'
import { Failure } from './failure.ts'

/** `everynode backup FILE`: asks a running server for a copy of everything, and keeps it once it is whole. */
export async function backup(name: string, flags: ConnectFlags): Promise<void> {
  const file = resolve(name)
  if (existsSync(file)) throw new Failure(`${file} is already there; name a new file`)
  const part = `${file}.part`
  try {
    await withApi(flags, async api => {
      const stop = new AbortController()
      await pipeline(await api.stream('/backup', stop.signal), createWriteStream(part, { mode: 0o600, flush: true }))
    })
    const objects = checkBackup(part)
    await rename(part, file)
    process.stdout.write(`${file}: ${objects} objects, ${(await stat(file)).size} bytes. It holds the cluster's keys: keep it as you keep those.\n`)
  } finally {
    await rm(part, { force: true })
  }
}
