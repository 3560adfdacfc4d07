import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { covers, difference, type FieldSet, intersection, isFieldSet, pathsOf, union, withNamedFields } from './fields.ts'

/** A set from the paths in it, as the plain definition has it. */
const setOf = (paths: Iterable<string>): FieldSet => {
  let set: FieldSet = {}
  for (const path of paths)
    set = union(
      set,
      path
        .split('.')
        .slice(1)
        .reduceRight<FieldSet>((inner, name) => ({ [`f:${name}`]: inner }), {}),
    )
  return set
}
const paths = fc.uniqueArray(
  fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map(parts => `.${parts.join('.')}`),
  { maxLength: 6 },
)

test('union, difference and intersection do what they do to sets of paths', () => {
  fc.assert(
    fc.property(paths, paths, (a, b) => {
      const [left, right] = [setOf(a), setOf(b)]
      assert.deepEqual([...pathsOf(left)].sort(), [...a].sort())
      assert.deepEqual([...pathsOf(union(left, right))].sort(), [...new Set([...a, ...b])].sort())
      assert.deepEqual([...pathsOf(difference(left, right))].sort(), a.filter(path => !b.includes(path)).sort())
      assert.deepEqual([...pathsOf(intersection(left, right))].sort(), a.filter(path => b.includes(path)).sort())
      assert.deepEqual(difference(left, left), {})
      assert.equal(
        covers(left, right),
        b.every(path => a.includes(path)),
      )
    }),
  )
})

test('paths are written as upstream writes them', () => {
  const set: FieldSet = {
    'f:spec': { 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } }, 'f:list': { 'v:"x"': {}, 'i:1': {} } },
  }
  assert.deepEqual(pathsOf(set), [
    '.spec.list[1]',
    '.spec.list[="x"]',
    '.spec.ports[containerPort=80,protocol="TCP"]',
    '.spec.ports[containerPort=80,protocol="TCP"].name',
  ])
})

test('named fields on the way to a member become members', () => {
  assert.deepEqual(withNamedFields({ 'f:a': { 'k:{"n":1}': { 'f:b': {} } } }), { 'f:a': { '.': {}, 'k:{"n":1}': { 'f:b': {} } } })
})

test('what is no set of fields is told apart', () => {
  assert.equal(isFieldSet({ 'f:a': { '.': {}, 'v:1': {}, 'i:0': {} } }), true)
  for (const wrong of [null, [], { a: {} }, { 'f:a': 1 }, { 'k:{': {} }, { 'k:{x}': {} }]) assert.equal(isFieldSet(wrong), false)
})
