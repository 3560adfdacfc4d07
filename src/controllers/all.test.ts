import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KINDS } from '../api/kinds/all.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { aNode } from '../judge/scheduling/terse-world.ts'
import { runControllers } from './all.ts'
import { inWorld } from './testing/world.ts'

test('together, under names of their own, the controllers bring a Deployment to a node; one that fails is started again', () =>
  inWorld(async (world, start) => {
    const users: string[] = []
    let attempts = 0
    const more = {
      'clumsy-controller': async () => {
        attempts++
        if (attempts < 3) throw new Error('stumbled')
      },
    }
    const apiAs = (user: string) => {
      users.push(user)
      return world.api
    }
    const { clock, log, signal, informers } = world
    start(runControllers({ apiAs, clock, log, signal, informers, kinds: KINDS, certificate: 'PEM', more }))
    world.api.put('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {}, status: {} })
    const node = aNode('n1')
    world.api.put('nodes', { ...node, status: { ...node.status, conditions: [{ type: 'Ready', status: 'True' }] } })
    world.api.put('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', generation: 1 },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
      status: {},
    })
    await world.pass(11_000)
    assert.deepEqual(
      [...world.api.all('pods').values()].map(pod => (pod as Pod).spec.nodeName),
      ['n1'],
    )
    assert.ok(world.api.all('serviceaccounts').has('default/default'))
    assert.equal(attempts, 3)
    assert.equal(users.filter(user => user === 'system:kube-scheduler').length, 1)
    assert.ok(users.includes('system:serviceaccount:kube-system:clumsy-controller'))
  }))
