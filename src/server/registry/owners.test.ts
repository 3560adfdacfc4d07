import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, registryRig } from '../../../test/support/registry-rig.ts'

describe('an owner that is named twice', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const owner = (uid: string, name = 'o') => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid })
  const twice = [owner('1'), owner('1', 'other'), owner('2'), owner('1')]
  const once = twice.slice(0, 3)
  const maps = (name?: string) => ({ kind: rig.kind('ConfigMap'), namespace: 'default', ...(name && { name }) })
  const ADVICE =
    'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1'
  const said = async (write: () => Promise<Any>): Promise<unknown> => {
    rig.warnings.length = 0
    return [(await write()).metadata.ownerReferences, ...rig.warnings]
  }

  it('is kept once, and whoever wrote so hears of it', async () => {
    const made = { metadata: { name: 'a', ownerReferences: twice } }
    const before = `.metadata.ownerReferences contains duplicate entries; ${ADVICE}`
    assert.deepEqual(await said(() => rig.api.create(maps(), made)), [once, before])
    assert.deepEqual(await said(() => rig.api.update(maps('a'), { ...made, data: { a: 'b' } } as never)), [once, before])
    const patch = { type: 'merge', body: { metadata: { ownerReferences: twice } } } as const
    assert.deepEqual(await said(() => rig.api.patch(maps('a'), patch)), [
      once,
      `.metadata.ownerReferences contains duplicate entries after mutating admission happens; ${ADVICE}`,
    ])
  })
})
