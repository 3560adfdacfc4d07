import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Taint, Toleration } from '../types/core/affinity.ts'
import { findUntolerated, formatTaint, tolerates, toleratesAll } from './taints.ts'

const taint = (key: string, effect: string, value?: string): Taint => ({ key, effect, ...(value !== undefined && { value }) })
const exists = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect })
const compare = (operator: string, value: string): Toleration => ({ key: 'node.example.com/priority-level', operator, value, effect: 'NoSchedule' })
const level = (value: string): Taint => taint('node.example.com/priority-level', 'NoSchedule', value)

for (const [row, says, taints, tolerations, tolerated, counts] of [
  ['#656', 'neither taints nor tolerations', [], [], true],
  ['#657', 'a toleration and no taint', [], [exists('foo', 'NoSchedule')], true],
  ['#658', 'a taint that is tolerated', [taint('foo', 'NoSchedule')], [exists('foo', 'NoSchedule')], true],
  ['#659', 'a taint that does not count', [taint('bar', 'NoSchedule')], [exists('foo', 'NoSchedule')], true, () => false],
  ['#660', 'a taint that is not tolerated', [taint('bar', 'NoSchedule')], [exists('foo', 'NoSchedule')], false],
  [
    '#661',
    'one taint that counts and one that does not',
    [taint('foo', 'NoExecute'), taint('bar', 'NoSchedule')],
    [exists('foo', 'NoExecute')],
    true,
    (t: Taint) => t.effect === 'NoExecute',
  ],
  ['#662', 'a value that is not above 950', [level('800')], [compare('Gt', '950')], false],
  ['#663', 'a value above 750', [level('950')], [compare('Gt', '750')], true],
  ['#664', 'a value that is not below 800', [level('950')], [compare('Lt', '800')], false],
  ['#665', 'a value that is no number', [level('high')], [compare('Gt', '950')], false],
] as readonly (readonly [string, string, Taint[], Toleration[], boolean, ((taint: Taint) => boolean)?])[]) {
  test(`catalogue ${row}: ${says} ${tolerated ? 'keeps nobody away' : 'keeps the pod away'}`, () => {
    assert.equal(findUntolerated(taints, tolerations, counts) === undefined, tolerated)
  })
}

test('an empty effect stands for all effects, an empty key for all keys, no operator for Equal', () => {
  const tainted = taint('k', 'NoExecute', 'v')
  assert.equal(tolerates({ operator: 'Exists' }, tainted), true)
  assert.equal(tolerates({ key: 'k', operator: 'Exists' }, tainted), true)
  assert.equal(tolerates({ key: 'k', value: 'v' }, tainted), true)
  assert.equal(tolerates({ key: 'k' }, tainted), false)
  assert.equal(tolerates({ key: 'k' }, taint('k', 'NoExecute')), true)
  assert.equal(tolerates({ key: 'k', operator: 'Odd', value: 'v' }, tainted), false)
  assert.equal(toleratesAll(undefined, [tainted], 'NoSchedule'), true)
  assert.equal(formatTaint(tainted), 'k=v:NoExecute')
})
