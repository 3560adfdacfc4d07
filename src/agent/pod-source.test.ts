import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { PodSource } from './pod-loop.ts'
import { AssignedPods, MIRROR, type PodShelf } from './pod-source.ts'

const pod = (name: string, more: object = {}) =>
  ({ metadata: { name, namespace: 'ns', uid: `u-${name}`, generation: 1, ...more }, spec: { containers: [] }, status: {} }) as unknown as Pod
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

/** An agent that starts with `kept` on disk; the server answers with `listed` when told to. */
async function world({ kept = [], listed = [] }: { readonly kept?: readonly Pod[]; readonly listed?: readonly Pod[] }) {
  const clock = new FakeClock()
  const disk = new Map(kept.map(p => [p.metadata.uid, p]))
  const shelf: PodShelf = { load: async () => kept, save: async p => void disk.set(p.metadata.uid, p), remove: async uid => void disk.delete(uid) }
  const answer = Promise.withResolvers<void>()
  let present: readonly Pod[] = []
  const informer: PodSource = {
    synced: answer.promise,
    get: key => present.find(p => `ns/${p.metadata.name}` === key),
    list: () => present,
    by: () => [],
    subscribe(listener) {
      for (const object of present) listener({ object })
      return () => {}
    },
  }
  const assigned = new AssignedPods({ informer, shelf, clock, log: silentLog, signal: new AbortController().signal })
  const said: string[] = []
  assigned.subscribe(({ object, old }) => said.push(`${old?.metadata.name ?? ''}>${object?.metadata.name ?? ''}`))
  let ready = false
  void assigned.synced.then(() => {
    ready = true
  })
  await settle()
  return {
    assigned,
    disk,
    said,
    names: () => [...assigned.list()].map(p => p.metadata.name),
    ready: () => ready,
    async wait(ms: number) {
      clock.advance(ms)
      await settle()
    },
    async answers() {
      present = listed
      answer.resolve()
      await settle()
    },
  }
}

describe('the pods of a node', () => {
  it('are those of the API when it answers in time', async () => {
    const w = await world({ kept: [pod('old')], listed: [pod('new')] })
    await w.answers()
    assert.deepEqual([w.ready(), w.assigned.complete, w.names()], [true, true, ['new']])
    assert.deepEqual([...w.disk.keys()], ['u-new'])
  })

  it('are those known from before when it does not, save what was being deleted', async () => {
    const w = await world({ kept: [pod('a'), pod('b', { deletionTimestamp: 'x' })] })
    assert.equal(w.ready(), false)
    await w.wait(5000)
    assert.deepEqual([w.ready(), w.assigned.complete, w.names()], [true, false, ['a']])
  })

  it('end when the API answers late and no longer knows them', async () => {
    const w = await world({ kept: [pod('stays'), pod('gone')], listed: [pod('stays')] })
    await w.wait(5000)
    await w.answers()
    assert.deepEqual([w.assigned.complete, w.names()], [true, ['stays']])
    assert.deepEqual(w.said, ['gone>', '>stays'])
    assert.deepEqual([...w.disk.keys()], ['u-stays'])
  })

  it('are the static ones whoever answers, and never their mirrors', async () => {
    const mirror = pod('fixed-n1', { uid: 'mirror', annotations: { [MIRROR]: 'u' } })
    const w = await world({ listed: [mirror, pod('a')] })
    w.assigned.setStatic([pod('fixed-n1')])
    await w.answers()
    assert.deepEqual(w.names(), ['fixed-n1', 'a'])
    assert.equal(w.assigned.get('ns/fixed-n1')?.metadata.uid, 'u-fixed-n1')
    w.assigned.setStatic([])
    assert.equal(w.assigned.get('ns/fixed-n1'), undefined)
    assert.deepEqual(w.said, ['>fixed-n1', '>a', 'fixed-n1>'])
  })
})
