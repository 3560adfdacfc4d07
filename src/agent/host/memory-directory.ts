import { createHash } from 'node:crypto'
import { mkdir, readdir, readlink, rm, rmdir, statfs, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mountsUnder, mountTmpfs, unmountUnder } from './mounts.ts'

const TMPFS_MAGIC = 0x01021994

/**
 * Makes `path` a directory that lies in memory: a file system of its own, or, where this process may not mount, a link into a
 * directory of this user's on the machine's. Does nothing to one that is there already.
 */
export async function inMemory(path: string, options: readonly string[]): Promise<void> {
  if (process.getuid?.() === 0) {
    if (!(await mountsUnder(path)).includes(path)) await mountTmpfs(path, options)
    return
  }
  await linkInto(path, await sharedMemory())
}

/** Gives back the memory of every such directory at or below `directory`, and whatever else is mounted there. */
export async function leaveMemory(directory: string): Promise<void> {
  if (process.getuid?.() === 0) return unmountUnder(directory)
  const shared = await sharedMemory().catch(() => undefined)
  if (shared !== undefined) await removeLinked(directory, shared)
}

/** Makes `path` a link to a directory of its own below `shared`; what is there already stays. */
export async function linkInto(path: string, shared: string): Promise<void> {
  const target = join(shared, createHash('sha256').update(path).digest('hex').slice(0, 32))
  await mkdir(target, { recursive: true, mode: 0o700 })
  if ((await readlink(path).catch(() => undefined)) === target) return
  await rm(path, { force: true }).catch(() => rmdir(path))
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}

/** Removes whatever links at or below `directory` lead to in `shared`, and `shared` itself once it is empty. */
export async function removeLinked(directory: string, shared: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    // Links inside what has just been removed lead nowhere any more.
    const target = entry.isSymbolicLink() ? await readlink(join(entry.parentPath, entry.name)).catch(() => '') : ''
    if (dirname(target) === shared) await rm(target, { recursive: true, force: true })
  }
  await rmdir(shared).catch(() => {})
}

async function sharedMemory(): Promise<string> {
  const user = String(process.getuid?.())
  for (const root of [process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${user}`, '/dev/shm']) {
    const found = await statfs(root).catch(() => undefined)
    if (found?.type !== TMPFS_MAGIC) continue
    const directory = join(root, `everynode-${user}`)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      return directory
    } catch {
      // Not ours to write in; the next may be.
    }
  }
  throw new Error('secrets are kept in memory only, and this user has none to write to: neither $XDG_RUNTIME_DIR nor /dev/shm')
}
