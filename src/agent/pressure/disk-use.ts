import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

const BLOCK_BYTES = 512

/** Bytes that lie on disk below a path, itself included; 0 where nothing is. Stays on its file system and counts each file once. */
export async function bytesOnDisk(path: string): Promise<number> {
  const root = await lstat(path).catch(() => undefined)
  if (!root) return 0
  const linked = new Set<number>()
  let bytes = root.blocks * BLOCK_BYTES
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
      if (found.isDirectory()) await visit(inner).catch(() => {})
    }
  }
  if (root.isDirectory()) await visit(path)
  return bytes
}
