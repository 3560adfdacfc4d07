import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft } from '../../meta/object.ts'
import type { MessageOf } from '../../schema/build.ts'
import { decode } from '../../schema/decode.ts'
import { fill } from '../../schema/fill.ts'
import { Pod } from '../../types/core/pod.ts'
import { defaultPod, isLatest } from './pod-defaults.ts'

function read(spec: object): Pod {
  const { value } = decode(Pod as MessageOf<Pod>, { spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } }, { unknown: 'strict' })
  fill(Pod as MessageOf<Pod>, value)
  defaultPod(value as Draft<Pod>)
  return value as Pod
}

test('a pod that says only what runs gets everything else', () => {
  assert.deepEqual(read({}).spec, {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
})

for (const [image, latest] of [
  ['nginx', true],
  ['nginx:latest', true],
  ['nginx:1.25', false],
  ['localhost:5000/nginx', true],
  ['localhost:5000/nginx:1', false],
  ['nginx@sha256:0123', false],
  ['nginx:latest@sha256:0123', false],
  ['', false],
] as const) {
  test(`the image "${image}" is ${latest ? 'pulled always' : 'pulled once'}`, () => assert.equal(isLatest(image), latest))
}

test('probes, ports and volumes get what they do not say', () => {
  const { containers, volumes } = read({
    containers: [
      {
        name: 'c',
        image: 'a:1',
        ports: [{ containerPort: 80 }],
        livenessProbe: { httpGet: { port: 80 } },
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      },
    ],
    volumes: [{ name: 'a' }, { name: 'b', hostPath: { path: '/x' } }, { name: 'c', configMap: { name: 'm' } }, { name: 'd', image: { reference: 'i' } }],
  }).spec
  assert.deepEqual(containers[0]?.ports, [{ containerPort: 80, protocol: 'TCP' }])
  assert.deepEqual(containers[0]?.livenessProbe, {
    httpGet: { path: '/', port: 80, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
  assert.deepEqual(containers[0]?.env?.[0]?.valueFrom, { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } })
  assert.deepEqual(volumes, [
    { name: 'a', emptyDir: {} },
    { name: 'b', hostPath: { path: '/x', type: '' } },
    { name: 'c', configMap: { name: 'm', defaultMode: 420 } },
    { name: 'd', image: { reference: 'i', pullPolicy: 'Always' } },
  ])
})

test('requests come from limits, and host ports from the host network', () => {
  const { containers } = read({
    hostNetwork: true,
    containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '0.1u' } } }],
  }).spec
  assert.deepEqual(containers[0]?.resources, { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1m', memory: '1Gi' } })
  assert.equal(containers[0]?.ports?.[0]?.hostPort, 80)
})

test('a pod as a whole asks for what its containers ask for, or for its limits', () => {
  const { resources } = read({
    containers: ['a', 'b'].map(name => ({ name, image: 'i', resources: { requests: { cpu: '100m' } } })),
    resources: { limits: { cpu: '1', memory: '1Gi', constructor: '1' } },
  }).spec
  assert.deepEqual(resources?.requests, { cpu: '200m', memory: '1Gi', constructor: '1' })
})

test('the account of a pod is found under its old name too, and the new name wins', () => {
  const accounts = (spec: object) => {
    const { serviceAccount, serviceAccountName } = read(spec).spec
    return [serviceAccountName, serviceAccount]
  }
  assert.deepEqual(accounts({ serviceAccountName: 'a' }), ['a', 'a'])
  assert.deepEqual(accounts({ serviceAccount: 'b' }), ['b', 'b'])
  assert.deepEqual(accounts({ serviceAccountName: 'a', serviceAccount: 'b' }), ['a', 'a'])
  assert.deepEqual(accounts({}), [undefined, undefined])
})
