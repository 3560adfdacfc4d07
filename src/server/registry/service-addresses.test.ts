import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import { IpRange } from './ip-range.ts'

it('a range has all its addresses but the first and the last', () => {
  const range = new IpRange('10.0.0.17/30')
  assert.deepEqual([range.size, range.at(0), range.at(1), range.has('10.0.0.16'), range.has('10.0.0.19')], [2, '10.0.0.17', '10.0.0.18', false, false])
  for (const bad of ['10.0.0.0', '10.0.0.0/31', '10.0.0/24', '::/64', '']) assert.throws(() => new IpRange(bad), RangeError)
})

describe('a Service', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const services = (name?: string) => ({ kind: rig.kind('Service'), namespace: 'default', ...(name && { name }) })
  const create = (name: string, spec: object) =>
    rig.api.create(services(), { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } } as never) as Promise<Any>

  it('gets an address of its own, also when many are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 30 }, (_, i) => create(`s${i}`, {})))
    const addresses = made.map(one => one['spec'].clusterIP)
    assert.equal(new Set(addresses).size, 30)
    assert.ok(addresses.every(address => new IpRange('10.96.0.0/12').has(address)))
    assert.deepEqual([made[0]!['spec'].clusterIPs, made[0]!['spec'].ipFamilies, made[0]!['spec'].ipFamilyPolicy], [[addresses[0]], ['IPv4'], 'SingleStack'])
  })

  it('gets the address it asks for, if it is free and of the range, or none', async () => {
    assert.equal((await create('asked', { clusterIP: '10.96.7.7' }))['spec'].clusterIP, '10.96.7.7')
    assert.match(
      await refusal(create('again', { clusterIP: '10.96.7.7' })),
      /^422 Invalid: .*spec.clusterIPs\[0\]: Invalid value: "10.96.7.7": failed to allocate IP 10.96.7.7: provided IP is already allocated/,
    )
    assert.match(await refusal(create('far', { clusterIP: '192.168.0.1' })), /^422 Invalid: .*not in the valid range. The range of valid IPs is 10.96.0.0\/12/)
    assert.deepEqual((await create('headless', { clusterIP: 'None', selector: { a: 'b' } }))['spec'].clusterIPs, ['None'])
    await rig.api.delete(services('asked'))
    assert.equal((await create('asked-later', { clusterIP: '10.96.7.7' }))['spec'].clusterIP, '10.96.7.7')
  })

  it('keeps its address when an update leaves it out, and gives it up as ExternalName', async () => {
    const made = await create('kept', {})
    const { clusterIP, clusterIPs: _, ...spec } = made['spec']
    const updated = (await rig.api.update(services('kept'), { ...made, spec: { ...spec, selector: { a: 'b' } } } as never)) as Any
    assert.equal(updated['spec'].clusterIP, clusterIP)
    const named = (await rig.api.patch(services('kept'), { type: 'merge', body: { spec: { type: 'ExternalName', externalName: 'a.example' } } })) as Any
    assert.equal(named['spec'].clusterIP, undefined)
  })

  it('gets node ports of its own and keeps them', async () => {
    const made = await create('ports', {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    })
    const [a, b] = made['spec'].ports.map((port: { nodePort: number }) => port.nodePort)
    assert.ok(a >= 30000 && a <= 32767 && b >= 30000 && a !== b)
    const updated = (await rig.api.patch(services('ports'), {
      type: 'merge',
      body: {
        spec: {
          ports: [
            { name: 'a', port: 80 },
            { name: 'c', port: 82 },
          ],
        },
      },
    })) as Any
    assert.equal(updated['spec'].ports[0].nodePort, a)
    assert.match(
      await refusal(create('clash', { type: 'NodePort', ports: [{ port: 80, nodePort: a }] })),
      /^422 Invalid: .*nodePort: Invalid value: \d+: provided port is already allocated/,
    )
    assert.match(
      await refusal(create('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })),
      /^422 Invalid: .*The range of valid ports is 30000-32767/,
    )
  })
})
