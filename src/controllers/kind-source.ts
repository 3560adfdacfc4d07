import type { Kind } from '../api/kinds/kind.ts'

/** The kinds that are served, where they can change while the server runs. */
export interface KindSource {
  current(): readonly Kind[]
  /** Calls back after a kind was added or removed; returns the way to stop. */
  subscribe(changed: () => void): () => void
}

export const fixedKinds = (kinds: readonly Kind[]): KindSource => ({ current: () => kinds, subscribe: () => () => {} })

/** A source less some of its kinds. */
export const filteredKinds = (source: KindSource, keep: (kind: Kind) => boolean): KindSource => ({
  current: () => source.current().filter(keep),
  subscribe: changed => source.subscribe(changed),
})
