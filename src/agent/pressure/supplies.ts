import { readFile, statfs } from 'node:fs/promises'
import type { Supplies } from './plan.ts'

/** What is left on this machine; what cannot be found out counts as plenty. */
export async function readSupplies(dataDir: string): Promise<Supplies> {
  const [meminfo, loadavg, pidMax, disk] = await Promise.all([
    readFile('/proc/meminfo', 'utf8').catch(() => ''),
    readFile('/proc/loadavg', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/pid_max', 'utf8').catch(() => ''),
    statfs(dataDir).catch(() => undefined),
  ])
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  const threads = Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0)
  return {
    memoryAvailableBytes: available === undefined ? Number.MAX_SAFE_INTEGER : Number(available) * 1024,
    diskFree: disk && disk.blocks > 0 ? disk.bavail / disk.blocks : 1,
    inodesFree: disk && disk.files > 0 ? disk.ffree / disk.files : 1,
    pidsFree: Number(pidMax) > 0 ? 1 - threads / Number(pidMax) : 1,
  }
}
