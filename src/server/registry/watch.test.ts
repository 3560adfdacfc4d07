import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registryRig } from '../../../test/support/registry-rig.ts'
import { FakeClock } from '../../base/clock.ts'

test('all watches of a node are told at one moment how far they are, those of another user at several', async () => {
  const clock = new FakeClock()
  const { registry, kind, close } = await registryRig({ clock })
  const stop = new AbortController()
  const told = new Map<string, number[]>()
  let second = 0
  const watch = async (user: { readonly name: string; readonly groups: readonly string[] }, of: string) => {
    for await (const events of registry.as({ user }).watch({ kind: kind(of) }, { bookmarks: true, signal: stop.signal })) {
      if (events.some(({ type }) => type === 'BOOKMARK')) told.set(user.name, [...(told.get(user.name) ?? []), second])
    }
  }
  const node = { name: 'system:node:n1', groups: ['system:nodes'] }
  const crowd = { name: 'crowd', groups: [] }
  const watches = [node, crowd].flatMap(user => ['Service', 'Pod', 'Pod', 'Pod'].map(of => watch(user, of)))
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  for (second = 1; second <= 60; second++) {
    clock.advance(1000)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  }
  stop.abort()
  await Promise.allSettled(watches)
  const [mine, theirs] = [told.get(node.name), told.get(crowd.name)]
  assert.deepEqual([mine?.length, new Set(mine).size], [4, 1])
  assert.deepEqual([theirs?.length, new Set(theirs).size], [4, 4])
  await close()
})
