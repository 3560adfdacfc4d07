import type { EventRecorder } from '../api/access.ts'
import { isActive, isFinished } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ImageCollector } from './images/collector.ts'
import { rotateLog } from './logs/rotate.ts'
import { nodeReference } from './node/node-events.ts'
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
/** After so long the kubelet says that an evicted pod takes too long. */
const OVERDUE_MS = 10_000
const OVERDUE = 'Container runtime did not kill the pod within specified grace period.'

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
  /** Pods evicted because the node was short, since when, and whether it was said that they take long: what they hold is free once they have ended. */
  readonly #leaving = new Map<string, { readonly since: number; told?: boolean }>()
  #imageDirectory: string | undefined
  /** Whether images could not be collected the last time. */
  #failedBefore = false

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

  /** Says, as the kubelet, when there was too little to remove, and when it went wrong twice in a row. */
  async collect(): Promise<void> {
    const { node, clock, recorder } = this.#options
    const { imageDisk } = await this.#supplies()
    if (!imageDisk || !this.#collector) return
    try {
      const { wanted, freed } = await this.#collector.collect(imageDisk, clock.now())
      if (freed < wanted) {
        const message = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
        recorder?.event(nodeReference(node), 'Warning', 'FreeDiskSpaceFailed', message)
        throw new Error(message)
      }
      this.#failedBefore = false
    } catch (error) {
      if (this.#failedBefore) recorder?.event(nodeReference(node), 'Warning', 'ImageGCFailed', (error as Error).message)
      this.#failedBefore = true
      throw error
    }
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
    this.#leaving.set(eviction.uid, { since: clock.now() })
    this.#evict([eviction], active)
  }

  /** Whether one that was evicted before still has time to end. */
  #isLeaving(active: readonly Pod[]): boolean {
    const { clock, recorder } = this.#options
    for (const [uid, leaving] of this.#leaving) {
      const pod = active.find(({ metadata }) => metadata.uid === uid)
      const late = clock.now() - leaving.since
      if (pod && late >= OVERDUE_MS && !leaving.told) recorder?.event(pod, 'Warning', 'ExceededGracePeriod', OVERDUE)
      leaving.told ||= late >= OVERDUE_MS
      if (!pod || late >= LEAVE_MS) this.#leaving.delete(uid)
    }
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
    const { backend, clock, log, signal } = this.#options
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
    await this.#collector?.collectAll(clock.now()).catch(error => log.warn('unused images could not be removed', { error: (error as Error).message }))
    return removed
  }

  async #supplies(): Promise<Supplies> {
    const { backend, dataDir, supplies = readSupplies } = this.#options
    this.#imageDirectory ??= await backend.images?.directory()
    return supplies(dataDir, this.#imageDirectory)
  }
}
