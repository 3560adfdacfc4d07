import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import { FakeClock } from '../../base/clock.ts'

describe('a list', () => {
  let rig: RegistryRig
  const clock = new FakeClock()
  before(async () => {
    rig = await registryRig({ clock })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await rig.api.create(maps(), { metadata: { name, labels: { vowel: String('ae'.includes(name)) } } } as never)
  })
  after(() => rig.close())

  const maps = () => ({ kind: rig.kind('ConfigMap'), namespace: 'default' })
  const names = (list: { readonly items: readonly { metadata: { name: string } }[] }) => list.items.map(item => item.metadata.name).join('')

  it('comes in pages of one state, whatever is written between', async () => {
    const first = await rig.api.list(maps(), { limit: 2 })
    assert.deepEqual([names(first), first.metadata.remainingItemCount], ['ab', 3])
    await rig.api.create(maps(), { metadata: { name: 'bb' } } as never)
    await rig.api.delete({ ...maps(), name: 'd' })
    const second = await rig.api.list(maps(), { limit: 2, continue: first.metadata.continue! })
    const third = await rig.api.list(maps(), { limit: 2, continue: second.metadata.continue! })
    assert.deepEqual([names(second), names(third)], ['cd', 'e'])
    assert.deepEqual([second.metadata.resourceVersion, third.metadata.resourceVersion], [first.metadata.resourceVersion, first.metadata.resourceVersion])
    assert.equal(third.metadata.continue, undefined)
    await rig.api.create(maps(), { metadata: { name: 'd' } } as never)
    await rig.api.delete({ ...maps(), name: 'bb' })
  })

  it('selects by labels and fields, and says nothing of what remains then', async () => {
    assert.equal(names(await rig.api.list(maps(), { labelSelector: 'vowel=true' })), 'ae')
    assert.equal(names(await rig.api.list(maps(), { fieldSelector: 'metadata.name!=c', labelSelector: 'vowel!=true' })), 'bd')
    const page = await rig.api.list(maps(), { labelSelector: 'vowel', limit: 1 })
    assert.deepEqual([page.metadata.remainingItemCount, typeof page.metadata.continue], [undefined, 'string'])
    assert.equal(await refusal(rig.api.list(maps(), { fieldSelector: 'data.x=1' })), '400 BadRequest: field label not supported: data.x')
    assert.match(await refusal(rig.api.list(maps(), { labelSelector: 'a in' })), /^400 BadRequest: unable to parse requirement/)
  })

  it('asks all that a selector says, also where a name or a node is looked up', async () => {
    const pods = { kind: rig.kind('Pod'), namespace: 'default' }
    for (const [name, nodeName] of Object.entries({ p: 'n1', q: 'n1', r: 'n2' }))
      await rig.api.create(pods, { metadata: { name, labels: { name } }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }] } } as never)
    const found = async (fieldSelector: string, options: object = {}) => names(await rig.api.list(pods, { fieldSelector, ...options }))
    assert.deepEqual(
      {
        node: await found('spec.nodeName=n1'),
        others: await found('spec.nodeName!=n1'),
        both: await found('spec.nodeName=n1,metadata.name=q'),
        but: await found('spec.nodeName=n1,metadata.name!=q'),
        phase: await found('spec.nodeName=n1,status.phase=Running'),
        labels: await found('spec.nodeName=n1', { labelSelector: 'name=p' }),
        name: await found('metadata.name=r'),
        nameElsewhere: await found('metadata.name=r,spec.nodeName=n1'),
        nameAndLabels: await found('metadata.name=r', { labelSelector: 'name=p' }),
        everywhere: names(await rig.api.list({ kind: pods.kind }, { fieldSelector: 'metadata.name=r' })),
      },
      { node: 'pq', others: 'r', both: 'q', but: 'p', phase: '', labels: 'p', name: 'r', nameElsewhere: '', nameAndLabels: '', everywhere: 'r' },
    )
  })

  it('shows exactly the revision asked for, as long as it is known', async () => {
    const before = await rig.api.list(maps())
    await rig.api.create(maps(), { metadata: { name: 'new' } } as never)
    const { resourceVersion } = before.metadata
    const exact = await rig.api.list(maps(), { resourceVersion, resourceVersionMatch: 'Exact' })
    assert.deepEqual([names(exact), exact.metadata.resourceVersion], [names(before), resourceVersion])
    assert.ok(names(await rig.api.list(maps(), { resourceVersion })).includes('new'))
    await rig.caches.compact(Number(resourceVersion))
    assert.match(await refusal(rig.api.list(maps(), { resourceVersion: '1', resourceVersionMatch: 'Exact' })), /^410 Expired: .*too old: 1 /)
    await rig.api.delete({ ...maps(), name: 'new' })
  })

  it('refuses options that say nothing together', async () => {
    const invalid = (text: string) => `422 Invalid: ListOptions.meta.k8s.io "" is invalid: ${text}`
    const list = (options: object) => refusal(rig.api.list(maps(), options))
    assert.equal(
      await list({ resourceVersionMatch: 'Exact' }),
      invalid('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'),
    )
    assert.match(await list({ resourceVersion: '0', resourceVersionMatch: 'Exact' }), /^422 Invalid: .*forbidden for resourceVersion "0"/)
    assert.match(
      await list({ resourceVersion: '5', resourceVersionMatch: 'Sometimes' }),
      /^422 Invalid: .*resourceVersionMatch: Unsupported value: "Sometimes"/,
    )
    const { metadata } = await rig.api.list(maps(), { limit: 1 })
    assert.match(
      await list({ continue: metadata.continue, resourceVersion: '5' }),
      /^400 BadRequest: specifying resource version is not allowed when using continue/,
    )
    assert.match(await list({ continue: 'bm9uc2Vuc2U' }), /^400 BadRequest: continue key is not valid/)
    assert.match(await list({ resourceVersion: 'x' }), /^400 BadRequest: invalid resource version "x"/)
  })

  it('gives a token for the rest when the state of the first page is forgotten', async () => {
    const own = await registryRig()
    const target = { kind: own.kind('ConfigMap'), namespace: 'default' }
    for (const name of ['a', 'b', 'c']) await own.api.create(target, { metadata: { name } } as never)
    const first = await own.api.list(target, { limit: 1 })
    await own.api.create(target, { metadata: { name: 'bb' } } as never)
    const last = await own.api.create(target, { metadata: { name: 'd' } } as never)
    await own.caches.compact(Number(last.metadata.resourceVersion))
    const { status } = await own.api.list(target, { continue: first.metadata.continue! }).catch(error => error)
    assert.deepEqual([status.code, status.reason], [410, 'Expired'])
    const rest = await own.api.list(target, { continue: status.metadata.continue })
    assert.equal(names(rest), 'bbbcd')
    await own.close()
  })

  it('waits for a revision that is yet to come, and gives up after a while', async () => {
    const idle = clock.pending
    const { metadata } = await rig.api.list(maps())
    const next = Number(metadata.resourceVersion) + 1
    const waiting = rig.api.list(maps(), { resourceVersion: String(next) })
    await rig.api.create(maps(), { metadata: { name: 'z' } } as never)
    assert.ok(names(await waiting).endsWith('z'))
    const late = refusal(rig.api.list(maps(), { resourceVersion: '999999' }))
    while (clock.pending === idle) await new Promise(resolve => setImmediate(resolve))
    clock.advance(3000)
    assert.match(await late, /^504 Timeout: Timeout: Too large resource version: 999999, current: \d+$/)
  })
})

describe('a watch', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())
  const maps = (name?: string) => ({ kind: rig.kind('ConfigMap'), namespace: 'default', ...(name && { name }) })

  it('tells the present state, says when it has, then what enters and leaves the selection', async () => {
    await rig.api.create(maps(), { metadata: { name: 'in', labels: { a: 'b' } } } as never)
    await rig.api.create(maps(), { metadata: { name: 'out' } } as never)
    const stop = new AbortController()
    const seen: string[] = []
    const done = (async () => {
      for await (const events of rig.api.watch(maps(), { labelSelector: 'a=b', initialEvents: true, bookmarks: true, signal: stop.signal })) {
        for (const { type, object } of events) {
          const { name, annotations } = (object as Any).metadata
          seen.push(type === 'BOOKMARK' ? `BOOKMARK ${annotations?.['k8s.io/initial-events-end']}` : `${type} ${name}`)
          if (type === 'BOOKMARK') {
            await rig.api.patch(maps('out'), { type: 'merge', body: { metadata: { labels: { a: 'b' } } } })
            await rig.api.patch(maps('in'), { type: 'merge', body: { metadata: { labels: { a: 'c' } } } })
            await rig.api.delete(maps('out'))
          }
          if (seen.length === 5) stop.abort()
        }
      }
    })()
    await done
    assert.deepEqual(seen, ['ADDED in', 'BOOKMARK true', 'ADDED out', 'DELETED in', 'DELETED out'])
  })

  it('from a revision that is forgotten is refused as expired', async () => {
    await rig.caches.compact(rig.caches.revision)
    const stop = new AbortController()
    const watch = async () => {
      for await (const _ of rig.api.watch(maps(), { resourceVersion: '1', signal: stop.signal })) break
    }
    assert.match(await refusal(watch()), /^410 Expired: too old resource version: 1 \(\d+\)$/)
  })
})
