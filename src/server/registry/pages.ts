import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KubeObject } from '../../api/meta/object.ts'
import type { WatchCache } from '../cache/types.ts'

/** Objects read in one turn of the event loop: a millisecond or two. */
const PAGE = 500

/** The present objects, those whose keys come after one, a page at a turn of the event loop. What changes meanwhile may or may not be seen. */
export async function* pages<T extends KubeObject>(cache: WatchCache<T>, namespace?: string, from?: string): AsyncIterable<readonly T[]> {
  for (let after = from; ; ) {
    const { items, next } = cache.list({ namespace, limit: PAGE, after })
    yield items
    if (next === undefined) return
    after = next
    await nextTurn()
  }
}
