import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { keepHouse } from './housekeeping.ts'
import type { Supplies } from './pressure/supplies.ts'
import type { Backend, ImageStock } from './runtime/backend.ts'

const PLACES = { paths: { data: '/nowhere', podLogs: '/nowhere', containerLogs: '/nowhere' }, mapHostPath: (path: string) => path }
const PERIOD_MS = 10_000

/** Tells when somebody goes to sleep. */
class WatchedClock extends FakeClock {
  #asleep = Promise.withResolvers<void>()
  override after(ms: number, callback: () => void): () => void {
    this.#asleep.resolve()
    return super.after(ms, callback)
  }
  /** Wakes whoever sleeps, and waits until it sleeps again. */
  async round(): Promise<void> {
    this.#asleep = Promise.withResolvers<void>()
    this.advance(PERIOD_MS)
    await this.#asleep.promise
  }
}

function podOf(name: string, priority = 0): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name }, spec: { priority, containers: [{ name: 'c' }] }, status: {} } as unknown as Pod
}

interface World {
  pods: Pod[]
  supplies: Supplies
  readonly processes?: Readonly<Record<string, number>>
  readonly images?: ImageStock
}

/** A node of which all is given; `round` has it look once more and says what it did. */
function keep(world: World, test: (round: () => Promise<readonly string[]>) => Promise<void>) {
  return async () => {
    const clock = new WatchedClock()
    const stop = new AbortController()
    const did: string[] = []
    const backend: Pick<Backend, 'openLogs' | 'readings' | 'processes' | 'images'> = {
      openLogs: async () => [],
      readings: async () => new Map(),
      processes: async uid => world.processes?.[uid] ?? 0,
      ...(world.images && { images: world.images }),
    }
    const done = keepHouse({
      backend: backend as Backend,
      node: 'n1',
      dataDir: '/nowhere',
      places: PLACES,
      clock,
      log: silentLog,
      signal: stop.signal,
      recorder: {
        event: (about, type, reason, message) =>
          did.push(`${'metadata' in about ? about.metadata.name : `${about.kind} ${about.name}`} ${type} ${reason}: ${message}`),
      },
      pods: () => world.pods,
      supplies: async () => world.supplies,
      onPressures: pressures => did.push(...Object.entries(pressures).flatMap(([name, is]) => (is ? [name] : []))),
      onEviction: ({ uid }) => did.push(`evict ${uid}`),
    })
    await test(async () => {
      await clock.round()
      return did.splice(0)
    })
    stop.abort()
    await done
  }
}

describe('a node with few processes left', () => {
  const world: World = {
    pods: [podOf('few'), podOf('many'), podOf('valued', 1)],
    supplies: { processes: { available: 9, capacity: 1000 } },
    processes: { few: 2, many: 40, valued: 900 },
  }
  it(
    'evicts who has most of the lowest priority, waits for its end, and takes the next',
    keep(world, async round => {
      const met = 'Node n1 Warning EvictionThresholdMet: Attempting to reclaim pids'
      const low = 'Warning Evicted: The node was low on resource: pids. Threshold quantity: 100, available: 9. '
      assert.deepEqual(await round(), ['pidPressure', met, `many ${low}`, 'evict many'])
      const late = 'many Warning ExceededGracePeriod: Container runtime did not kill the pod within specified grace period.'
      assert.deepEqual(await round(), ['pidPressure', late])
      world.pods = world.pods.filter(({ metadata }) => metadata.name !== 'many')
      assert.deepEqual(await round(), ['pidPressure', met, `few ${low}`, 'evict few'])
      world.supplies = {}
      assert.deepEqual(await round(), ['pidPressure'])
    }),
  )
})

describe('an evicted pod that takes long to end', () => {
  const world: World = { pods: [podOf('slow')], supplies: { processes: { available: 9, capacity: 1000 } } }
  it(
    'is told of once, and after half a minute another goes',
    keep(world, async round => {
      await round()
      world.pods = [...world.pods, podOf('next', 1)]
      const exceeded = 'slow Warning ExceededGracePeriod: Container runtime did not kill the pod within specified grace period.'
      assert.deepEqual([await round(), await round()], [['pidPressure', exceeded], ['pidPressure']])
      assert.equal((await round()).at(-1), 'evict slow')
    }),
  )
})

describe('a node whose images cannot be collected', () => {
  const full = { available: 100, capacity: 1000 }
  const images: ImageStock = {
    list: async () => ({ present: [{ id: 'stuck', bytes: 40, pinned: false }], inUse: new Set() }),
    remove: async () => {
      throw new Error('it is in use')
    },
    directory: async () => '/nowhere',
  }
  // Less than where eviction begins is never left here, so that only the collector acts.
  const world: World = { pods: [], supplies: { imageDisk: { ...full, available: 155 } }, images }
  const rounds = async (round: () => Promise<readonly string[]>, count: number) => {
    const did: string[] = []
    for (let i = 0; i < count; i++) did.push(...(await round()))
    return did
  }
  it(
    'says so when there was too little to remove, and from the second time on that it failed',
    keep(world, async round => {
      const little = 'Failed to garbage collect required amount of images. Attempted to free 45 bytes, but only found 0 bytes eligible to free.'
      assert.deepEqual(await rounds(round, 1), [`Node n1 Warning FreeDiskSpaceFailed: ${little}`])
      const failed = 'wanted to free 45 bytes, but freed 0 bytes space with errors in image deletion: it is in use'
      assert.deepEqual(await rounds(round, 30), [`Node n1 Warning ImageGCFailed: ${failed}`])
    }),
  )
})

describe('a node whose disk is full', () => {
  const full = { available: 0, capacity: 1000 }
  const removed: string[] = []
  const images: ImageStock = {
    list: async () => ({ present: [{ id: 'unused', bytes: 1, pinned: false }].filter(({ id }) => !removed.includes(id)), inUse: new Set() }),
    remove: async id => void removed.push(id),
    directory: async () => '/nowhere',
  }
  const world: World = { pods: [], supplies: { disk: full, apart: true }, images }
  it(
    'leaves images alone that lie on another',
    keep(world, async round => {
      const untilOld = async () => {
        for (let i = 0; i < 14; i++) await round()
      }
      await untilOld()
      assert.deepEqual(removed, [])
      world.supplies = { disk: full, imageDisk: full, apart: false }
      await untilOld()
      assert.deepEqual(removed, ['unused'])
    }),
  )
})
