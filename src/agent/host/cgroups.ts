import { readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** Where a cgroup path lies in each hierarchy of this machine: one with cgroup v2, one for each controller with v1. */
async function hierarchies(): Promise<readonly string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true })
  if (entries.some(e => e.name === 'cgroup.controllers')) return [ROOT]
  return entries.filter(e => e.isDirectory()).map(e => join(ROOT, e.name))
}

/** Removes a cgroup and those below it from every hierarchy. What still holds processes stays. */
export async function removeCgroup(path: string): Promise<void> {
  for (const root of await hierarchies()) await removeTree(join(root, path))
}

async function removeTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  await rmdir(directory).catch(() => {})
}

/** How many processes and threads are at or below a cgroup; 0 where it is not, or nobody counts them. */
export async function processesIn(path: string): Promise<number> {
  for (const root of [ROOT, join(ROOT, 'pids')]) {
    const count = Number(await readFile(join(root, path, 'pids.current'), 'utf8').catch(() => Number.NaN))
    if (count >= 0) return count
  }
  return 0
}

/** Every cgroup at or below `path`, in whichever hierarchy. */
export async function cgroupsUnder(path: string): Promise<readonly string[]> {
  const found: string[] = []
  const walk = async (directory: string): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined)
    if (!entries) return
    found.push(directory)
    for (const entry of entries) if (entry.isDirectory()) await walk(join(directory, entry.name))
  }
  for (const root of await hierarchies()) await walk(join(root, path))
  return found
}
