import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { parseFieldSelector } from '../registry/field-selector.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { NodeGraph } from './node-graph.ts'

const pod = (name: string, node: string, spec: Partial<Pod['spec']> = {}, annotations: Record<string, string> = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', annotations },
    spec: { containers: [], serviceAccountName: 'robot', nodeName: node, ...spec },
    status: {},
  }) as Pod

test("what a pod refers to is its node's from when it is bound", () => {
  const graph = new NodeGraph()
  const unbound = pod('p', '', { volumes: [{ name: 'v', secret: { secretName: 's' } }] })
  graph.setPod(unbound)
  assert.equal(graph.refers('n1', 'secret', 'ns', 's'), false)
  const bound = { ...unbound, spec: { ...unbound.spec, nodeName: 'n1' } }
  graph.setPod(bound)
  graph.setPod({ ...bound, status: { phase: 'Running' } })
  assert.deepEqual([graph.refers('n1', 'secret', 'ns', 's'), graph.nodeOf('ns', 'p')], [true, 'n1'])
  graph.removePod(bound)
  assert.deepEqual([graph.refers('n1', 'secret', 'ns', 's'), graph.nodeOf('ns', 'p')], [false, undefined])
})

test('an agent may do what its own node and the pods on it are about', () => {
  const graph = new NodeGraph()
  graph.setPod(pod('p1', 'n1', { volumes: [{ name: 'v', secret: { secretName: 's1' } }], imagePullSecrets: [{ name: 'pull' }] }))
  graph.setPod(
    pod('p2', 'n2', {
      containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'cm2', key: 'k' } } }], envFrom: [{ secretRef: { name: 's2' } }] }],
    }),
  )
  graph.setPod(pod('mirror', 'n1', { volumes: [{ name: 'v', secret: { secretName: 'not-mine' } }] }, { 'kubernetes.io/config.mirror': 'x' }))
  const authorizer = nodeAuthorizer(graph)
  const ask = (line: string): boolean => {
    const [verb = '', what = '', name, fieldSelector] = line.split(' ')
    const [path = '', group = ''] = what.split('@')
    const [resource = '', subresource] = path.split('/')
    const named = name === '-' ? undefined : name
    const namespace = resource === 'nodes' ? undefined : group === 'coordination.k8s.io' ? 'kube-node-lease' : 'ns'
    const decision = authorizer.authorize({
      user: { name: 'system:node:n1', groups: ['system:nodes'] },
      verb,
      group,
      version: 'v1',
      resource,
      subresource,
      namespace,
      name: named,
      fieldTerms: fieldSelector ? parseFieldSelector(fieldSelector) : undefined,
    })
    return !(decision instanceof Promise) && decision.allowed
  }
  const allowed = [
    'get secrets s1',
    'get secrets pull',
    'watch secrets s1',
    'create serviceaccounts/token robot',
    'list pods - spec.nodeName=n1',
    'get pods p1',
    'get pods gone',
    'patch pods/status p1',
    'delete pods p1',
    'create pods -',
    'create pods/eviction p1',
    'create nodes -',
    'patch nodes/status n1',
    'watch nodes - metadata.name=n1',
    'update leases@coordination.k8s.io n1',
    'create events -',
    'list services -',
    'get nodes@everynode.dev n1',
  ]
  const refused = [
    'get secrets s2',
    'get secrets not-mine',
    'get configmaps cm2',
    'list secrets -',
    'update secrets s1',
    'create serviceaccounts/token other',
    'get serviceaccounts robot',
    'list pods -',
    'list pods - spec.nodeName=n2',
    'list pods - spec.nodeName!=n1',
    'list pods - metadata.name!=x\\,spec.nodeName\\=n1',
    'watch nodes - metadata.name!=x\\,metadata.name\\=n1',
    'get pods p2',
    'patch pods/status p2',
    'update pods p1',
    'create pods/exec p1',
    'get nodes n2',
    'delete nodes n1',
    'patch nodes/status n2',
    'update leases@coordination.k8s.io n2',
    'create daemonsets@apps -',
    'get nodes@everynode.dev n2',
  ]
  assert.deepEqual({ refused: allowed.filter(line => !ask(line)), allowed: refused.filter(ask) }, { refused: [], allowed: [] })
})

test('a reference ends with the last pod that made it', () => {
  const graph = new NodeGraph()
  const volumes = [{ name: 'v', secret: { secretName: 's' } }]
  graph.setPod(pod('a', 'n1', { volumes }))
  graph.setPod(pod('b', 'n1', { volumes }))
  graph.setPod(pod('b', 'n1', { volumes }))
  graph.removePod(pod('a', 'n1'))
  assert.equal(graph.refers('n1', 'secret', 'ns', 's'), true)
  graph.removePod(pod('b', 'n1'))
  assert.equal(graph.refers('n1', 'secret', 'ns', 's'), false)
})

test('a pod that has taken the name of another is where it is, in whatever order one hears of both', () => {
  const graph = new NodeGraph()
  const before = pod('p', 'n1')
  graph.setPod(before)
  graph.setPod({ ...pod('p', 'n2'), metadata: { ...before.metadata, uid: 'later' } })
  graph.removePod(before)
  assert.equal(graph.nodeOf('ns', 'p'), 'n2')
})
