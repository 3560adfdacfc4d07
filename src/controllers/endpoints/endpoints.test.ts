import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoints } from '../../api/types/core/endpoints.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import { aPod } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runEndpointsController } from './endpoints-controller.ts'
import { runEndpointSlicesController } from './slices-controller.ts'

const putService = (world: ControllerWorld, name: string, selector: Readonly<Record<string, string>> | undefined = { app: 'a' }) =>
  world.api.put('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ...(selector && { selector }), ports: [{ port: 80 }] },
    status: {},
  })
const putPod = (world: ControllerWorld, name: string, ip: string, ready = true) => {
  const pod = aPod(name, { on: 'n1', labels: { app: 'a' } })
  world.api.put('pods', {
    ...pod,
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
}
const seen = (world: ControllerWorld) => {
  const endpoints = [...world.api.all('endpoints').values()] as unknown as Endpoints[]
  const slices = [...world.api.all('endpointslices').values()] as unknown as EndpointSlice[]
  return {
    endpoints: endpoints.map(({ metadata, subsets }) => `${metadata.name}: ${(subsets ?? []).flatMap(({ addresses }) => addresses ?? []).map(({ ip }) => ip)}`),
    slices: slices.map(
      ({ metadata, endpoints }) =>
        `${metadata.name.slice(0, 4)}: ${(endpoints ?? []).filter(({ conditions }) => conditions?.ready).map(({ addresses }) => addresses[0])}`,
    ),
  }
}

test('endpoints follow the pods of their Service, and go with it', () =>
  inWorld(async (world, start) => {
    start(runEndpointsController(world))
    start(runEndpointSlicesController(world))
    putService(world, 'svc')
    world.api.put('services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'by-hand', namespace: 'default' }, spec: {}, status: {} })
    putPod(world, 'a', '10.1.0.1')
    putPod(world, 'b', '10.1.0.2')
    await world.settle()
    assert.deepEqual(seen(world), { endpoints: ['svc: 10.1.0.1,10.1.0.2'], slices: ['svc-: 10.1.0.1,10.1.0.2'] })
    putPod(world, 'a', '10.1.0.1', false)
    await world.settle()
    assert.deepEqual(seen(world), { endpoints: ['svc: 10.1.0.2'], slices: ['svc-: 10.1.0.2'] })
    const writes = world.api.lines.length
    putPod(world, 'a', '10.1.0.1', false)
    await world.settle()
    assert.equal(world.api.lines.length, writes, 'nothing new, nothing written')
    world.api.drop('services', 'default/svc')
    await world.settle()
    assert.deepEqual(seen(world).endpoints, [])
  }))

test('endpoints changed by hand come back', () =>
  inWorld(async (world, start) => {
    start(runEndpointsController(world))
    putService(world, 'svc')
    putPod(world, 'a', '10.1.0.1')
    await world.settle()
    world.api.drop('endpoints', 'default/svc')
    await world.settle()
    assert.deepEqual(seen(world).endpoints, ['svc: 10.1.0.1'])
  }))
