import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pod } from '../../api/types/core/pod.ts'
import { aPod } from '../scheduling/terse-world.ts'
import { ClaimUsers } from './claim-users.ts'
import { claimsKeptBy } from './in-use.ts'

const pod = (name: string, on: string | undefined, claims: readonly string[]): Pod => {
  const plain = aPod(name, { ...(on && { on }) })
  return { ...plain, spec: { ...plain.spec, volumes: claims.map((claimName, i) => ({ name: `v${i}`, persistentVolumeClaim: { claimName } })) } }
}

test('a claim is free when the last pod that keeps it is gone', () => {
  const users = new ClaimUsers()
  const [one, other] = [pod('one', 'n', ['a', 'b', 'a']), pod('other', 'n', ['a'])]
  assert.deepEqual([users.podChanged({ object: one }), users.podChanged({ object: other })], [[], []])
  assert.deepEqual(users.podChanged({ old: one }), ['default/b'])
  assert.deepEqual([users.isKept('default/a'), users.isKept('default/b')], [true, false])
  assert.deepEqual(users.podChanged({ old: other }), ['default/a'])
})

test('a pod keeps its claims from when it is bound, and a change of it frees none', () => {
  const users = new ClaimUsers()
  const [waiting, bound] = [pod('p', undefined, ['a']), pod('p', 'n', ['a'])]
  users.podChanged({ object: waiting })
  assert.equal(users.isKept('default/a'), false)
  assert.deepEqual(users.podChanged({ object: bound, old: waiting }), [])
  assert.deepEqual(users.podChanged({ object: { ...bound }, old: bound }), [])
  assert.equal(users.isKept('default/a'), true)
})

test('what is kept is what some pod keeps, whatever changes came before', () => {
  const change = fc.record({
    name: fc.constantFrom('p', 'q', 'r'),
    on: fc.option(fc.constant('n'), { nil: undefined }),
    claims: fc.option(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), changes => {
      const users = new ClaimUsers()
      const pods = new Map<string, Pod>()
      for (const { name, on, claims } of changes) {
        const old = pods.get(name)
        const object = claims && pod(name, on, claims)
        users.podChanged({ object, old })
        if (object) pods.set(name, object)
        else pods.delete(name)
        const kept = new Set([...pods.values()].flatMap(claimsKeptBy))
        for (const claim of ['a', 'b', 'c']) assert.equal(users.isKept(`default/${claim}`), kept.has(claim))
      }
    }),
  )
})
