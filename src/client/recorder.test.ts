import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../api/access.ts'
import { alreadyExists } from '../api/meta/status.ts'
import { FakeClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { startRecorder } from './recorder.ts'

/** Takes events as a server does: one of each name. */
function world(taken: readonly string[] = []) {
  const names = new Set(taken)
  const said: string[] = []
  const annotated: object[] = []
  const api = {
    async create(_: unknown, { metadata, message }: { readonly metadata: { readonly name: string; readonly annotations?: object }; readonly message: string }) {
      if (names.has(metadata.name)) throw alreadyExists({ group: '', resource: 'events' }, metadata.name)
      names.add(metadata.name)
      said.push(message)
      if (metadata.annotations) annotated.push(metadata.annotations)
      return { metadata }
    },
  } as unknown as Api
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const stop = new AbortController()
  const recorder = (component: string, random: number) => startRecorder({ api, clock, log: silentLog, component, random: () => random }, stop.signal)
  return { recorder, said, annotated, names, clock, stop }
}

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p', uid: 'u' }

test('none of the events of one moment is lost, whoever says them', async () => {
  const { recorder, said, names } = world()
  const [one, other] = [recorder('kubelet', 0), recorder('scheduler', 0.5)]
  const wanted = Array.from({ length: 20 }, (_, n) => `message ${n}`)
  for (const message of wanted) (message.endsWith('0') ? other : one).event(POD, 'Normal', 'Said', message)
  while (names.size < wanted.length) await new Promise(setImmediate)
  assert.deepEqual([...said].sort(), [...wanted].sort())
})

test('an event whose name is taken is written under the next', async () => {
  const taken = `p.${(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n + 1n).toString(16)}`
  const { recorder, said, names, clock } = world([taken])
  recorder('kubelet', 0).event(POD, 'Normal', 'Said', 'again')
  while (clock.pending === 0) await new Promise(setImmediate)
  clock.advance(1000)
  while (names.size < 2) await new Promise(setImmediate)
  assert.deepEqual(said, ['again'])
})

test('an object that says too much is heard no more, but for a part of it that has said little; annotations are written', async () => {
  const { recorder, said, annotated, names } = world()
  const one = recorder('daemonset-controller', 0)
  for (let n = 0; n < 30; n++) one.event(POD, 'Normal', 'Said', `message ${n}`)
  one.event(POD, 'Warning', 'Failed', 'of n1', { part: 'n1', annotations: { a: 'b' } })
  for (let n = 0; n < 30; n++) one.event(POD, 'Warning', 'Failed', `of n2 ${n}`, { part: 'n2' })
  while (names.size < 51) await new Promise(setImmediate)
  assert.deepEqual([said.filter(message => message.startsWith('message')).length, said.filter(message => message.startsWith('of n2')).length], [25, 25])
  assert.ok(said.includes('of n1'))
  assert.deepEqual(annotated, [{ a: 'b' }])
})
