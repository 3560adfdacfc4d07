import type { Kind } from '../../api/kinds/kind.ts'
import { objectKey, splitKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { WatchCaches } from '../cache/types.ts'
import { type Due, DueQueue } from './due-queue.ts'
import { pages } from './pages.ts'

export interface ExpiryOptions {
  readonly kind: Kind
  readonly caches: WatchCaches
  /** Deletes the object if it is still at this revision; throws `StatusError` otherwise. */
  readonly remove: (namespace: string, name: string, resourceVersion: string) => Promise<unknown>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const AT_ONCE = 32
const AGAIN_MS = 1_000

/**
 * Removes objects of a kind when its time to live has passed since their last write. All live equally long, so that they
 * expire in the order in which they were written: one queue, one timer. After a restart the newest time that stands in an
 * object counts as its last write. Ends with the signal.
 */
export async function expireObjects({ kind, caches, remove, clock, log, signal }: ExpiryOptions): Promise<void> {
  const life = (kind.timeToLiveSeconds ?? 0) * 1000
  if (life <= 0) return
  const cache = caches.of(kind)!
  let queue = new DueQueue()
  let wake = () => {}
  const follow = async () => {
    const changes = cache.watch({ after: caches.revision, signal })
    const read: Due[] = []
    for await (const page of pages(cache)) for (const object of page) read.push(due(object, lastWrite(object, clock.now()) + life))
    queue = new DueQueue(read.sort((a, b) => a.at - b.at))
    wake()
    for await (const events of changes) {
      for (const event of events) if (event.type === 'ADDED' || event.type === 'MODIFIED') queue.push(event.key, event.revision, clock.now() + life)
      wake()
    }
  }
  /** A watch that could not keep up begins anew, from what there is. */
  const keepFollowing = async () => {
    while (!signal.aborted) {
      try {
        await follow()
      } catch (error) {
        if (!signal.aborted) log.warn('expiry reads its objects anew', { resource: kind.resource, error })
      }
      await sleep(clock, AGAIN_MS, signal).catch(() => {})
    }
  }
  const following = keepFollowing()
  const run = async () => {
    while (!signal.aborted) {
      const next = queue.next
      if (next === undefined || next > clock.now()) {
        await pause(clock, next === undefined ? life : next - clock.now(), signal, stop => {
          wake = stop
        })
        continue
      }
      const batch: Due[] = []
      while (batch.length < AT_ONCE && queue.next !== undefined && queue.next <= clock.now()) batch.push(queue.shift())
      const failed = await Promise.all(batch.map(one => expire(one)))
      if (failed.some(Boolean)) await sleep(clock, AGAIN_MS, signal).catch(() => {})
    }
  }
  const expire = async (one: Due): Promise<boolean> => {
    const { key, revision } = one
    if (cache.get(key)?.metadata.resourceVersion !== String(revision)) return false
    const { namespace, name } = splitKey(key)
    try {
      await remove(namespace, name, String(revision))
      return false
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict')) return false
      log.warn('an object could not be removed at the end of its time', { resource: kind.resource, key, error })
      queue.push(key, revision, one.at)
      return true
    }
  }
  await run()
  await following
}

const due = (object: KubeObject, at: number): Due => ({ key: objectKey(object), revision: Number(object.metadata.resourceVersion), at })

/** The newest time that an object tells, at most now. */
function lastWrite(object: KubeObject, now: number): number {
  const { metadata, lastTimestamp, eventTime, series } = object as KubeObject & {
    readonly lastTimestamp?: string
    readonly eventTime?: string
    readonly series?: { readonly lastObservedTime?: string }
  }
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime, ...(metadata.managedFields ?? []).map(entry => entry.time)]
  let newest = 0
  for (const time of times) if (time) newest = Math.max(newest, Date.parse(time) || 0)
  return Math.min(newest, now)
}

/** Sleeps until the time is over, the signal aborts, or `onStop`'s function is called. */
function pause(clock: Clock, ms: number, signal: AbortSignal, onStop: (stop: () => void) => void): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      onStop(() => {})
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
    onStop(done)
  })
}
