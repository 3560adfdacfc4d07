import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventRecorder } from '../api/access.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { planCollection } from './images/collect.ts'
import { rotateLog } from './logs/rotate.ts'
import { logDirectory } from './pod-files.ts'
import { bytesOnDisk } from './pressure/disk-use.ts'
import { isOnDisk, type LocalStorage, limitsStorage, planStorageEviction } from './pressure/local-storage.ts'
import { type Eviction, isActive, type Pressures, planEviction, pressuresOf, usageOf } from './pressure/plan.ts'
import { readSupplies } from './pressure/supplies.ts'
import type { Backend, ImageStock } from './runtime/backend.ts'
import type { ContainerReading } from './stats/usage.ts'
import { type VolumeOptions, volumePath } from './volumes/pod-volumes.ts'

export interface HousekeepingOptions {
  readonly backend: Backend
  /** The agent's own directory, whose disk is the node's. */
  readonly dataDir: string
  readonly places: VolumeOptions
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly recorder?: EventRecorder | undefined
  readonly pods: () => Iterable<Pod>
  readonly onPressures: (pressures: Pressures) => void
  readonly onEviction: (eviction: Eviction) => void
}

const PERIOD_MS = 10_000
const COLLECT_EVERY = 30

/** Looks after the node every 10 s: full logs, what runs low, and now and then images that nobody uses. */
export async function keepHouse(options: HousekeepingOptions): Promise<void> {
  const { backend, clock, log, signal } = options
  const lastUsed = new Map<string, number>()
  const attempt = async (what: string, work: () => Promise<void>) => {
    if (!signal.aborted) await work().catch(error => !signal.aborted && log.warn(what, { error: (error as Error).message }))
  }
  for (let round = 1; !signal.aborted; round++) {
    await sleep(clock, PERIOD_MS, signal).catch(() => {})
    await attempt('logs could not be rotated', () => rotateLogs(options))
    await attempt('what is left of the node could not be found out', () => relieve(options))
    const { images } = backend
    if (images && round % COLLECT_EVERY === 0) await attempt('unused images could not be removed', () => collectImages(images, options, lastUsed))
  }
}

async function rotateLogs({ backend, clock }: HousekeepingOptions): Promise<void> {
  for (const { path, reopen } of await backend.openLogs()) await rotateLog(path, clock.now(), reopen)
}

/** Pods that use more of the disk than they may go; only when there are none, those that the node is too small for. */
async function relieve({ backend, dataDir, places, pods, recorder, onPressures, onEviction }: HousekeepingOptions): Promise<void> {
  const pressures = pressuresOf(await readSupplies(dataDir))
  onPressures(pressures)
  const active = [...pods()].filter(isActive)
  const limited = active.filter(limitsStorage)
  const pressed = pressures.memoryPressure || pressures.diskPressure || pressures.pidPressure
  if (!pressed && limited.length === 0) return
  const readings = [...(await backend.readings()).values()]
  const evictions: Eviction[] = []
  for (const pod of limited) {
    const eviction = planStorageEviction(pod, await localStorageOf(pod, readings, places))
    if (eviction) evictions.push(eviction)
  }
  const forced = evictions.length === 0 ? planEviction(pressures, active, usageOf(readings)) : undefined
  if (forced) evictions.push(forced)
  for (const eviction of evictions) {
    const pod = active.find(({ metadata }) => metadata.uid === eviction.uid)
    if (pod) recorder?.event(pod, 'Warning', 'Evicted', eviction.message)
    onEviction(eviction)
  }
}

async function localStorageOf(pod: Pod, readings: readonly ContainerReading[], places: VolumeOptions): Promise<LocalStorage> {
  const { name, namespace = '', uid } = pod.metadata
  const emptyDirs = new Map<string, number>()
  for (const volume of (pod.spec.volumes ?? []).filter(isOnDisk)) emptyDirs.set(volume.name, await bytesOnDisk(volumePath(pod, volume, places)))
  const containers = new Map<string, number>()
  for (const container of pod.spec.containers) {
    const written = readings.filter(reading => reading.uid === uid && reading.container === container.name)
    const logs = await bytesOnDisk(join(logDirectory(places.paths, { name, namespace, uid }), container.name))
    containers.set(
      container.name,
      written.reduce((sum, { diskBytes = 0 }) => sum + diskBytes, logs),
    )
  }
  return { emptyDirs, containers }
}

async function collectImages(images: ImageStock, { dataDir, clock, log }: HousekeepingOptions, lastUsed: Map<string, number>): Promise<void> {
  const now = clock.now()
  const [{ present, inUse }, disk] = await Promise.all([images.list(), statfs(dataDir)])
  for (const { id } of present) if (inUse.has(id) || !lastUsed.has(id)) lastUsed.set(id, now)
  for (const id of planCollection(present, inUse, lastUsed, { bytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize }, now)) {
    await images.remove(id)
    lastUsed.delete(id)
    log.info('an image that nobody uses was removed', { id })
  }
}
