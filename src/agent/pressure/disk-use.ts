import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

const BLOCK_BYTES = 512

export interface DiskUse {
  readonly bytes: number
  readonly inodes: number
}

export const NOTHING: DiskUse = { bytes: 0, inodes: 0 }

export const together = (uses: Iterable<DiskUse>): DiskUse => {
  let [bytes, inodes] = [0, 0]
  for (const use of uses) {
    bytes += use.bytes
    inodes += use.inodes
  }
  return { bytes, inodes }
}

/** What lies on disk below a path, itself included; nothing where nothing is. Stays on its file system and counts each file once. */
export async function diskUseOf(path: string): Promise<DiskUse> {
  const root = await lstat(path).catch(() => undefined)
  if (!root) return NOTHING
  const linked = new Set<number>()
  let bytes = root.blocks * BLOCK_BYTES
  let inodes = 1
  const visit = async (directory: string): Promise<void> => {
    for await (const entry of await opendir(directory)) {
      const inner = join(directory, entry.name)
      const found = await lstat(inner).catch(() => undefined)
      if (!found || found.dev !== root.dev) continue
      if (found.nlink > 1 && !found.isDirectory()) {
        if (linked.has(found.ino)) continue
        linked.add(found.ino)
      }
      bytes += found.blocks * BLOCK_BYTES
      inodes++
      if (found.isDirectory()) await visit(inner).catch(() => {})
    }
  }
  if (root.isDirectory()) await visit(path)
  return { bytes, inodes }
}
