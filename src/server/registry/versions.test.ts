import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'

describe('an older version of a kind', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const old = { group: 'extensions', version: 'v1beta1', kind: 'DaemonSet', resource: 'daemonsets', namespaced: true }
  const at = (name?: string) => ({ kind: old, namespace: 'default', ...(name && { name }) })
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } }

  it('is converted both ways, with its own defaults and a warning', async () => {
    rig.warnings.length = 0
    const made = (await rig.api.create(at(), { metadata: { name: 'x' }, spec: { template } } as never)) as Any
    assert.deepEqual(
      [made.apiVersion, made['spec'].updateStrategy.type, made['spec'].selector],
      ['extensions/v1beta1', 'OnDelete', { matchLabels: { app: 'x' } }],
    )
    assert.equal(rig.warnings.length, 1)
    const stored = (await rig.api.get({ kind: rig.kind('DaemonSet'), namespace: 'default', name: 'x' })) as Any
    assert.deepEqual([stored.apiVersion, stored['spec'].updateStrategy.type], ['apps/v1', 'OnDelete'])
  })

  it('is patched as it is seen there, and listed and watched so', async () => {
    const patched = (await rig.api.patch(at('x'), {
      type: 'merge',
      body: { spec: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } },
    })) as Any
    assert.equal(patched['spec'].template.spec.containers[0].image, 'i:2')
    const list = await rig.api.list(at())
    assert.deepEqual([list.apiVersion, list.items[0]?.apiVersion], ['extensions/v1beta1', 'extensions/v1beta1'])
    const stop = new AbortController()
    for await (const [event] of rig.api.watch(at(), { signal: stop.signal })) {
      assert.equal((event!.object as Any).apiVersion, 'extensions/v1beta1')
      stop.abort()
    }
  })

  it('is refused under its own name', async () => {
    assert.match(
      await refusal(rig.api.create(at(), { apiVersion: 'apps/v1', metadata: { name: 'y' }, spec: { template } } as never)),
      /^400 BadRequest: the API version in the data \(apps\/v1\)/,
    )
    assert.match(
      await refusal(rig.api.create(at(), { metadata: { name: 'Y' }, spec: { template } } as never)),
      /^422 Invalid: DaemonSet.extensions "Y" is invalid: metadata.name/,
    )
  })
})
