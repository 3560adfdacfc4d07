import { readFile } from 'node:fs/promises'
import type { Reading } from './usage.ts'

/** What this machine has used so far; undefined where that cannot be found out. */
export async function readMachine(now: () => number): Promise<Reading | undefined> {
  try {
    const [stat, meminfo] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')])
    return machineReading(stat, meminfo, now())
  } catch {
    return undefined
  }
}

const NANOS_PER_TICK = 1e7

/** Reads /proc/stat (hundredths of a second) and /proc/meminfo. */
export function machineReading(stat: string, meminfo: string, at: number): Reading | undefined {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number)
  const kib = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? Number.NaN) * 1024
  const memoryBytes = kib('MemTotal') - kib('MemAvailable')
  const ticks = user + nice + system + irq + softirq + steal
  return ticks > 0 && memoryBytes >= 0 ? { at, cpuNanoSeconds: ticks * NANOS_PER_TICK, memoryBytes } : undefined
}
