import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DaemonSet } from '../types/apps/daemon-set.ts'
import { Node } from '../types/core/node.ts'
import { Pod } from '../types/core/pod.ts'
import { decode } from './decode.ts'
import { fill } from './fill.ts'

const filledPod = (spec: unknown) => {
  const { value } = decode(Pod, { spec }, { unknown: 'strict' })
  fill(Pod, value)
  return value.spec
}

test('metadata, spec and status of a kind and the numbers of its status are always there', () => {
  const { value } = decode(DaemonSet, {}, { unknown: 'strict' })
  fill(DaemonSet, value)
  assert.deepEqual(value.status, { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 })
  assert.deepEqual(value.metadata, {})
  assert.equal(value.spec?.selector, undefined, 'a selector that nobody gave is not an empty one')
  assert.deepEqual(value.spec?.template.spec?.containers, [])
})

test('defaults stand where nothing or an unsaid zero was given', () => {
  const spec = filledPod({
    dnsPolicy: '',
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'a', livenessProbe: { timeoutSeconds: 0, httpGet: { port: 80 } }, ports: [{ containerPort: 1 }] }],
    volumes: [{ name: 'v', configMap: { defaultMode: 0 } }],
  })
  assert.equal(spec?.dnsPolicy, 'ClusterFirst')
  assert.equal(spec?.terminationGracePeriodSeconds, 0)
  assert.deepEqual(spec?.containers[0]?.livenessProbe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
  })
  assert.deepEqual(spec?.containers[0]?.ports, [{ containerPort: 1, protocol: 'TCP' }])
  assert.deepEqual(spec?.volumes, [{ name: 'v', configMap: { defaultMode: 0 } }])
})

test('filling twice changes nothing, and no two drafts share a default', () => {
  const one = filledPod({ containers: [{ name: 'a' }] })
  const two = filledPod(JSON.parse(JSON.stringify(one)))
  assert.deepEqual(two, one)
  assert.notEqual(filledPod({ containers: [] })?.securityContext, filledPod({ containers: [] })?.securityContext)
})

test('the system info of a node is written with empty strings', () => {
  const { value } = decode(Node, { status: { nodeInfo: { kubeletVersion: 'v1' } } }, { unknown: 'strict' })
  fill(Node, value)
  assert.equal(value.status?.nodeInfo?.osImage, '')
  assert.deepEqual(value.status?.daemonEndpoints, { kubeletEndpoint: { Port: 0 } })
})
