/**
 * Requests of 3 MiB that are one long list: for every list and map of every kind, judged on creation and applied, in process and as a dry
 * run. Prints the slowest of each kind: work that grows with the square of a list stands out. `--kinds Pod,Node`.
 */
import { KINDS, LATER_KINDS } from '../src/api/kinds/all.ts'
import { Namespaces } from '../src/api/kinds/core/namespace.ts'
import { isStatus } from '../src/api/meta/status.ts'
import { admissionPlugins } from '../src/server/admission/plugins.ts'
import { openCaches } from '../src/server/cache/caches.ts'
import { allowAll } from '../src/server/registry/authorizer.ts'
import { cachedKinds } from '../src/server/registry/cached-kinds.ts'
import { Registry } from '../src/server/registry/registry.ts'
import { MemoryStore } from '../src/store/memory.ts'
import { longLists } from '../test/support/long-lists.ts'
import type { Bench } from './run.ts'
import { round } from './world/usage.ts'

/** A little below the 3 MiB that a body may have. */
const BYTES = 2_900_000
const MOST = 200_000

export const lists: Bench = async ({ more }, print) => {
  const only = more['kinds']?.split(',')
  const kinds = [...KINDS, ...LATER_KINDS]
  const store = new MemoryStore()
  const caches = await openCaches({ store, kinds: cachedKinds(kinds) })
  const registry = new Registry({ store, caches, kinds, authorizer: allowAll, admission: admissionPlugins() })
  const api = registry.as({ user: { name: 'bench', groups: ['system:masters'] }, userAgent: 'bench' })
  await api.create({ kind: Namespaces }, { metadata: { name: 'default' }, spec: {} })

  const answerOf = async (asking: Promise<unknown>): Promise<string> =>
    asking.then(
      () => 'accepted',
      (error: unknown) => (isStatus(error) ? error.reason : String(error)),
    )
  for (const kind of kinds.filter(({ kind, verbs }) => (!only || only.includes(kind)) && (!verbs || verbs.includes('create')))) {
    let slowest = { ms: -1, path: '', items: 0, how: '', answer: '' }
    let requests = 0
    for (const { path, items, object } of longLists(kind, MOST, BYTES)) {
      // A create does not take the status.
      if (path[0] === 'status') continue
      const at = { kind, ...(kind.namespaced && { namespace: 'default' }) }
      const ways = {
        create: () => api.create(at, object, { dryRun: true }),
        apply: () => api.patch({ ...at, name: 'long' }, { type: 'apply', body: object }, { dryRun: true, fieldManager: 'bench' }),
      }
      for (const [how, ask] of Object.entries(ways)) {
        const began = performance.now()
        const answer = await answerOf(ask())
        const ms = performance.now() - began
        requests++
        if (ms > slowest.ms) slowest = { ms, path: path.join('.'), items, how, answer }
      }
    }
    const { ms, ...what } = slowest
    print({ bench: 'lists', figure: `slowest of ${kind.kind}`, value: round(ms), unit: 'ms', ...what, requests })
  }
  await caches.close()
  await store.close()
}
