/** DAEMONSET.md 7.6: how the API stores, reads, lists and watches DaemonSets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import type { NewObject } from '../../src/api/meta/object.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import { type RegistryRig, refusal, registryRig } from '../support/registry-rig.ts'

const NAMESPACE = 'default'
const at = (name?: string, namespace = NAMESPACE) => ({ kind: DaemonSets, namespace, ...(name && { name }) })

type Labels = Readonly<Record<string, string>>
interface Words {
  readonly namespace?: string
  readonly labels?: Labels
  readonly selector?: object
  readonly strategy?: string
  readonly generateName?: string
}

/** A set whose pods are labelled a=b. */
const daemonSet = (name: string, { namespace, labels, selector = { matchLabels: { a: 'b' } }, strategy = 'OnDelete', generateName }: Words = {}) =>
  ({
    metadata: { ...(name && { name }), ...(generateName && { generateName }), ...(namespace && { namespace }), ...(labels && { labels }) },
    spec: {
      selector,
      updateStrategy: { type: strategy },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'test', image: 'test_image' }] } },
    },
  }) as NewObject<DaemonSet>

const catalogue = (row: string, says: string, body: (rig: RegistryRig) => Promise<void>) =>
  test(`catalogue ${row}: ${says}`, async () => {
    const rig = await registryRig()
    try {
      await body(rig)
    } finally {
      await rig.close()
    }
  })

/** Runs a check as it is and as a dry run. */
const both = async (check: (options: { readonly dryRun?: boolean }) => Promise<void>) => {
  await check({})
  await check({ dryRun: true })
}
const edited = (set: DaemonSet, edit: (draft: { -readonly [K in keyof DaemonSet]: DaemonSet[K] }) => void): DaemonSet => {
  const draft = structuredClone(set)
  edit(draft)
  return draft
}
const withMeta = (set: DaemonSet, meta: object): DaemonSet => ({ ...set, metadata: { ...set.metadata, ...meta } })

catalogue('#252', 'a new set gets a uid and a time', async ({ api }) => {
  const { metadata } = await api.create(at(), daemonSet('foo'))
  assert.match(metadata.uid, /^[0-9a-f-]{36}$/)
  assert.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})
catalogue('#253', 'a name is generated from its prefix', async ({ api }) => {
  const { metadata } = await api.create(at(), daemonSet('', { generateName: 'foo-' }))
  assert.match(metadata.name, /^foo-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
})
catalogue('#254 #255', 'a dry run answers what would be, and stores nothing', async ({ api }) => {
  const dry = await api.create(at(), daemonSet('foo'), { dryRun: true })
  const real = await api.create(at(), daemonSet('foo'))
  assert.deepEqual(dry.spec, real.spec)
  assert.deepEqual(dry.status, real.status)
  assert.equal(dry.metadata.resourceVersion, undefined)
})
catalogue('#256', 'what is stored is what was answered, and says what was said', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo', { labels: { x: 'y' } }))
  assert.deepEqual(await api.get(at('foo')), created)
  assert.deepEqual(created.metadata.labels, { x: 'y' })
  assert.deepEqual(created.spec.selector, { matchLabels: { a: 'b' } })
})
catalogue('#257', 'a name is taken once', async ({ api }) => {
  await api.create(at(), daemonSet('foo'))
  await both(async options => {
    assert.equal(await refusal(api.create(at(), daemonSet('foo'), options)), '409 AlreadyExists: daemonsets.apps "foo" already exists')
  })
})
catalogue('#258', 'the namespace of the object is that of the request', ({ api }) =>
  both(async options => {
    assert.match(await refusal(api.create(at(), daemonSet('foo', { namespace: 'other' }), options)), /^400 BadRequest: .*does not match/)
  }),
)
catalogue('#259', 'a set that breaks a rule is not stored', ({ api }) =>
  both(async options => {
    assert.match(await refusal(api.create(at(), daemonSet('foo', { selector: {} }), options)), /^422 Invalid: .*spec\.selector: .*empty selector/)
    assert.match(await refusal(api.create(at(), daemonSet('foo', { strategy: 'Random' }), options)), /^422 Invalid: .*spec\.updateStrategy: /)
    assert.match(await refusal(api.get(at('foo'))), /^404 /)
  }),
)
catalogue('#260', 'a name must be one', ({ api }) =>
  both(async options => {
    for (const name of ['.', '..', 'foo/bar', 'foo%bar', '*badName', 'Foo']) {
      assert.match(await refusal(api.create(at(), daemonSet(name), options)), /^422 Invalid: .*metadata\.name: /, name)
    }
  }),
)

catalogue('#261', 'an update is stored and answered', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  const changed = edited(created, set => {
    Object.assign(set.spec.template.spec as object, { nodeSelector: { c: 'd' }, dnsPolicy: 'Default' })
  })
  const updated = await api.update(at('foo'), changed)
  assert.deepEqual(updated.spec, changed.spec)
  assert.deepEqual(await api.get(at('foo')), updated)
})
catalogue('#262', 'an update of an older state is a conflict', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  await api.update(at('foo'), withMeta(created, { labels: { a: 'b' } }))
  assert.match(await refusal(api.update(at('foo'), withMeta(created, { labels: { c: 'd' } }))), /^409 Conflict: .*the object has been modified/)
})
catalogue('#263', 'an update does not create', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  await both(async options => {
    assert.match(await refusal(api.update(at('bar'), withMeta(created, { name: 'bar', uid: '' }), options)), /^404 NotFound: daemonsets\.apps "bar" not found$/)
  })
})
catalogue('#264', 'an update does not move a set to another namespace', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  assert.match(await refusal(api.update(at('foo'), withMeta(created, { namespace: 'other' }))), /^400 BadRequest: .*does not match/)
})
catalogue('#265', 'an update that breaks a rule changes nothing', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  const wrong = edited(created, set => {
    Object.assign(set.spec.template.spec as object, { restartPolicy: 'OnFailure' })
  })
  assert.match(await refusal(api.update(at('foo'), wrong)), /^422 Invalid: .*spec\.template\.spec\.restartPolicy: /)
  assert.match(await refusal(api.update(at('foo'), withMeta(created, { name: 'bar' }))), /^400 BadRequest: the name of the object/)
  assert.deepEqual(await api.get(at('foo')), created)
})
catalogue('#266', 'an update of a set that is another one by now is a conflict', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  await both(async options => {
    assert.match(await refusal(api.update(at('foo'), withMeta(created, { uid: 'another' }), options)), /^409 Conflict: .*Precondition failed: UID/)
  })
})
catalogue('#267', 'a patch sees the set as it is stored', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo', { labels: { x: 'y' } }))
  const body = [
    { op: 'test', path: '/metadata/labels/x', value: 'y' },
    { op: 'test', path: '/metadata/uid', value: created.metadata.uid },
    { op: 'replace', path: '/metadata/labels/x', value: 'z' },
  ]
  const patched = await api.patch(at('foo'), { type: 'json', body })
  assert.deepEqual(patched.metadata.labels, { x: 'z' })
})
catalogue('#268', 'a patch that fails changes nothing', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo', { labels: { x: 'y' } }))
  const body = [{ op: 'test', path: '/metadata/labels/x', value: 'z' }]
  await both(async options => {
    assert.match(await refusal(api.patch(at('foo'), { type: 'json', body }, options)), /^422 Invalid: /)
  })
  assert.deepEqual(await api.get(at('foo')), created)
})
catalogue('#269', 'the generation is the server’s to count', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  const updated = await api.update(at('foo'), withMeta(created, { generation: 7, labels: { c: 'd' } }))
  assert.equal(updated.metadata.generation, 1)
})

catalogue('#270', 'what is not there cannot be deleted', ({ api }) =>
  both(async options => {
    assert.match(await refusal(api.delete(at('foo'), options)), /^404 NotFound: /)
  }),
)
catalogue('#271', 'a set is deleted at once, by a dry run not at all', async ({ api }) => {
  await api.create(at(), daemonSet('foo'))
  await api.delete(at('foo'), { dryRun: true })
  await api.get(at('foo'))
  await api.delete(at('foo'))
  assert.match(await refusal(api.get(at('foo'))), /^404 /)
})
for (const [row, says, wrong, right] of [
  ['#272', 'uid', () => ({ uid: 'another' }), (set: DaemonSet) => ({ uid: set.metadata.uid })],
  ['#273', 'revision', () => ({ resourceVersion: '1' }), (set: DaemonSet) => ({ resourceVersion: set.metadata.resourceVersion })],
] as const) {
  catalogue(row, `a set is deleted at the ${says} that was meant, and at no other`, async ({ api }) => {
    const created = await api.create(at(), daemonSet('foo'))
    await both(async options => {
      assert.match(await refusal(api.delete(at('foo'), { ...options, preconditions: wrong() })), /^409 Conflict: /)
    })
    await api.delete(at('foo'), { dryRun: true, preconditions: right(created) })
    await api.get(at('foo'))
    await api.delete(at('foo'), { preconditions: right(created) })
    assert.match(await refusal(api.get(at('foo'))), /^404 /)
  })
}

catalogue('#274', 'a set is found by its name', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  assert.deepEqual(await api.get(at('foo')), created)
})
catalogue('#275', 'a set is not found by another name', async ({ api }) => {
  await api.create(at(), daemonSet('foo'))
  assert.equal(await refusal(api.get(at('bar'))), '404 NotFound: daemonsets.apps "bar" not found')
})
catalogue('#276', 'a set is not found in another namespace', async ({ api }) => {
  await api.create(at(), daemonSet('foo'))
  assert.match(await refusal(api.get(at('foo', 'other'))), /^404 /)
})
catalogue('#277', 'one name in two namespaces is two sets', async ({ api, kind }) => {
  await api.create({ kind: kind('Namespace') }, { metadata: { name: 'other' } })
  const here = await api.create(at(), daemonSet('foo'))
  const there = await api.create(at(undefined, 'other'), daemonSet('foo'))
  assert.deepEqual([await api.get(at('foo')), await api.get(at('foo', 'other'))], [here, there])
})
catalogue('#278', 'a list of nothing is empty', async ({ api }) => {
  assert.deepEqual((await api.list(at())).items, [])
})
catalogue('#279', 'a list holds every set', async ({ api }) => {
  const sets = [await api.create(at(), daemonSet('bar')), await api.create(at(), daemonSet('foo'))]
  assert.deepEqual((await api.list(at())).items, sets)
})
catalogue('#280', 'a list by labels holds those that match', async ({ api }) => {
  await api.create(at(), daemonSet('bar', { labels: { a: 'c' } }))
  const wanted = await api.create(at(), daemonSet('foo', { labels: { a: 'b' } }))
  assert.deepEqual((await api.list(at(), { labelSelector: 'a=b' })).items, [wanted])
})
catalogue('#281', 'every row of a table has the cells that its columns promise', async ({ api }) => {
  const set = await api.create(at(), daemonSet('foo'))
  for (const column of DaemonSets.columns) {
    assert.equal(typeof column.cell(set, 0), column.type === 'integer' ? 'number' : 'string', column.name)
  }
})

/** The names that a watch with a selector tells, of four sets created one after the other. */
async function watched({ api }: RegistryRig, selector: { readonly labelSelector?: string; readonly fieldSelector?: string }): Promise<readonly string[]> {
  const ended = new AbortController()
  const { metadata } = await api.list(at())
  const seen: string[] = []
  const stream = api.watch(at(), { ...selector, resourceVersion: metadata.resourceVersion, signal: ended.signal })
  const reading = (async () => {
    for await (const events of stream) for (const { type, object } of events) if (type !== 'BOOKMARK') seen.push(object.metadata.name)
  })()
  for (const [name, labels] of [
    ['foo', { a: 'b' }],
    ['bar', { a: 'c' }],
    ['baz', { foo: 'bar' }],
    ['last', { a: 'b' }],
  ] as const) {
    await api.create(at(), daemonSet(name, { labels }))
  }
  // What was answered is in the caches; the events of this tick are told before the next.
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
  ended.abort()
  await reading
  return seen
}
catalogue('#282', 'a watch by labels tells those that match', async rig => {
  assert.deepEqual(await watched(rig, { labelSelector: 'a=b' }), ['foo', 'last'])
})
catalogue('#283', 'a watch by fields tells those that match', async rig => {
  assert.deepEqual(await watched(rig, { fieldSelector: 'metadata.name=bar' }), ['bar'])
  assert.match(await refusal(rig.api.list(at(), { fieldSelector: 'name=foo' })), /^400 BadRequest: .*field label not supported: name/)
})
catalogue('#284', 'the status is written through its own path', async ({ api }) => {
  const created = await api.create(at(), daemonSet('foo'))
  const status = { ...created.status, observedGeneration: 1 }
  const updated = await api.update({ ...at('foo'), subresource: 'status' }, { ...created, status, spec: { ...created.spec, minReadySeconds: 5 } })
  assert.deepEqual([updated.status.observedGeneration, updated.spec.minReadySeconds], [1, undefined])
  assert.deepEqual(await api.get(at('foo')), updated)
})
test('catalogue #285: the short name is ds and no other', () => assert.deepEqual(DaemonSets.shortNames, ['ds']))
