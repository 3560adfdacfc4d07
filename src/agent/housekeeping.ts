import { join } from 'node:path'
import type { EventRecorder } from '../api/access.ts'
import { isActive, isFinished } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ImageCollector } from './images/collector.ts'
import { rotateLog } from './logs/rotate.ts'
import { logDirectory } from './pod-files.ts'
import { bytesOnDisk } from './pressure/disk-use.ts'
import { heldPressures } from './pressure/held.ts'
import { isOnDisk, type LocalStorage, limitsStorage, planStorageEviction } from './pressure/local-storage.ts'
import { type Eviction, type Pressures, planEviction, pressuresOf, type Shortfall, shortfallsOf, usageOf } from './pressure/plan.ts'
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
/** As upstream, so long an evicted pod is waited for before the next one goes. */
const LEAVE_MS = 30_000

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
  /** Ended pods whose containers are gone. */
  #reclaimed = new Set<string>()
  /** Pods evicted because the node was short, and when: what they hold is free once they have ended. */
  readonly #leaving = new Map<string, number>()
  #imageDirectory: string | undefined

  constructor(options: HousekeepingOptions) {
    this.#options = options
    const { images } = options.backend
    if (images) this.#collector = new ImageCollector(images, options.log)
  }

  /** As upstream, the emptyDirs of a pod go when it has ended, not when it is deleted. */
  async #clear(over: readonly Pod[]): Promise<void> {
    for (const pod of over) {
      if (this.#cleared.has(pod.metadata.uid)) continue
      for (const volume of pod.spec.volumes ?? []) if (volume.emptyDir) await removeEmptyDir(pod, volume, this.#options.places)
    }
    this.#cleared = new Set(over.map(({ metadata }) => metadata.uid))
  }

  async collect(): Promise<void> {
    const { imageDisk } = await this.#supplies()
    if (imageDisk) await this.#collector?.collect(imageDisk, this.#options.clock.now())
  }

  /**
   * What ended pods leave; then pods that use more of the disk than they may go; only when there are none, what nobody uses, and only
   * when that was not enough, those that the node is too small for.
   */
  async relieve(): Promise<void> {
    const { backend, clock, pods, onPressures } = this.#options
    const all = [...pods()]
    const active = all.filter(isActive)
    const over = all.filter(isFinished)
    await this.#clear(over)
    let shortfalls = shortfallsOf(await this.#supplies())
    onPressures(heldPressures(pressuresOf(shortfalls), this.#lastSeen, clock.now()))
    const limited = active.filter(limitsStorage)
    if (shortfalls.length === 0 && limited.length === 0) return
    const readings = [...(await backend.readings()).values()]
    const greedy: Eviction[] = []
    for (const pod of limited) {
      const eviction = planStorageEviction(pod, await this.#storageOf(pod, readings))
      if (eviction) greedy.push(eviction)
    }
    if (greedy.length > 0) return this.#evict(greedy, active)
    if (shortfalls.some(isOfDisk)) {
      // The engine frees what a container held some time after it is told to remove it.
      if (await this.#reclaim(over)) return
      shortfalls = shortfallsOf(await this.#supplies())
    }
    const [first] = shortfalls
    if (!first || this.#isLeaving(active)) return
    const storage = new Map<string, LocalStorage>()
    if (isOfDisk(first)) for (const pod of active) storage.set(pod.metadata.uid, await this.#storageOf(pod, readings))
    const eviction = planEviction(first, active, usageOf(readings, storage))
    if (!eviction) return
    this.#leaving.set(eviction.uid, clock.now())
    this.#evict([eviction], active)
  }

  /** Whether one that was evicted before still has time to end. */
  #isLeaving(active: readonly Pod[]): boolean {
    const now = this.#options.clock.now()
    for (const [uid, since] of this.#leaving) if (now - since >= LEAVE_MS || !active.some(({ metadata }) => metadata.uid === uid)) this.#leaving.delete(uid)
    return this.#leaving.size > 0
  }

  #evict(evictions: readonly Eviction[], active: readonly Pod[]): void {
    const { recorder, onEviction } = this.#options
    for (const eviction of evictions) {
      const pod = active.find(({ metadata }) => metadata.uid === eviction.uid)
      if (pod) recorder?.event(pod, 'Warning', 'Evicted', eviction.message)
      onEviction(eviction)
    }
  }

  /** What nobody uses: containers of pods that have ended, and images. True when a container went. */
  async #reclaim(over: readonly Pod[]): Promise<boolean> {
    const { backend, clock, signal } = this.#options
    let removed = false
    for (const { metadata } of over) {
      const { uid } = metadata
      if (this.#reclaimed.has(uid)) continue
      const [observed] = await backend.runtime.list({ uid, signal })
      for (const { id, state } of observed?.containers ?? []) {
        if (state !== 'exited') continue
        await backend.runtime.apply({ do: 'remove-container', uid, id }, signal)
        removed = true
      }
    }
    this.#reclaimed = new Set(over.map(({ metadata }) => metadata.uid))
    await this.#collector?.collectAll(clock.now())
    return removed
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

const isOfDisk = ({ pressure }: Shortfall): boolean => pressure === 'diskPressure'
