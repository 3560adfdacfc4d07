import type { Store } from '../../src/store/store.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A store that really takes time: virtual time stands still while it works. */
export function onVirtualTime(store: Store, time: VirtualTime): Store {
  const working = async <T>(work: Promise<T>): Promise<T> => {
    time.pending++
    try {
      return await work
    } finally {
      time.pending--
      time.activity++
    }
  }
  return {
    latest: () => working(store.latest()),
    get: (key, options) => working(store.get(key, options)),
    list: (prefix, options) => working(store.list(prefix, options)),
    write: write => working(store.write(write)),
    watch: (prefix, options) => store.watch(prefix, options),
    compact: revision => working(store.compact(revision)),
    close: () => store.close(),
  }
}
