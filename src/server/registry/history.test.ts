import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Any, registryRig } from '../../../test/support/registry-rig.ts'
import { StatusError } from '../../api/meta/status.ts'

/** What one client does to one of a few objects. */
type Act =
  | { readonly do: 'create' | 'delete' | 'get'; readonly name: string }
  | { readonly do: 'put' | 'patch' | 'apply'; readonly name: string; readonly value: string }
  | { readonly do: 'hold' | 'release'; readonly name: string }

const names = fc.constantFrom('a', 'b', 'c')
const acts = fc.oneof(
  fc.record({ do: fc.constantFrom('create', 'delete', 'get'), name: names }),
  fc.record({ do: fc.constantFrom('put', 'patch', 'apply'), name: names, value: fc.constantFrom('1', '2', '3') }),
  fc.record({ do: fc.constantFrom('hold', 'release'), name: names }),
) as fc.Arbitrary<Act>

it('many clients at once: what is acknowledged is seen exactly once, in order, and the watch adds up to the list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(acts, { maxLength: 12 }), { minLength: 1, maxLength: 5 }), async clients => {
      const rig = await registryRig()
      const all = { kind: rig.kind('ConfigMap'), namespace: 'default' }
      const acknowledged: string[] = []
      const stop = new AbortController()
      const seen: { type: string; object: Any }[] = []
      const watching = (async () => {
        for await (const events of rig.api.watch(all, { initialEvents: true, bookmarks: true, signal: stop.signal })) {
          for (const event of events) if (event.type !== 'BOOKMARK') seen.push(event as never)
        }
      })()
      await Promise.all(
        clients.map(async (script, client) => {
          for (const act of script) {
            const at = { ...all, name: act.name }
            try {
              const answer = (await perform(act, at, client)) as Any
              if (act.do !== 'get' && act.do !== 'delete') acknowledged.push(`${act.name} ${answer.metadata.resourceVersion}`)
            } catch (error) {
              if (!(error instanceof StatusError) || ![404, 409, 422].includes(error.code)) throw error
            }
          }
        }),
      )
      const { items } = await rig.api.list(all)
      await new Promise(resolve => setImmediate(resolve))
      stop.abort()
      await watching

      const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion))
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].sort((a, b) => a - b),
      )
      const told = new Set(seen.map(({ object }) => `${object.metadata.name} ${object.metadata.resourceVersion}`))
      const gone = new Set(seen.filter(({ type }) => type === 'DELETED').map(({ object }) => object.metadata.name))
      for (const one of acknowledged) assert.ok(told.has(one) || gone.has(one.split(' ')[0]!), `${one} was never told`)
      const state = new Map<string, Any>()
      for (const { type, object } of seen) {
        const { name } = object.metadata
        assert.equal(type, type === 'DELETED' ? 'DELETED' : state.has(name) ? 'MODIFIED' : 'ADDED')
        if (type === 'DELETED') state.delete(name)
        else state.set(name, object)
      }
      assert.deepEqual(
        [...state.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
        items,
      )
      await rig.close()

      async function perform(act: Act, at: typeof all & { name: string }, client: number): Promise<unknown> {
        switch (act.do) {
          case 'create':
            return rig.api.create(all, { metadata: { name: act.name } } as never)
          case 'get':
            return rig.api.get(at)
          case 'delete':
            return rig.api.delete(at)
          case 'put': {
            const old = (await rig.api.get(at)) as Any
            return rig.api.update(at, { ...old, data: { put: act.value } })
          }
          case 'patch':
            return rig.api.patch(at, { type: 'merge', body: { data: { patch: act.value } } })
          case 'apply': {
            const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: act.name }, data: { [`apply${client}`]: act.value } }
            return rig.api.patch(at, { type: 'apply', body }, { fieldManager: `client${client}` })
          }
          case 'hold':
            return rig.api.patch(at, { type: 'merge', body: { metadata: { finalizers: ['a.b/c'] } } })
          case 'release':
            return rig.api.patch(at, { type: 'merge', body: { metadata: { finalizers: null } } })
        }
      }
    }),
    { numRuns: 60 },
  )
})
