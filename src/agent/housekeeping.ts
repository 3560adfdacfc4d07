import { join } from 'node:path'
import type { EventRecorder } from '../api/access.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ImageCollector } from './images/collector.ts'
import { rotateLog } from './logs/rotate.ts'
import { logDirectory } from './pod-files.ts'
import { bytesOnDisk } from './pressure/disk-use.ts'
import { heldPressures } from './pressure/held.ts'
import { isOnDisk, type LocalStorage, limitsStorage, planStorageEviction } from './pressure/local-storage.ts'
import { type Eviction, isActive, type Pressures, planEviction, pressuresOf, type Shortfall, shortfallsOf, usageOf } from './pressure/plan.ts'
import { readSupplies } from './pressure/supplies.ts'
import type { Backend } from './runtime/backend.ts'
import type { ContainerReading } from './stats/usage.ts'
import { removeEmptyDir, type VolumeOptions, volumePath } from './volumes/pod-volumes.ts'

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

/** Looks after the node every 10 s: full logs, what ended pods leave, what runs low, and now and then images that nobody uses. */
export async function keepHouse(options: HousekeepingOptions): Promise<void> {
  const { clock, log, signal } = options
  const house = new House(options)
  const attempt = async (what: string, work: () => Promise<void>) => {
    if (!signal.aborted) await work().catch(error => !signal.aborted && log.warn(what, { error: (error as Error).message }))
  }
  for (let round = 0; !signal.aborted; round++) {
    await sleep(clock, PERIOD_MS, signal).catch(() => {})
    await attempt('logs could not be rotated', () => rotateLogs(options))
    await attempt('what ended pods leave could not be removed', () => house.clear())
    if (round % COLLECT_EVERY === 0) await attempt('unused images could not be removed', () => house.collect())
    await attempt('what is left of the node could not be found out', () => house.relieve())
  }
}

async function rotateLogs({ backend, clock }: HousekeepingOptions): Promise<void> {
  for (const { path, reopen } of await backend.openLogs()) await rotateLog(path, clock.now(), reopen)
}

class House {
  readonly #options: HousekeepingOptions
  readonly #collector: ImageCollector | undefined
  readonly #lastSeen = new Map<keyof Pressures, number>()
  /** Ended pods whose volumes are gone. */
  #cleared = new Set<string>()
  #imageDirectory: string | undefined

  constructor(options: HousekeepingOptions) {
    this.#options = options
    const { images } = options.backend
    if (images) this.#collector = new ImageCollector(images, options.log)
  }

  /** As upstream, the emptyDirs of a pod go when it has ended, not when it is deleted. */
  async clear(): Promise<void> {
    const { pods, places } = this.#options
    const cleared = new Set<string>()
    for (const pod of pods()) {
      if (!isOver(pod)) continue
      cleared.add(pod.metadata.uid)
      if (this.#cleared.has(pod.metadata.uid)) continue
      for (const volume of pod.spec.volumes ?? []) if (volume.emptyDir) await removeEmptyDir(pod, volume, places)
    }
    this.#cleared = cleared
  }

  async collect(): Promise<void> {
    const { imageDisk } = await this.#supplies()
    if (imageDisk) await this.#collector?.collect(imageDisk, this.#options.clock.now())
  }

  /**
   * Pods that use more of the disk than they may go; only when there are none, what nobody uses, and only when that was not enough,
   * those that the node is too small for.
   */
  async relieve(): Promise<void> {
    const { backend, clock, pods, onPressures } = this.#options
    let shortfalls = shortfallsOf(await this.#supplies())
    onPressures(heldPressures(pressuresOf(shortfalls), this.#lastSeen, clock.now()))
    const active = [...pods()].filter(isActive)
    const limited = active.filter(limitsStorage)
    if (shortfalls.length === 0 && limited.length === 0) return
    const readings = [...(await backend.readings()).values()]
    const over: Eviction[] = []
    for (const pod of limited) {
      const eviction = planStorageEviction(pod, await this.#storageOf(pod, readings))
      if (eviction) over.push(eviction)
    }
    if (over.length > 0) return this.#evict(over, active)
    if (shortfalls.some(isOfDisk)) {
      await this.#reclaim()
      shortfalls = shortfallsOf(await this.#supplies())
    }
    const [first] = shortfalls
    if (!first) return
    const storage = new Map<string, LocalStorage>()
    if (isOfDisk(first)) for (const pod of active) storage.set(pod.metadata.uid, await this.#storageOf(pod, readings))
    const eviction = planEviction(first, active, usageOf(readings, storage))
    if (eviction) this.#evict([eviction], active)
  }

  #evict(evictions: readonly Eviction[], active: readonly Pod[]): void {
    const { recorder, onEviction } = this.#options
    for (const eviction of evictions) {
      const pod = active.find(({ metadata }) => metadata.uid === eviction.uid)
      if (pod) recorder?.event(pod, 'Warning', 'Evicted', eviction.message)
      onEviction(eviction)
    }
  }

  /** What nobody uses: containers of pods that have ended, and images. */
  async #reclaim(): Promise<void> {
    const { backend, clock, pods, signal } = this.#options
    for (const pod of pods()) {
      if (!isOver(pod)) continue
      const { uid } = pod.metadata
      const [observed] = await backend.runtime.list({ uid, signal })
      for (const { id, state } of observed?.containers ?? []) if (state === 'exited') await backend.runtime.apply({ do: 'remove-container', uid, id }, signal)
    }
    await this.#collector?.collectAll(clock.now())
  }

  async #supplies(): ReturnType<typeof readSupplies> {
    const { backend, dataDir } = this.#options
    this.#imageDirectory ??= await backend.images?.directory()
    return readSupplies(dataDir, this.#imageDirectory)
  }

  async #storageOf(pod: Pod, readings: readonly ContainerReading[]): Promise<LocalStorage> {
    const { places } = this.#options
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
}

const isOver = ({ status }: Pod): boolean => status.phase === 'Failed' || status.phase === 'Succeeded'
const isOfDisk = ({ pressure }: Shortfall): boolean => pressure === 'diskPressure'
