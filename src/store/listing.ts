import type { History } from './history.ts'
import type { Entry, Listing, ListRange } from './store.ts'

/**
 * What a store reads of its present state: at most `limit` entries under `prefix` that come after `after`, in order of key.
 * The history has taken every change up to the page's revision when it arrives.
 */
export type ReadPage = (prefix: string, after: string, limit: number) => Page | Promise<Page>
export interface Page {
  readonly revision: number
  readonly entries: readonly Entry[]
  readonly more: boolean
}

/** Whoever asks for a thousand is told in one page whether there are more. */
const PAGE = 1001

/** A listing at one revision, read page by page while writes go on: each page is taken back to that revision. */
export async function listAt(history: History, read: ReadPage, prefix: string, { limit = Infinity, after = '', revision }: ListRange): Promise<Listing> {
  const entries: Entry[] = []
  let from = after
  let at = revision
  for (;;) {
    const page = await read(prefix, from, Math.min(limit + 1 - entries.length, PAGE))
    at ??= page.revision
    const end = page.more ? page.entries[page.entries.length - 1]!.key : undefined
    for (const entry of putBack(page.entries, history.stateAt(at, prefix, from), end)) entries.push(entry)
    if (entries.length > limit) return { entries: entries.slice(0, limit), revision: at, more: true }
    if (end === undefined) return { entries, revision: at, more: false }
    from = end
  }
}

/** The page as it was: `past` is the earlier state of each key that has changed; what lies after `end` is a later page's. */
function putBack(present: readonly Entry[], past: ReadonlyMap<string, Entry | undefined>, end: string | undefined): readonly Entry[] {
  if (past.size === 0) return present
  const page = present.filter(entry => !past.has(entry.key))
  for (const [key, entry] of past) if (entry && (end === undefined || key <= end)) page.push(entry)
  return page.sort((a, b) => (a.key < b.key ? -1 : 1))
}
