import type { Supplies } from './supplies.ts'

export interface Pressures {
  readonly memoryPressure: boolean
  readonly diskPressure: boolean
  readonly pidPressure: boolean
}

interface Threshold {
  readonly supply: Exclude<keyof Supplies, 'apart'>
  /** Bytes when whole, else the share of the capacity. */
  readonly least: number
  readonly pressure: keyof Pressures
  /** By which name the kubelet says that it is low. */
  readonly resource: 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'
  readonly disk?: 'node' | 'images'
}

/** Upstream's hard thresholds, and a tenth of the processes, in the order in which they are relieved. */
const THRESHOLDS: readonly Threshold[] = [
  { supply: 'memory', least: 100 * 1024 * 1024, pressure: 'memoryPressure', resource: 'memory' },
  { supply: 'disk', least: 0.1, pressure: 'diskPressure', resource: 'ephemeral-storage', disk: 'node' },
  { supply: 'imageDisk', least: 0.15, pressure: 'diskPressure', resource: 'ephemeral-storage', disk: 'images' },
  { supply: 'inodes', least: 0.05, pressure: 'diskPressure', resource: 'inodes', disk: 'node' },
  { supply: 'imageInodes', least: 0.05, pressure: 'diskPressure', resource: 'inodes', disk: 'images' },
  { supply: 'processes', least: 0.1, pressure: 'pidPressure', resource: 'pids' },
]

/** What is lower than it may be. */
export interface Shortfall {
  readonly pressure: keyof Pressures
  readonly resource: Threshold['resource']
  /** What lies on the disk that is full: volumes and logs, images and what containers write over them, or all of that. */
  readonly disk?: 'node' | 'images' | 'both'
  readonly threshold: number
  readonly available: number
}

export function shortfallsOf(supplies: Supplies): readonly Shortfall[] {
  return THRESHOLDS.flatMap(({ supply, least, pressure, resource, disk }) => {
    const found = supplies[supply]
    if (!found) return []
    const threshold = least < 1 ? Math.floor(found.capacity * Math.fround(least)) : least
    if (found.available >= threshold) return []
    return [{ pressure, resource, ...(disk && { disk: supplies.apart ? disk : 'both' }), threshold, available: found.available }]
  })
}

export const pressuresOf = (shortfalls: readonly Shortfall[]): Pressures => ({
  memoryPressure: shortfalls.some(({ pressure }) => pressure === 'memoryPressure'),
  diskPressure: shortfalls.some(({ pressure }) => pressure === 'diskPressure'),
  pidPressure: shortfalls.some(({ pressure }) => pressure === 'pidPressure'),
})
