import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft, KubeObject } from '../../meta/object.ts'
import type { MessageOf } from '../../schema/build.ts'
import { decode } from '../../schema/decode.ts'
import { fill } from '../../schema/fill.ts'
import type { DaemonSet } from '../../types/apps/daemon-set.ts'
import type { Kind, ServedVersion } from '../kind.ts'
import { DaemonSets } from './daemon-set.ts'
import { prepareDaemonSetForCreate, prepareDaemonSetForUpdate } from './daemon-set-prepare.ts'
import { appsV1Beta2DaemonSet, extensionsDaemonSet } from './daemon-set-versions.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

type At = Pick<Kind | ServedVersion<DaemonSet>, 'schema' | 'defaults'>

function read(at: At, json: object): Draft<KubeObject> {
  const { value } = decode(at.schema as MessageOf<KubeObject>, { metadata: {}, ...json }, { unknown: 'strict' })
  fill(at.schema as MessageOf<KubeObject>, value)
  at.defaults?.(value)
  return value
}
const specOf = (at: At, json: object): unknown => (read(at, json) as Draft<DaemonSet>).spec

const template = { metadata: { labels: { foo: 'bar' } } }
const defaulted = (labels?: object) => ({
  metadata: labels ? { labels } : {},
  spec: {
    containers: [],
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
})
const rolling = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }

for (const [version, at, rows] of [
  ['apps/v1', DaemonSets, ['#235', '#236', '#237', '#238']],
  ['apps/v1beta2', appsV1Beta2DaemonSet, ['#239', '#240', '#241', '#242']],
] as const) {
  test(`catalogue ${rows[0]}: ${version} rolls one pod at a time, keeps ten revisions and takes no selector from the template`, () => {
    assert.deepEqual(specOf(at, { spec: { template } }), {
      template: defaulted({ foo: 'bar' }),
      updateStrategy: rolling,
      revisionHistoryLimit: 10,
    })
  })
  test(`catalogue ${rows[1]}: ${version} keeps the number of revisions that is said`, () => {
    assert.deepEqual(specOf(at, { metadata: { labels: { foo: 'baz' } }, spec: { template, revisionHistoryLimit: 1 } }), {
      template: defaulted({ foo: 'bar' }),
      updateStrategy: rolling,
      revisionHistoryLimit: 1,
    })
  })
  test(`catalogue ${rows[2]}: ${version} adds nothing to a set that updates on delete`, () => {
    assert.deepEqual(specOf(at, { spec: { template, updateStrategy: { type: 'OnDelete' } } }), {
      template: defaulted({ foo: 'bar' }),
      updateStrategy: { type: 'OnDelete' },
      revisionHistoryLimit: 10,
    })
  })
  test(`catalogue ${rows[3]}: ${version} fills the template of an empty set`, () => {
    assert.deepEqual(specOf(at, {}), { template: defaulted(), updateStrategy: rolling, revisionHistoryLimit: 10 })
  })
}

const onDelete = { updateStrategy: { type: 'OnDelete' } }
test('catalogue #243: extensions/v1beta1 selects by the labels of the template and updates on delete', () => {
  const set = read(extensionsDaemonSet, { spec: { template } }) as Draft<DaemonSet>
  assert.deepEqual(set.spec, { selector: { matchLabels: { foo: 'bar' } }, template: defaulted({ foo: 'bar' }), ...onDelete, revisionHistoryLimit: 10 })
  assert.deepEqual(set.metadata.labels, { foo: 'bar' })
})
test('catalogue #244: extensions/v1beta1 keeps labels and the number of revisions that are said', () => {
  const set = read(extensionsDaemonSet, { metadata: { labels: { foo: 'baz' } }, spec: { template, revisionHistoryLimit: 1 } }) as Draft<DaemonSet>
  assert.deepEqual(set.spec, { selector: { matchLabels: { foo: 'bar' } }, template: defaulted({ foo: 'bar' }), ...onDelete, revisionHistoryLimit: 1 })
  assert.deepEqual(set.metadata.labels, { foo: 'baz' })
})
for (const [row, json] of [
  ['#245', {}],
  ['#246', { spec: {} }],
] as const) {
  test(`catalogue ${row}: extensions/v1beta1 makes no selector without labels`, () => {
    assert.deepEqual(specOf(extensionsDaemonSet, json), { template: defaulted(), ...onDelete, revisionHistoryLimit: 10 })
  })
}

for (const [row, at, apiVersion] of [
  ['#247', undefined, 'apps/v1'],
  ['#248', appsV1Beta2DaemonSet, 'apps/v1beta2'],
] as const) {
  test(`catalogue ${row}: maxUnavailable and maxSurge go through ${apiVersion} unchanged`, () => {
    const json = { apiVersion, kind: 'DaemonSet', spec: { template, updateStrategy: rolling } }
    const draft = read(at ?? DaemonSets, json)
    const stored = at ? at.toStored(draft) : (draft as Draft<DaemonSet>)
    assert.deepEqual(stored.spec.updateStrategy, rolling)
    const back = at ? (at.fromStored(stored as DaemonSet) as unknown as DaemonSet) : (stored as DaemonSet)
    assert.deepEqual(back.spec.updateStrategy, rolling)
    assert.equal(back.apiVersion, apiVersion)
  })
}

const withGeneration = (generation: string | undefined, image = 'a'): Draft<DaemonSet> =>
  read(DaemonSets, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    ...(generation !== undefined && { metadata: { annotations: { [TEMPLATE_GENERATION]: generation } } }),
    spec: { template: { spec: { containers: [{ name: 'c', image }] } } },
  }) as Draft<DaemonSet>
const generationOf = (set: Draft<DaemonSet>): string | undefined => set.metadata.annotations?.[TEMPLATE_GENERATION]

test('the template generation begins at one, or at a larger number that the client says', () => {
  for (const [given, kept] of [
    [undefined, '1'],
    ['0', '1'],
    ['7', '7'],
    ['seven', 'seven'],
  ] as const) {
    const set = withGeneration(given)
    prepareDaemonSetForCreate(set)
    assert.equal(generationOf(set), kept)
  }
})

test('the template generation goes up with the template, whatever the client says', () => {
  const old = withGeneration('3') as DaemonSet
  const same = withGeneration('9')
  prepareDaemonSetForUpdate(same, old)
  assert.equal(generationOf(same), '3')
  const changed = withGeneration('9', 'b')
  prepareDaemonSetForUpdate(changed, old)
  assert.equal(generationOf(changed), '4')
})

test('extensions/v1beta1 shows the template generation as a field', () => {
  const draft = read(extensionsDaemonSet, { apiVersion: 'extensions/v1beta1', kind: 'DaemonSet', spec: { template, templateGeneration: 4 } })
  const stored = extensionsDaemonSet.toStored(draft)
  assert.equal(generationOf(stored), '4')
  assert.equal('templateGeneration' in stored.spec, false)
  const shown = extensionsDaemonSet.fromStored(stored as DaemonSet) as unknown as { metadata: object; spec: { templateGeneration: number } }
  assert.equal(shown.spec.templateGeneration, 4)
  assert.equal('annotations' in shown.metadata, false)
})
