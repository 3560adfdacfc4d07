import type { Api, Target, WatchEvent } from '../api/access.ts'
import { INITIAL_EVENTS_END } from '../api/access.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { isStatus } from '../api/meta/status.ts'
import { exponential, jittered } from '../base/backoff.ts'
import { type Clock, sleep } from '../base/clock.ts'

export interface ListWatchTarget<T extends KubeObject> extends Target<T> {
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** What a list-watch says: the whole state, then changes, each with the revision that it reaches. */
export type Delta<T extends KubeObject> =
  | { readonly type: 'replace'; readonly objects: readonly T[]; readonly revision: number }
  | { readonly type: 'changes'; readonly events: readonly WatchEvent<T>[]; readonly revision: number }

export interface ListWatchOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of every failure; the list-watch itself goes on. */
  readonly onError?: (error: unknown) => void
  /** How many objects whoever takes this holds. */
  readonly held: () => number
  /** A number in [0, 1) for jitter. */
  readonly random?: () => number
}

const retryMs = exponential(200, 30_000)
/** To be given so few again costs less than to be told that the revision is gone, as a server does that was started again. */
const FEW = 16

/**
 * Takes the whole state, then changes, and never ends by itself: expiry, and a lost connection where little is held, starts over,
 * everything else goes on from the last revision after a pause that doubles with jitter. Returns only when the signal aborts. The
 * one place that knows 410, bookmarks and reconnecting.
 */
export async function* listWatch<T extends KubeObject>(api: Api, target: ListWatchTarget<T>, options: ListWatchOptions): AsyncGenerator<Delta<T>, void> {
  const { clock, signal, held, random = Math.random } = options
  const { labelSelector, fieldSelector, ...on } = target
  const selectors = { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) }
  let revision: string | undefined
  let failures = 0
  while (!signal.aborted) {
    let error: unknown
    let heard = false
    try {
      const from = revision === undefined ? { initialEvents: true } : { resourceVersion: revision }
      let initial: Map<string, T> | undefined = revision === undefined ? new Map() : undefined
      for await (const batch of api.watch(on, { ...selectors, ...from, bookmarks: true, signal })) {
        heard ||= batch.length > 0
        let events: readonly WatchEvent<T>[] = batch
        if (initial) {
          const end = events.findIndex(isInitialEnd)
          for (const event of end < 0 ? events : events.slice(0, end)) gather(initial, event)
          if (end < 0) continue
          revision = events[end]!.object.metadata.resourceVersion
          yield { type: 'replace', objects: [...initial.values()], revision: Number(revision) }
          initial = undefined
          events = events.slice(end + 1)
        }
        if (events.length === 0) continue
        revision = events[events.length - 1]!.object.metadata.resourceVersion
        yield { type: 'changes', events, revision: Number(revision) }
      }
    } catch (thrown) {
      error = thrown
    }
    if (signal.aborted) return
    if (error !== undefined) options.onError?.(error)
    const cutOff = error !== undefined && heard
    if (isStatus(error, 'Expired', 'Gone') || (cutOff && held() <= FEW)) revision = undefined
    failures = heard ? 0 : failures + 1
    // A watch that ended in good order after saying something has only met its timeout.
    if (error === undefined && heard) continue
    await sleep(clock, jittered(retryMs(Math.max(1, failures)), random), signal).catch(() => {})
  }
}

const isInitialEnd = (event: WatchEvent): boolean => event.type === 'BOOKMARK' && event.object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true'

function gather<T extends KubeObject>(objects: Map<string, T>, event: WatchEvent<T>): void {
  if (event.type === 'BOOKMARK') return
  const { uid } = event.object.metadata
  if (event.type === 'DELETED') objects.delete(uid)
  else objects.set(uid, event.object)
}
