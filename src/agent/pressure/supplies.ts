import { readFile, stat, statfs } from 'node:fs/promises'

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
  /** Whether those are two file systems. */
  readonly apart?: boolean
  readonly processes?: Supply | undefined
}

/** What is left on this machine. `imageDirectory` is absent where there are no images. */
export async function readSupplies(dataDir: string, imageDirectory?: string): Promise<Supplies> {
  const text = (path: string) => readFile(path, 'utf8').catch(() => '')
  const [meminfo, loadavg, pidMax, threadsMax, node, images] = await Promise.all([
    text('/proc/meminfo'),
    text('/proc/loadavg'),
    text('/proc/sys/kernel/pid_max'),
    text('/proc/sys/kernel/threads-max'),
    readDisk(dataDir),
    imageDirectory === undefined ? undefined : readDisk(imageDirectory),
  ])
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? Number.NaN)
  const threads = Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0)
  const most = Math.min(...[pidMax, threadsMax].map(Number).filter(limit => limit > 0))
  const memory = { available: kilobytes('MemAvailable') * 1024, capacity: kilobytes('MemTotal') * 1024 }
  return {
    memory: memory.available >= 0 ? memory : undefined,
    disk: node?.bytes,
    inodes: node?.inodes,
    imageDisk: images?.bytes,
    imageInodes: images?.inodes,
    apart: node !== undefined && images !== undefined && node.device !== images.device,
    processes: Number.isFinite(most) ? { available: most - threads, capacity: most } : undefined,
  }
}

/** Some file systems have no fixed number of inodes and say 0. */
async function readDisk(
  path: string,
): Promise<{ readonly device: number; readonly bytes?: Supply | undefined; readonly inodes?: Supply | undefined } | undefined> {
  const [disk, { dev }] = await Promise.all([statfs(path), stat(path)]).catch(() => [undefined, { dev: 0 }] as const)
  if (!disk) return undefined
  return {
    device: dev,
    bytes: disk.blocks > 0 ? { available: disk.bavail * disk.bsize, capacity: disk.blocks * disk.bsize } : undefined,
    inodes: disk.files > 0 ? { available: disk.ffree, capacity: disk.files } : undefined,
  }
}
