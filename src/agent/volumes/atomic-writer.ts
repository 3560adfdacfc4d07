import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Payload } from './payload.ts'

export interface Ownership {
  /** Group that gets read access, if the pod asks for one. */
  readonly fsGroup?: number | undefined
}

const DATA = '..data'

/**
 * Writes files so that a reader sees all of the old ones or all of the new ones: into a directory of their own that the
 * link `..data` then points at by one rename; each name is a link through `..data`. Does nothing when nothing changed.
 */
export async function writePayload(directory: string, payload: Payload, { fsGroup }: Ownership = {}): Promise<boolean> {
  const generation = `..${digestOf(payload, fsGroup)}`
  const current = await readlink(join(directory, DATA)).catch(() => undefined)
  if (current === generation) return false
  const staged = join(directory, generation)
  await rm(staged, { recursive: true, force: true })
  await mkdir(staged, { recursive: true, mode: 0o755 })
  await chmod(staged, 0o755)
  for (const [path, { content, mode, owner }] of payload) {
    const target = join(staged, path)
    await mkdir(dirname(target), { recursive: true, mode: 0o755 })
    await writeFile(target, content)
    await chmod(target, fsGroup === undefined ? mode : mode | 0o440)
    if (owner !== undefined || fsGroup !== undefined) await chown(target, owner ?? -1, fsGroup ?? -1)
  }
  const link = join(directory, '..data_tmp')
  await rm(link, { force: true })
  await symlink(generation, link)
  await rename(link, join(directory, DATA))
  await relink(directory, payload)
  if (current) await rm(join(directory, current), { recursive: true, force: true })
  return true
}

/** The first part of each path becomes a link through `..data`; links that lead nowhere any more go. */
async function relink(directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map(path => path.split('/')[0]!))
  for (const name of wanted) {
    const present = await lstat(join(directory, name)).catch(() => undefined)
    if (!present) await symlink(join(DATA, name), join(directory, name))
  }
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !wanted.has(name)) await rm(join(directory, name), { force: true, recursive: true })
  }
}

function digestOf(payload: Payload, fsGroup: number | undefined): string {
  const hash = createHash('sha256').update(`${fsGroup}`)
  for (const [path, { content, mode, owner }] of payload) hash.update(`\0${path}\0${mode}\0${owner}\0${content.length}\0`).update(content)
  return hash.digest('hex').slice(0, 32)
}
