import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Taint, Toleration } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import { aNode, aPod, type NodeWords } from '../scheduling/terse-world.ts'
import { evictionOf } from './eviction.ts'
import { silentConditions } from './silence.ts'
import { plannedTaints } from './taints.ts'
import { allSilent, evictionRate } from './zones.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
/** A node whose conditions are `Ready=True MemoryPressure=False …`. */
const withConditions = (conditions: string, words: NodeWords = {}): Node => {
  const node = aNode('n1', words)
  const list = conditions.split(' ').filter(Boolean)
  return { ...node, status: { ...node.status, conditions: list.map(text => ({ type: text.split('=')[0]!, status: text.split('=')[1]! })) } }
}
const shown = (taints: readonly Taint[] | undefined) => taints?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`).join(' ')

const MAY = { mayEvict: true, standDown: false }
const taintRows: readonly (readonly [name: string, node: Node, allowed: typeof MAY, taints: string | undefined, heldBack: boolean])[] = [
  ['a healthy node needs none', withConditions('Ready=True MemoryPressure=False'), MAY, undefined, false],
  ['a node that is not ready', withConditions('Ready=False'), MAY, 'not-ready:NoSchedule not-ready:NoExecute', false],
  ['a silent node', withConditions('Ready=Unknown'), MAY, 'unreachable:NoSchedule unreachable:NoExecute', false],
  ['a node that has not spoken yet is closed and evicts nobody', withConditions(''), MAY, 'not-ready:NoSchedule', false],
  ['eviction is held back by its rate, closing is not', withConditions('Ready=False'), { mayEvict: false, standDown: false }, 'not-ready:NoSchedule', true],
  [
    'an evicting taint changes its key at any rate',
    withConditions('Ready=Unknown', { taints: ['node.kubernetes.io/not-ready:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute'] }),
    { mayEvict: false, standDown: false },
    'unreachable:NoSchedule unreachable:NoExecute',
    false,
  ],
  [
    'a node that is back keeps only what is not ours',
    withConditions('Ready=True', { taints: ['node.kubernetes.io/unreachable:NoSchedule', 'mine=1:NoExecute', 'node.kubernetes.io/unreachable:NoExecute'] }),
    MAY,
    'mine:NoExecute',
    false,
  ],
  ['a cordoned node', withConditions('Ready=True', { cordoned: true }), MAY, 'unschedulable:NoSchedule', false],
  ['an uncordoned node', withConditions('Ready=True', { taints: ['node.kubernetes.io/unschedulable:NoSchedule'] }), MAY, '', false],
  [
    'pressure and a missing network',
    withConditions('Ready=True MemoryPressure=True DiskPressure=True PIDPressure=True NetworkUnavailable=True'),
    MAY,
    'memory-pressure:NoSchedule disk-pressure:NoSchedule pid-pressure:NoSchedule network-unavailable:NoSchedule',
    false,
  ],
  [
    'when nobody is heard of, nobody is evicted',
    withConditions('Ready=Unknown', { taints: ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'] }),
    { mayEvict: true, standDown: true },
    'unreachable:NoSchedule',
    false,
  ],
]
for (const [name, node, allowed, taints, heldBack] of taintRows) {
  test(`taints of a node: ${name}`, () => {
    const plan = plannedTaints(node, NOW, allowed)
    assert.equal(shown(plan.taints), taints)
    assert.equal(plan.heldBack, heldBack)
    assert.equal(
      plannedTaints({ ...node, spec: { ...node.spec, taints: plan.taints ?? node.spec.taints } }, NOW, allowed).taints,
      undefined,
      'a second look changes nothing',
    )
  })
}

test('a node falls silent in every condition that only it can know, once', () => {
  const node = withConditions('Ready=True MemoryPressure=False NetworkUnavailable=False')
  const conditions = silentConditions(node, NOW)!
  assert.deepEqual(
    conditions.map(({ type, status, reason = '' }) => `${type}=${status} ${reason}`.trim()),
    [
      'Ready=Unknown NodeStatusUnknown',
      'MemoryPressure=Unknown NodeStatusUnknown',
      'NetworkUnavailable=False',
      'DiskPressure=Unknown NodeStatusNeverUpdated',
      'PIDPressure=Unknown NodeStatusNeverUpdated',
    ],
  )
  assert.equal(silentConditions({ ...node, status: { conditions } }, NOW + 1000), undefined)
})

const GONE: Taint = { key: 'gone', effect: 'NoExecute', timeAdded: '2026-01-01T11:59:00Z' }
const evictionRows: readonly (readonly [name: string, tolerations: readonly Toleration[], taints: readonly Taint[], expected: string])[] = [
  ['no taint', [], [], 'never'],
  ['NoSchedule drives nobody out', [], [{ key: 'gone', effect: 'NoSchedule' }], 'never'],
  ['untolerated', [], [GONE], 'now'],
  ['tolerated for ever', [{ operator: 'Exists' }], [GONE], 'never'],
  ['tolerated a while, from when the taint was added', [{ key: 'gone', operator: 'Exists', tolerationSeconds: 90 }], [GONE], '30000'],
  ['tolerated a while that is over', [{ key: 'gone', operator: 'Exists', tolerationSeconds: 60 }], [GONE], 'now'],
  ['zero seconds', [{ key: 'gone', operator: 'Exists', tolerationSeconds: 0 }], [GONE], 'now'],
  ['negative seconds', [{ key: 'gone', operator: 'Exists', tolerationSeconds: -5 }], [GONE], 'now'],
  ['a taint without a time counts from when it was seen', [{ operator: 'Exists', tolerationSeconds: 60 }], [{ key: 'x', effect: 'NoExecute' }], '50000'],
  [
    'the shortest of several',
    [
      { key: 'gone', operator: 'Exists', tolerationSeconds: 300 },
      { operator: 'Exists', tolerationSeconds: 120 },
    ],
    [GONE, { ...GONE, key: 'other' }],
    '60000',
  ],
  ['one of two untolerated', [{ key: 'gone', operator: 'Exists' }], [GONE, { ...GONE, key: 'other' }], 'now'],
]
for (const [name, tolerations, taints, expected] of evictionRows) {
  test(`eviction: ${name}`, () => {
    const verdict = evictionOf(aPod('a', { on: 'n1', spec: { tolerations } }), taints, NOW, () => NOW - 10_000)
    assert.equal(verdict.evict === 'at' ? String(verdict.time - NOW) : verdict.evict, expected)
  })
}

test('the rate of eviction falls with the health of the zone, and a silent world stops it', () => {
  assert.equal(evictionRate({ ready: 10, unready: 1 }), 0.1)
  assert.equal(evictionRate({ ready: 1, unready: 2 }), 0.1, 'two are too few to judge')
  assert.equal(evictionRate({ ready: 20, unready: 40 }), 0.01)
  assert.equal(evictionRate({ ready: 2, unready: 4 }), 0)
  assert.equal(evictionRate({ ready: 0, unready: 4 }), 0.1)
  assert.equal(allSilent([{ ready: 0, unready: 4 }]), true)
  assert.equal(
    allSilent([
      { ready: 0, unready: 4 },
      { ready: 1, unready: 0 },
    ]),
    false,
  )
  assert.equal(allSilent([]), false)
})
