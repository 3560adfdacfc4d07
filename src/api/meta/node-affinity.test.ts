import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../base/freeze.ts'
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm } from '../types/core/affinity.ts'
import type { PodSpec } from '../types/core/pod.ts'
import { formatRequirements, type Operator } from './label-selector.ts'
import {
  matchesNodeSelector,
  matchesNodeSelectorAndAffinity,
  matchesNodeSelectorTerm,
  nodeSelectorErrors,
  preferredErrors,
  preferredScore,
} from './node-affinity.ts'

type Labels = Readonly<Record<string, string>>
const node = (name: string, labels: Labels = {}) => ({ metadata: { name, labels } })
const ask = (key: string, operator: string, ...values: readonly string[]): NodeSelectorRequirement => ({ key, operator, ...(values.length > 0 && { values }) })
const byLabel = (...matchExpressions: readonly NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchExpressions })
const byField = (...matchFields: readonly NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchFields })
const named = (...names: readonly string[]): NodeSelectorRequirement => ask('metadata.name', 'In', ...names)
const anyOf = (...nodeSelectorTerms: readonly NodeSelectorTerm[]): NodeSelector => ({ nodeSelectorTerms })
const BAD_KEY = 'not a label key!'

test('catalogue #592: without terms nothing matches', () => {
  assert.equal(matchesNodeSelector({} as NodeSelector, node('n1')), false)
})
test('catalogue #593: what cannot be read is told by its path', () => {
  const selector = anyOf(byField(ask('metadata.name', 'In', 'host_1', 'host_2')), byLabel(ask('foo', 'In', 'bar')), byLabel(ask(BAD_KEY, 'In', 'x')))
  assert.deepEqual(
    nodeSelectorErrors(selector).map(e => e.field),
    ['nodeSelectorTerms[0].matchFields[0].values', 'nodeSelectorTerms[2].matchExpressions[0].key'],
  )
  assert.match(nodeSelectorErrors(selector)[0]?.message ?? '', /must have one element$/)
})
for (const [row, says, selector, matches] of [
  ['#594', 'the name does and the labels do not', anyOf({ ...byLabel(ask('foo', 'In', 'other')), ...byField(named('host_1')) }), false],
  ['#595', 'name and labels both do', anyOf({ ...byLabel(ask('foo', 'In', 'bar')), ...byField(named('host_1')) }), true],
  ['#596', 'the second term does', anyOf(byLabel(ask('foo', 'In', 'other')), byField(named('host_1'))), true],
] as const) {
  test(`catalogue ${row}: a selector ${matches ? 'matches' : 'does not match'} when ${says}`, () => {
    assert.equal(matchesNodeSelector(selector, node('host_1', { foo: 'bar' })), matches)
  })
}

const prefer = (weight: number, preference: NodeSelectorTerm): PreferredSchedulingTerm => ({ weight, preference })
test('catalogue #597: preferred terms that cannot be read are told', () => {
  const preferred = [prefer(5, byField(named('host_1', 'host_2'))), prefer(7, byLabel(ask('foo', 'In', 'bar'))), prefer(11, byLabel(ask(BAD_KEY, 'In', 'x')))]
  assert.deepEqual(
    preferredErrors(preferred).map(e => e.field),
    ['[0].matchFields[0].values', '[2].matchExpressions[0].key'],
  )
})
test('catalogue #598: preferred terms without weight do not count, however they read', () => {
  const preferred = [prefer(0, byLabel(ask(BAD_KEY, 'In', 'x')))]
  assert.deepEqual(preferredErrors(preferred), [])
  assert.equal(preferredScore(preferred, node('host_1')), 0)
})
test('catalogue #599: the weights of the terms that match are added', () => {
  const preferred = [
    prefer(5, byLabel(ask('foo', 'In', 'bar'))),
    prefer(7, byLabel(ask('foo', 'In', 'other'))),
    prefer(11, { ...byLabel(ask('foo', 'In', 'bar')), ...byField(named('host_1')) }),
  ]
  assert.equal(preferredScore(preferred, node('host_1', { foo: 'bar' })), 16)
})

for (const [row, requirement, reads] of [
  ['#602', ask('foo', 'In', 'baz', 'bar'), 'foo in (bar,baz)'],
  ['#604', ask('foo', 'Gt', '1'), 'foo>1'],
  ['#605', ask('bar', 'Lt', '7'), 'bar<7'],
] as const) {
  test(`catalogue ${row}: a requirement reads ${reads}`, () => {
    assert.equal(formatRequirements([{ key: requirement.key, operator: requirement.operator as Operator, values: requirement.values ?? [] }]), reads)
    assert.deepEqual(nodeSelectorErrors(anyOf(byLabel(requirement))), [])
  })
}
for (const [row, term] of [
  ['#600', {}],
  ['#601', byLabel()],
] as const) {
  test(`catalogue ${row}: a term that asks for nothing matches nothing`, () => {
    assert.equal(matchesNodeSelectorTerm(term, node('n1', { foo: 'bar' })), false)
  })
}
test('catalogue #603: values with Exists are told at the values', () => {
  assert.deepEqual(
    nodeSelectorErrors(anyOf(byLabel(ask('foo', 'Exists', 'bar')))).map(e => e.field),
    ['nodeSelectorTerms[0].matchExpressions[0].values'],
  )
})
test('catalogue #606: an operator that nobody knows is told at the operator', () => {
  assert.deepEqual(nodeSelectorErrors(anyOf(byLabel(ask('foo', 'Same', 'bar')))), [
    {
      type: 'FieldValueNotSupported',
      field: 'nodeSelectorTerms[0].matchExpressions[0].operator',
      message: 'Unsupported value: "Same": supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"',
    },
  ])
})

const needing = (required: NodeSelector | undefined, nodeSelector?: Labels): PodSpec => ({
  containers: [],
  ...(nodeSelector && { nodeSelector }),
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
})
const one = (...expressions: readonly NodeSelectorRequirement[]): PodSpec => needing(anyOf(byLabel(...expressions)))
const FOO = { foo: 'bar' }
const NVIDIA = { GPU: 'NVIDIA-GRID-K1' }
const nothing: PodSpec = { containers: [] }

const rows: readonly (readonly [row: string, says: string, spec: PodSpec, labels: Labels, matches: boolean, name?: string])[] = [
  ['#607', 'nothing is asked for', nothing, {}, true],
  ['#608', 'a label is not there', { ...nothing, nodeSelector: FOO }, {}, false],
  ['#609', 'a label is there', { ...nothing, nodeSelector: FOO }, FOO, true],
  ['#610', 'the node has more labels', { ...nothing, nodeSelector: FOO }, { ...FOO, baz: 'blah' }, true],
  ['#611', 'the node has fewer labels', { ...nothing, nodeSelector: { ...FOO, baz: 'blah' } }, FOO, false],
  ['#612', 'the value is one of several', one(ask('foo', 'In', 'bar', 'value2')), FOO, true],
  ['#613', 'the value is greater', one(ask('kernel-version', 'Gt', '0204')), { 'kernel-version': '0206' }, true],
  ['#614', 'the value is none of several', one(ask('mem-type', 'NotIn', 'DDR', 'DDR2')), { 'mem-type': 'DDR3' }, true],
  ['#615', 'the label exists', one(ask('GPU', 'Exists')), NVIDIA, true],
  ['#616', 'the value is not one of several', one(ask('foo', 'In', 'value1', 'value2')), FOO, false],
  ['#617', 'there is no list of terms', needing({} as NodeSelector), FOO, false],
  ['#618', 'the list of terms is empty', needing(anyOf()), FOO, false],
  ['#619', 'the only term is empty', needing(anyOf(byLabel())), FOO, false],
  ['#620', 'there is no affinity', nothing, FOO, true],
  ['#621', 'nothing is required', needing(undefined), FOO, true],
  ['#622', 'all expressions hold', one(ask('GPU', 'Exists'), ask('GPU', 'NotIn', 'AMD', 'INTER')), NVIDIA, true],
  ['#623', 'one expression does not hold', one(ask('GPU', 'Exists'), ask('GPU', 'In', 'AMD', 'INTER')), NVIDIA, false],
  ['#624', 'the first of two terms holds', needing(anyOf(byLabel(ask('foo', 'In', 'bar', 'value2')), byLabel(ask('diffkey', 'In', 'wrong')))), FOO, true],
  ['#625', 'selector and affinity both hold', needing(anyOf(byLabel(ask('foo', 'Exists'))), FOO), FOO, true],
  ['#626', 'the affinity holds and the selector does not', needing(anyOf(byLabel(ask('foo', 'Exists'))), FOO), { foo: 'barrrrrr' }, false],
  ['#627', 'a value is no label value', one(ask('foo', 'NotIn', 'invalid value: ___@#$%^')), FOO, false],
  ['#628', 'the name is asked for', needing(anyOf(byField(named('node_1')))), {}, true, 'node_1'],
  ['#629', 'another name is asked for', needing(anyOf(byField(named('node_1')))), {}, false, 'node_2'],
  ['#630', 'of two terms the labels hold', needing(anyOf(byField(named('node_1')), byLabel(ask('foo', 'In', 'bar')))), FOO, true, 'node_2'],
  ['#631', 'of one term only the labels hold', needing(anyOf({ ...byField(named('node_1')), ...byLabel(ask('foo', 'In', 'bar')) })), FOO, false, 'node_2'],
  ['#632', 'of one term name and labels hold', needing(anyOf({ ...byField(named('node_1')), ...byLabel(ask('foo', 'In', 'bar')) })), FOO, true, 'node_1'],
  ['#633', 'neither of two terms holds', needing(anyOf(byField(named('node_1')), byLabel(ask('foo', 'In', 'not-match')))), FOO, false, 'node_2'],
]
for (const [row, says, spec, labels, matches, name = 'n'] of rows) {
  test(`catalogue ${row}: a pod ${matches ? 'fits' : 'does not fit'} a node when ${says}`, () => {
    assert.equal(matchesNodeSelectorAndAffinity(spec, node(name, labels)), matches)
  })
}

const inRack = ask('label_1', 'In', 'label_1_val')
for (const [row, says, selector, matches, name = 'host_1', labels = { label_1: 'label_1_val' }] of [
  ['#634', 'there are no terms', anyOf(), false],
  ['#635', 'a label expression holds', anyOf(byLabel(inRack)), true],
  ['#636', 'the name holds', anyOf(byField(named('host_1'))), true],
  ['#637', 'two names are given where one may be', anyOf(byField(named('host_1', 'host_2'))), false],
  ['#638', 'the name is the value of a label only', anyOf(byField(named('host_1'))), false, 'host', { 'metadata.name': 'host_1' }],
  ['#639', 'the name is asked for as a label', anyOf(byLabel(named('host_1'))), false],
  ['#640', 'the name holds and the labels do not', anyOf({ ...byLabel(inRack), ...byField(named('host_1')) }), false, 'host_1', {}],
  ['#641', 'name and labels hold', anyOf({ ...byLabel(inRack), ...byField(named('host_1')) }), true],
  ['#642', 'the labels hold and the name does not', anyOf({ ...byLabel(inRack), ...byField(named('host_1')) }), false, 'host_2'],
  ['#643', 'one of two terms holds', anyOf(byLabel(inRack), byField(named('host_1'))), true, 'host_1', {}],
] as readonly (readonly [string, string, NodeSelector, boolean, string?, Labels?])[]) {
  test(`catalogue ${row}: terms ${matches ? 'match' : 'do not match'} when ${says}`, () => {
    assert.equal(matchesNodeSelector(selector, node(name, labels)), matches)
  })
}

const ordered = ask('label_1', 'In', 'label_1_val', 'label_2_val')
const unordered = ask('label_1', 'In', 'label_2_val', 'label_1_val')
for (const [row, says, selector] of [
  ['#644', 'no terms', anyOf()],
  ['#645', 'values in order', anyOf(byLabel(ordered))],
  ['#646', 'values out of order', anyOf(byLabel(unordered))],
  ['#647', 'a name', anyOf(byField(named('host_1')))],
  ['#648', 'names out of order', anyOf(byField(named('host_2', 'host_1')))],
  ['#649', 'values in order and a name', anyOf({ ...byLabel(ordered), ...byField(named('host_1')) })],
  ['#650', 'values in order and names out of order', anyOf({ ...byLabel(ordered), ...byField(named('host_2', 'host_1')) })],
  ['#651', 'values out of order and a name', anyOf({ ...byLabel(unordered), ...byField(named('host_1')) })],
  ['#652', 'everything out of order', anyOf({ ...byLabel(unordered), ...byField(named('host_2', 'host_1')) })],
] as const) {
  test(`catalogue ${row}: matching leaves the selector as it is: ${says}`, () => {
    const before = JSON.stringify(selector)
    matchesNodeSelector(deepFreeze(selector), node('host_1', { label_1: 'label_1_val' }))
    assert.equal(JSON.stringify(selector), before)
  })
}
