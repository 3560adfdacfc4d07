import { constants } from 'node:fs'
import { chmod, type FileHandle, lstat, mkdir, open, readlink, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bindMount, mountsUnder } from '../host/mounts.ts'
import { StepError } from '../runtime/runtime.ts'

/**
 * Pins a path inside a volume: whatever a container does to links in the volume afterwards, `target` shows what was there.
 * A path that leaves the volume is refused; one that is missing becomes a directory with the volume's own permissions.
 */
export async function pinSubPath(volume: string, subPath: string, target: string): Promise<string> {
  if ((await mountsUnder(target)).includes(target)) return target
  const root = await realpath(volume)
  const wanted = join(root, subPath)
  if (wanted !== root && !wanted.startsWith(`${root}/`)) throw escapes(subPath)
  let resolved = await realpath(wanted).catch(() => undefined)
  if (resolved === undefined) {
    await makeInside(root, wanted, subPath)
    resolved = await realpath(wanted)
  }
  if (resolved !== root && !resolved.startsWith(`${root}/`)) throw escapes(subPath)
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
