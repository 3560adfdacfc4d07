/** DAEMONSET.md 7.7 and 7.8: revisions, and claiming what belongs to a set. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matcherOf } from '../../src/api/meta/label-selector.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import type { ControllerRevision } from '../../src/api/types/apps/controller-revision.ts'
import { deepFreeze } from '../../src/base/freeze.ts'
import { type Claimant, claimOn, planClaims, releasePatch } from '../../src/judge/daemonset/claims.ts'
import { type HistoryStep, judgeCollision, planHistory, planTruncation } from '../../src/judge/daemonset/history.ts'
import { inOrder, revisionData, revisionHash } from '../../src/judge/daemonset/revision.ts'
import { at, daemonSet, L2, pod, pods } from '../support/daemon-world.ts'

const set = daemonSet()
const data = revisionData(set)
const other = (image: string) => revisionData(daemonSet({ image }))

function revision(name: string, number: number, of: object = data, label = name, born = 0): ControllerRevision {
  return deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `foo-${name}`,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: at(born),
      labels: label ? { 'controller-revision-hash': label } : {},
    },
    data: of,
    revision: number,
  } as ControllerRevision)
}

function sayStep(step: HistoryStep): string {
  switch (step.do) {
    case 'create-revision':
      return `create ${step.revision.revision}`
    case 'delete-revision':
      return `delete ${step.revision.metadata.name} (${step.why})`
    case 'renumber-revision':
      return `renumber ${step.revision.metadata.name} to ${step.to}`
    case 'label-revision':
      return `label ${step.revision.metadata.name} ${step.hash}`
    case 'relabel-pod':
      return `relabel ${step.pod.metadata.name} ${step.hash}`
  }
}
const sayHistory = (revisions: readonly ControllerRevision[], podTexts: readonly string[] = [], of = set) => {
  const { hash, steps } = planHistory(of, revisions, pods(podTexts))
  return [...steps.map(sayStep), `hash ${hash}`]
}
const own = revisionHash(data, undefined)

test('catalogue #302: a set without history gets revision 1', () => {
  assert.deepEqual(sayHistory([]), ['create 1', `hash ${own}`])
  const [step] = planHistory(daemonSet({ meta: { annotations: { 'kubernetes.io/change-cause': 'why not' } } }), [], []).steps
  assert.deepEqual(step, {
    do: 'create-revision',
    revision: {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `foo-${own}`,
        namespace: 'default',
        labels: { name: 'simple-daemon', type: 'production', 'controller-revision-hash': own },
        annotations: { 'kubernetes.io/change-cause': 'why not' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'foo', uid: 'uid-foo', controller: true, blockOwnerDeletion: true }],
      },
      data: { spec: { template: { $patch: 'replace', ...set.spec.template } } },
      revision: 1,
    },
  })
})

test('a new template gets the next number', () => {
  assert.deepEqual(sayHistory([revision('a', 3, other('x')), revision('b', 7, other('y'))]), ['create 8', `hash ${own}`])
})

test('catalogue #306: a template used before gets the highest number and keeps its hash', () => {
  assert.deepEqual(sayHistory([revision('a', 1), revision('b', 2, other('x'))]), ['renumber foo-a to 3', 'hash a'])
})

test('catalogue #307: a current revision with the highest number is left alone', () => {
  assert.deepEqual(sayHistory([revision('a', 3), revision('b', 2, other('x'))]), ['hash a'])
})

test('a revision without a hash goes by its name', () => {
  assert.deepEqual(sayHistory([revision('a', 1, data, '')]), ['label foo-a foo-a', 'hash foo-a'])
})

test('of revisions with the same data the newest stays, and pods of the others become its own', () => {
  const revisions = [revision('a', 1), revision('b', 4), revision('c', 4, data, 'c', 1), revision('d', 2, other('x'))]
  assert.deepEqual(sayHistory(revisions, ['p@n1 a available', 'q@n2 c available', 'r@n3 d available', 's@n4 b available']), [
    'relabel p c',
    'relabel s c',
    'delete foo-a (duplicate)',
    'delete foo-b (duplicate)',
    'hash c',
  ])
})

test('catalogue #304: a name taken by other data raises the collision count, which makes another name', () => {
  const taken = revision(own, 1, other('x'))
  assert.deepEqual(judgeCollision(set, data, taken, set), { collisionCount: 1 })
  assert.deepEqual(judgeCollision(set, data, revision(own, 1), set), { use: revision(own, 1) })
  const live = daemonSet({ status: { collisionCount: 1 } })
  assert.deepEqual(judgeCollision(set, data, taken, live), { stale: true })
  assert.deepEqual(judgeCollision(live, data, taken, live), { collisionCount: 2 })
  assert.notEqual(revisionHash(data, 1), own)
})

test('catalogue #369 #370: the hash depends on the collision count, and on whether there is one', () => {
  const hashes = [undefined, 0, 1, 2, 2147483647].map(count => revisionHash(data, count))
  assert.equal(new Set(hashes).size, 5)
  for (const hash of hashes) assert.match(hash, /^[456789bcdf]{1,10}$/)
})

test('catalogue #303: the same data under another set gets a name of its own', () => {
  const [mine] = planHistory(set, [], []).steps
  const [theirs] = planHistory(daemonSet({ name: 'bar' }), [], []).steps
  assert.ok(mine?.do === 'create-revision' && theirs?.do === 'create-revision')
  assert.notEqual(mine.revision.metadata.name, theirs.revision.metadata.name)
})

const same: readonly (readonly [row: string, says: string, revisions: readonly ControllerRevision[], hash: string])[] = [
  ['#320', 'the one with equal data', [revision('a', 1), revision('b', 1, other('x')), revision('c', 2, other('y'))], 'a'],
  ['#321', 'none of none', [], own],
  ['#322', 'none of others', [revision('b', 2, other('x')), revision('c', 1, other('y'))], own],
]
for (const [row, says, revisions, hash] of same) {
  test(`catalogue ${row}: the current revision is ${says}`, () => assert.equal(planHistory(set, revisions, []).hash, hash))
}

const orders: readonly (readonly [row: string, says: string, numbers: readonly (readonly [name: string, number: number, born?: number])[], order: string])[] = [
  [
    '#323',
    'out of order',
    [
      ['b', 2],
      ['a', 1],
      ['c', 3],
    ],
    'a b c',
  ],
  [
    '#324',
    'in order',
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
    'a b c',
  ],
  [
    '#325',
    'reversed',
    [
      ['c', 3],
      ['b', 2],
      ['a', 1],
    ],
    'a b c',
  ],
  [
    '#326',
    'with ties',
    [
      ['c', 3],
      ['d', 3, -1],
      ['b', 2],
      ['a', 1],
      ['e', 3],
    ],
    'a b d c e',
  ],
  ['#327', 'none', [], ''],
]
for (const [row, says, given, order] of orders) {
  test(`catalogue ${row}: revisions are sorted by number, then age, then name: ${says}`, () => {
    const sorted = given.map(([name, number, born]) => revision(name, number, data, name, born)).sort(inOrder)
    assert.equal(sorted.map(r => r.metadata.uid.slice(4)).join(' '), order)
  })
}

test('catalogue #311: truncation takes the oldest beyond the limit, never the current one nor one that a pod carries', () => {
  const revisions = ['a', 'b', 'c', 'd', 'e'].map((name, i) => revision(name, i + 1, other(name)))
  const cut = (limit: number, podTexts: readonly string[] = []) =>
    planTruncation(daemonSet({ spec: { revisionHistoryLimit: limit } }), [...revisions, revision('z', 9)], pods(podTexts)).map(step =>
      step.revision.metadata.uid.slice(4),
    )
  assert.deepEqual(cut(5), [])
  assert.deepEqual(cut(2), ['a', 'b', 'c'])
  assert.deepEqual(cut(2, ['p@n1 b available']), ['a', 'c', 'd'])
  assert.deepEqual(cut(0, ['p@n1 z available', 'q@n1 e failed terminating']), ['a', 'b', 'c', 'd'])
})

const claimant: Claimant = { uid: 'uid-foo', namespace: 'default', terminating: false, matches: matcherOf(set.spec.selector) }
const claims: readonly (readonly [row: string, says: string, who: Partial<Claimant>, pods: readonly string[], claims: readonly string[]])[] = [
  ['#329', 'an orphan that matches is adopted', {}, ['a@n - available orphan', 'b@n - available orphan test:no'], ['adopt', 'ignored']],
  ['#330', 'a set that is going adopts nothing', { terminating: true }, ['a@n - available orphan', 'b@n - available orphan'], ['ignored', 'ignored']],
  [
    '#331',
    'but keeps its own',
    { terminating: true },
    ['a@n - available', 'b@n - available orphan', 'c@n - available test:no'],
    ['kept', 'ignored', 'ignored'],
  ],
  ['#332', "another controller's is left to it", {}, ['a@n - available', 'b@n - available owner=another'], ['kept', 'foreign']],
  ['#333', 'its own that matches no longer is released', {}, ['a@n - available', 'b@n - available test:no'], ['kept', 'release']],
  ['#334', 'an orphan that is going is not adopted', {}, ['a@n - available terminating', 'b@n - available orphan terminating'], ['kept', 'ignored']],
  ['#336', "another namespace's is not adopted", {}, ['a@n - available orphan', 'b@n - available orphan ns=other'], ['adopt', 'ignored']],
  [
    '#337',
    'except by a claimant that has no namespace',
    { namespace: undefined },
    ['a@n - available orphan', 'b@n - available orphan ns=other'],
    ['adopt', 'adopt'],
  ],
]
for (const [row, says, who, texts, expected] of claims) {
  test(`catalogue ${row}: ${says}`, () =>
    assert.deepEqual(
      texts.map(text => claimOn({ ...claimant, ...who }, pod(text))),
      expected,
    ))
}

const asRevision = (text: string): KubeObject => ({ ...pod(text), kind: 'ControllerRevision' })
const revisionClaims: readonly (readonly [row: string, says: string, texts: readonly string[], claims: string])[] = [
  ['#298', 'no revisions', [], 'kept  adopt  release '],
  ['#299', 'its own', ['a - -', 'b - -'], 'kept a b adopt  release '],
  ['#300', "not another set's", ['a - -', 'b - -', 'c - - owner=another'], 'kept a b adopt  release '],
  ['#301', 'orphans that match', ['a - -', 'b - -', 'c - - orphan'], 'kept a b adopt c release '],
  ['#126', 'an owned one and a matching orphan', ['a - -', 'b - - orphan'], 'kept a adopt b release '],
  ['#127', 'an orphan in another namespace', ['a - - orphan ns=other'], 'kept  adopt  release '],
  ['#313', 'an orphan', ['a - - orphan'], 'kept  adopt a release '],
  ['#314', "another's", ['a - - owner=another'], 'kept  adopt  release '],
  ['#316', 'its own with other labels', ['a - - test:no'], 'kept  adopt  release a'],
  ['#317', 'an orphan with other labels', ['a - - orphan test:no'], 'kept  adopt  release '],
]
for (const [row, says, texts, expected] of revisionClaims) {
  test(`catalogue ${row}: claiming revisions: ${says}`, () => {
    const found = planClaims(claimant, texts.map(asRevision))
    const names = (list: readonly KubeObject[]) => list.map(o => o.metadata.name).join(' ')
    assert.equal(`kept ${names(found.kept)} adopt ${names(found.adopt)} release ${names(found.release)}`, expected)
  })
}

for (const [row, says, owner, dependent] of [
  ['#338', 'names both', 'ss1', 'ss2'],
  ['#339', 'quotes the owner', 'ss1"hello', 'ss2'],
  ['#340', 'quotes the dependent', 'ss1', 'ss2"hello'],
] as const) {
  test(`catalogue ${row}: the patch that releases ${says}`, () => {
    const object = { ...pod('a@n - available'), metadata: { ...pod('a@n - available').metadata, uid: dependent } }
    assert.equal(
      JSON.stringify(releasePatch(object, owner)),
      `{"metadata":{"uid":${JSON.stringify(dependent)},"ownerReferences":[{"$patch":"delete","uid":${JSON.stringify(owner)}}]}}`,
    )
  })
}

test('a matcher that selects nothing claims nothing', () => {
  assert.equal(claimOn({ ...claimant, matches: matcherOf({ matchLabels: L2 }) }, pod('a@n - available orphan')), 'ignored')
})
