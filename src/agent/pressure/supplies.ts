import { readFile, statfs } from 'node:fs/promises'

/** Bytes, inodes or processes. */
export interface Supply {
  readonly available: number
  readonly capacity: number
}

/** What is left of what the node can run out of. What could not be found out is absent and counts as plenty. */
export interface Supplies {
  readonly memory?: Supply | undefined
  /** Of the file system that holds volumes and logs. */
  readonly disk?: Supply | undefined
  readonly inodes?: Supply | undefined
  /** Of the file system that holds images and what containers write. */
  readonly imageDisk?: Supply | undefined
  readonly imageInodes?: Supply | undefined
  readonly processes?: Supply | undefined
}

/** What is left on this machine. `imageDirectory` is absent where there are no images. */
export async function readSupplies(dataDir: string, imageDirectory?: string): Promise<Supplies> {
  const [meminfo, loadavg, pidMax, node, images] = await Promise.all([
    readFile('/proc/meminfo', 'utf8').catch(() => ''),
    readFile('/proc/loadavg', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/pid_max', 'utf8').catch(() => ''),
    readDisk(dataDir),
    imageDirectory === undefined ? undefined : readDisk(imageDirectory),
  ])
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? Number.NaN)
  const threads = Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0)
  const memory = { available: kilobytes('MemAvailable') * 1024, capacity: kilobytes('MemTotal') * 1024 }
  return {
    memory: memory.available >= 0 ? memory : undefined,
    disk: node?.bytes,
    inodes: node?.inodes,
    imageDisk: images?.bytes,
    imageInodes: images?.inodes,
    processes: Number(pidMax) > 0 ? { available: Number(pidMax) - threads, capacity: Number(pidMax) } : undefined,
  }
}

/** Some file systems have no fixed number of inodes and say 0. */
async function readDisk(path: string): Promise<{ readonly bytes?: Supply | undefined; readonly inodes?: Supply | undefined } | undefined> {
  const disk = await statfs(path).catch(() => undefined)
  if (!disk) return undefined
  return {
    bytes: disk.blocks > 0 ? { available: disk.bavail * disk.bsize, capacity: disk.blocks * disk.bsize } : undefined,
    inodes: disk.files > 0 ? { available: disk.ffree, capacity: disk.files } : undefined,
  }
}
