import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from '../../base/freeze.ts'
import { Forms, Resting } from './forms.ts'

const event = (name: string, more: object = {}) =>
  deepFreeze({
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '7' },
    involvedObject: { kind: 'Pod', name: name.split('.')[0] },
    message: `said of "${name}"`,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    ...more,
  })

test('objects that rest are what they were, member by member in their order, and frozen whole', () => {
  const forms = new Forms()
  const objects = [
    event('a.1'),
    event('b.2', { count: 2, note: null }),
    event('c.3', { lastTimestamp: '2026-01-01T00:00:09Z' }),
    event('d.4', { count: 2 }),
    event('e.5', { note: 'none', list: [1, { a: true }, []] }),
    event('f.6', { note: 'ä€😀', list: [2, { a: false }, []] }),
    event('g.7', { list: { 0: 2 } }),
  ]
  const resting = objects.map(object => forms.rest(object, object.metadata.name, ''))
  for (const [i, object] of objects.entries()) {
    const read = resting[i]!.read(object.metadata.name)
    assert.equal(JSON.stringify(read), JSON.stringify(object))
    const assertFrozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      assert.ok(Object.isFrozen(value))
      for (const member of Object.values(value)) assertFrozen(member)
    }
    assertFrozen(read)
  }
})

test('objects of any forms, between each other, are what they were', () => {
  const scalar = fc.oneof(fc.constantFrom('', 'a', 'b', 0, 1, -0.5, true, false, null), fc.string())
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '1'), tie('value'), { maxKeys: 3 }),
    ),
  }))
  const object = fc.dictionary(fc.constantFrom('x', 'y', 'z'), value)
  fc.assert(
    fc.property(fc.array(fc.tuple(object, fc.constantFrom('a', 'b'), fc.constantFrom('g', 'h')), { maxLength: 30 }), all => {
      const forms = new Forms()
      const resting = all.map(([object, name, group]) => forms.rest(deepFreeze(object), name, group))
      for (const [i, [object, name]] of all.entries()) assert.equal(JSON.stringify(resting[i]!.read(name)), JSON.stringify(object))
    }),
    { numRuns: 300 },
  )
})

test('what objects of a form have in common is theirs together, and what has a value each is said once', () => {
  const forms = new Forms()
  const rest = (name: string) => forms.rest(event(name, { source: { component: 'kubelet' } }), name, '')
  rest('a.1')
  const b = rest('b.2').read('b.2') as { source: object }
  const c = rest('c.3').read('c.3') as { source: object }
  assert.equal(b.source, c.source)
})

test('an object may hold a text that stands in it, be it its name, its own or that of all, and no other', () => {
  const forms = new Forms()
  forms.rest(event('a.1'), 'a.1', '')
  const resting = forms.rest(event('b.2'), 'b.2', '')
  const holds = (...texts: string[]) => Resting.holding(texts)(resting, 'b.2')
  assert.ok(holds('b.2'))
  assert.ok(holds('uid-b.2', 'b'))
  assert.ok(holds('said of "b.2"'))
  assert.ok(holds('default', 'Pod', '2026-01-01T00:00:00Z'))
  assert.ok(!holds('uid-a.1'))
  assert.ok(!holds('b.2', 'c'))
  assert.ok(!holds('uid-b'))
})
