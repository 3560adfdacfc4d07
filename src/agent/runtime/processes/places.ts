import { lstat, mkdir, readdir, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Mount } from '../cri/messages.ts'

/** Directories below which a confined process does not see the host's, so that nothing is to be made there. */
const OWN = ['/proc/', '/dev/']

/**
 * Makes the places on the host that volumes are mounted on, where there are none yet. Gives back what was made, outermost first.
 * `own`: whether the process has a /dev of its own.
 */
export async function makePlaces(mounts: readonly Mount[], own: boolean): Promise<readonly string[]> {
  const made: string[] = []
  for (const { container_path: path = '', host_path: source = '' } of mounts) {
    if (own && OWN.some(prefix => path.startsWith(prefix))) continue
    const missing: string[] = []
    for (let at = path; !(await lstat(at).catch(() => undefined)); at = dirname(at)) missing.unshift(at)
    const isFile = await stat(source).then(
      s => !s.isDirectory(),
      () => false,
    )
    for (const place of missing) {
      if (place === path && isFile) await writeFile(place, '', { flag: 'wx', mode: 0o644 })
      else await mkdir(place, { mode: 0o755 })
      made.push(place)
    }
  }
  return made
}

/**
 * Takes away places that were made, where they are empty and not among `needed`: removing one would unmount what another
 * process sees there.
 */
export async function removePlaces(made: readonly string[], needed: ReadonlySet<string>): Promise<void> {
  for (const place of [...made].reverse()) {
    if (needed.has(place)) continue
    const found = await lstat(place).catch(() => undefined)
    if (found?.isDirectory() && (await readdir(place)).length === 0) await rmdir(place).catch(() => {})
    else if (found?.isFile() && found.size === 0) await unlink(place).catch(() => {})
  }
}

/** A place and all that leads to it. */
export function* leadingTo(path: string): Iterable<string> {
  for (let at = join('/', path); at !== '/'; at = dirname(at)) yield at
}
