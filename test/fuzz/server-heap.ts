/** What the heap of a server in another process holds. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Census, censusOf } from '../sim/heap-census.ts'

/** The environment in which a server writes a snapshot of its heap into a directory when it is asked to. */
export const snapshotting = (directory: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${directory}`,
})

/** Asks a server that runs in that environment, and counts. */
export async function serverHeap(pid: number, directory: string): Promise<ReadonlyMap<string, Census>> {
  const before = new Set(await readdir(directory))
  process.kill(pid, 'SIGUSR2')
  for (;;) {
    const made = (await readdir(directory)).find(file => file.endsWith('.heapsnapshot') && !before.has(file))
    if (made !== undefined) {
      const file = join(directory, made)
      await written(file)
      return censusOf(file)
    }
    await sleep(100)
  }
}

/** Resolves when the file ends as a snapshot ends: it is one object on lines of its own. */
async function written(file: string): Promise<void> {
  for (;;) {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      const end = Buffer.alloc(Math.min(size, 3))
      await handle.read(end, 0, end.length, size - end.length)
      if (size > 1000 && end.toString().trim().endsWith('}')) return
    } finally {
      await handle.close()
    }
    await sleep(100)
  }
}
