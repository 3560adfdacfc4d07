import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { NodeGraph } from './node-graph.ts'

/** Pods of one template: their containers are the same list. */
const containers = [{ name: 'main', envFrom: [{ secretRef: { name: 'env' } }] }]
const pod = (name: string, node: string, spec: object = {}, namespace = 'default') =>
  ({ metadata: { name, namespace, uid: `uid-${namespace}-${name}` }, spec: { nodeName: node, containers, ...spec }, status: {} }) as unknown as Pod

it('knows what each pod refers to, whatever else it has in common with others', () => {
  const graph = new NodeGraph()
  const volumes = [{ name: 'v', configMap: { name: 'settings' } }]
  const ephemeral = [{ name: 'data', ephemeral: {} }]
  graph.setPod(pod('a', 'n1', { volumes }))
  graph.setPod(pod('b', 'n2', { volumes }))
  graph.setPod(pod('c', 'n3', { volumes }, 'other'))
  graph.setPod(pod('d', 'n4'))
  graph.setPod(pod('e', 'n5', { serviceAccountName: 'robot' }))
  graph.setPod(pod('f', 'n6', { volumes: ephemeral }))
  graph.setPod(pod('g', 'n7', { volumes: ephemeral }))
  const readers = (kind: 'secret' | 'configmap' | 'serviceaccount' | 'persistentvolumeclaim', name: string, namespace = 'default') =>
    ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'].filter(node => graph.refers(node, kind, namespace, name)).join(' ')
  assert.equal(readers('secret', 'env'), 'n1 n2 n4 n5 n6 n7')
  assert.equal(readers('secret', 'env', 'other'), 'n3')
  assert.equal(readers('configmap', 'settings'), 'n1 n2')
  assert.equal(readers('configmap', 'settings', 'other'), 'n3')
  assert.equal(readers('serviceaccount', 'robot'), 'n5')
  assert.equal(readers('persistentvolumeclaim', 'f-data'), 'n6')
  assert.equal(readers('persistentvolumeclaim', 'g-data'), 'n7')
  graph.removePod(pod('b', 'n2', { volumes }))
  assert.equal(readers('configmap', 'settings'), 'n1')
})
