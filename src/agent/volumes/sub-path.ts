import { constants } from 'node:fs'
import { chmod, type FileHandle, lstat, mkdir, open, readlink, realpath, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bindMount, mountsUnder, unmountUnder } from '../host/mounts.ts'
import { StepError } from '../runtime/runtime.ts'

/**
 * Pins a path inside a volume: whatever a container does to links in the volume afterwards, `target` shows what was there, until it is
 * pinned again: a container that starts anew sees what is there now.
 * A path that leaves the volume is refused; one that is missing becomes a directory with the volume's own permissions.
 */
export async function pinSubPath(volume: string, subPath: string, target: string): Promise<string> {
  const root = await realpath(volume)
  const wanted = join(root, subPath)
  if (wanted !== root && !wanted.startsWith(`${root}/`)) throw escapes(subPath)
  let resolved = await realpath(wanted).catch(() => undefined)
  if (resolved === undefined) {
    await makeInside(root, wanted, subPath)
    resolved = await realpath(wanted)
  }
  if (resolved !== root && !resolved.startsWith(`${root}/`)) throw escapes(subPath)
  const isPinned = (await mountsUnder(target)).includes(target)
  if (isPinned && (await isSame(target, resolved))) return target
  if (isPinned) await unpin(target)
  let handle: FileHandle | undefined
  try {
    handle = await open(resolved, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const opened = await readlink(`/proc/self/fd/${handle.fd}`)
    if (opened !== root && !opened.startsWith(`${root}/`)) throw escapes(subPath)
    // Who may not mount runs containers as itself: a link shows them nothing that they could not reach.
    if (process.getuid?.() !== 0) return opened
    const directory = (await handle.stat()).isDirectory()
    await mkdir(directory ? target : dirname(target), { recursive: true })
    if (!directory) await writeFile(target, '')
    await bindMount(`/proc/${process.pid}/fd/${handle.fd}`, target, false)
  } finally {
    await handle?.close()
  }
  return target
}

async function isSame(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), stat(b)])
  return one.dev === other.dev && one.ino === other.ino
}

/** Never takes away more than an empty place: what is mounted there is the volume's. */
async function unpin(target: string): Promise<void> {
  await unmountUnder(target)
  await rmdir(target).catch(() => unlink(target))
}

/** Makes the missing directories, none through a link. */
async function makeInside(root: string, wanted: string, subPath: string): Promise<void> {
  const { mode } = await lstat(root)
  let at = root
  for (const part of wanted.slice(root.length + 1).split('/')) {
    at = join(at, part)
    const found = await lstat(at).catch(() => undefined)
    if (!found) {
      await mkdir(at)
      await chmod(at, mode & 0o7777)
    } else if (found.isSymbolicLink()) {
      at = await realpath(at).catch(() => '')
      if (!at.startsWith(`${root}/`)) throw escapes(subPath)
    }
  }
}

const escapes = (subPath: string): StepError => new StepError('CreateContainerConfigError', `subPath "${subPath}" leads out of its volume`)
