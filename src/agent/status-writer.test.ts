import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reports } from '../api/reports.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { PodStatus } from '../api/types/core/pod-status.ts'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { StatusWriter } from './status-writer.ts'

const turn = () => new Promise(setImmediate)
const pod = (revision: number, status: PodStatus): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: String(revision) }, spec: {}, status }) as Pod

/** A writer, and a server that says nothing of what it has written but the revision. */
function world(settleMs?: number) {
  const clock = new FakeClock()
  const written: unknown[] = []
  let revision = 10
  const reports = {
    async patch(_: unknown, { body }: { readonly body: { readonly status: unknown } }) {
      written.push(body.status)
      return { metadata: { name: 'p', uid: 'u', resourceVersion: String(++revision) } }
    },
  } as unknown as Reports
  const writer = new StatusWriter({ reports, clock, log: silentLog, settleMs })
  const stop = new AbortController()
  const done = writer.run(stop.signal)
  const end = () => {
    stop.abort()
    return done
  }
  /** Somebody else writes. */
  const changed = (status: PodStatus) => pod(++revision, status)
  return { writer, clock, written, changed, end }
}

test('what was written is known before the server tells of it, so that the way back is written too', async () => {
  const { writer, written, end } = world()
  const first = pod(10, { phase: 'Pending' })
  writer.set(first, { phase: 'Running' })
  await turn()
  writer.set(first, { phase: 'Running' })
  await turn()
  writer.set(first, { phase: 'Pending' })
  await turn()
  assert.deepEqual(written, [{ phase: 'Running' }, { phase: 'Pending' }])
  assert.equal(writer.view(first).status.phase, 'Pending')
  await end()
})

test('that the server makes something else of a status is no reason to write it again, what somebody else does to it is', async () => {
  const { writer, written, changed, end } = world()
  writer.set(pod(10, { phase: 'Pending' }), { phase: 'Running' })
  await turn()
  writer.set(pod(11, { phase: 'Pending', reason: 'because' }), { phase: 'Running' })
  await turn()
  assert.deepEqual(written, [{ phase: 'Running' }])
  writer.set(changed({ phase: 'Failed' }), { phase: 'Running' })
  await turn()
  assert.deepEqual(written, [{ phase: 'Running' }, { phase: 'Running' }])
  await end()
})

test('conditions of others stay, and are not written', async () => {
  const { writer, written, end } = world()
  const gate = { type: 'example.com/gate', status: 'True' } as const
  const ready = (status: 'True' | 'False') => ({ conditions: [{ type: 'Ready', status }] }) as PodStatus
  writer.set(pod(10, { conditions: [gate] }), ready('False'))
  await turn()
  assert.deepEqual(writer.view(pod(10, {})).status.conditions, [{ type: 'Ready', status: 'False' }, gate])
  writer.set(pod(10, {}), ready('True'))
  await turn()
  assert.deepEqual(written, [{ conditions: [{ type: 'Ready', status: 'False' }] }, { conditions: [{ type: 'Ready', status: 'True' }] }])
  await end()
})

test('a status that follows soon takes the place of the one before, and whoever waits for it has it written at once', async () => {
  const { writer, clock, written, end } = world(25)
  writer.set(pod(10, {}), { phase: 'Pending' })
  clock.advance(20)
  await turn()
  writer.set(pod(10, {}), { phase: 'Running' })
  clock.advance(5)
  await turn()
  assert.deepEqual(written, [{ phase: 'Running' }])
  writer.set(pod(10, {}), { phase: 'Succeeded' })
  await writer.settled('u')
  assert.deepEqual(written, [{ phase: 'Running' }, { phase: 'Succeeded' }])
  await end()
})
