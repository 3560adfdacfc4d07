import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Upstream's defaults: a log of 10 MiB is put aside, five files are kept. */
const MOST_BYTES = 10 * 1024 * 1024
const FILES = 5

/** Puts a full log aside and removes the oldest; `reopen` makes the engine write to a new file. True when it was put aside. */
export async function rotateLog(path: string, now: number, reopen: () => Promise<unknown>, most = MOST_BYTES): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found || found.size < most) return false
  const aside = `${path}.${new Date(now).toISOString().replace(/[-:]|\.\d+Z$/g, '')}`
  await rename(path, aside)
  try {
    await reopen()
  } catch (error) {
    // A log that nobody can write to is worse than one that is too long.
    await rename(aside, path)
    throw error
  }
  const prefix = `${basename(path)}.`
  const old = (await readdir(dirname(path))).filter(name => name.startsWith(prefix)).sort()
  for (const name of old.slice(0, Math.max(0, old.length - (FILES - 1)))) await rm(join(dirname(path), name), { force: true })
  return true
}
