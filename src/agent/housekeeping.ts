import type { EventRecorder } from '../api/access.ts'
import { isActive, isFinished } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ImageCollector } from './images/collector.ts'
import { rotateLog } from './logs/rotate.ts'
import { nodeReference } from './node/describe.ts'
import { heldPressures } from './pressure/held.ts'
import { limitsStorage, planStorageEviction } from './pressure/local-storage.ts'
import { storageOf, usesOf } from './pressure/measure.ts'
import { type Eviction, planEviction } from './pressure/plan.ts'
import { type Pressures, pressuresOf, shortfallsOf } from './pressure/shortfalls.ts'
import { readSupplies, type Supplies } from './pressure/supplies.ts'
import type { Backend } from './runtime/backend.ts'
import { removeEmptyDir, type VolumeOptions } from './volumes/pod-volumes.ts'

export interface HousekeepingOptions {
  readonly backend: Backend
  /** The node's name. */
  readonly node: string
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
  /** What the machine has left when absent. */
  readonly supplies?: typeof readSupplies
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
    const { backend, node, clock, places, recorder, pods, onPressures } = this.#options
    const all = [...pods()]
    const active = all.filter(isActive)
    const over = all.filter(isFinished)
    await this.#clear(over)
    let supplies = await this.#supplies()
    let shortfalls = shortfallsOf(supplies)
    onPressures(heldPressures(pressuresOf(shortfalls), this.#lastSeen, clock.now()))
    const limited = active.filter(limitsStorage)
    if (limited.length > 0) {
      const readings = [...(await backend.readings()).values()]
      const storages = await Promise.all(limited.map(async pod => ({ pod, storage: await storageOf(pod, readings, places) })))
      const greedy = storages.flatMap(({ pod, storage }) => planStorageEviction(pod, storage, supplies.apart) ?? [])
      if (greedy.length > 0) return this.#evict(greedy, active)
    }
    if (!shortfalls[0] || this.#isLeaving(active)) return
    recorder?.event(nodeReference(node), 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${shortfalls[0].resource}`)
    if (shortfalls[0].disk && shortfalls[0].disk !== 'node') {
      // The engine frees what a container held some time after it is told to remove it.
      if (await this.#reclaim(over)) return
      supplies = await this.#supplies()
      shortfalls = shortfallsOf(supplies)
    }
    const [first] = shortfalls
    const eviction = first && planEviction(first, active, await usesOf(first, active, backend, places))
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
      if (pod) recorder?.event(pod, 'Warning', 'Evicted', eviction.message, { annotations: eviction.annotations })
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

  async #supplies(): Promise<Supplies> {
    const { backend, dataDir, supplies = readSupplies } = this.#options
    this.#imageDirectory ??= await backend.images?.directory()
    return supplies(dataDir, this.#imageDirectory)
  }
}
