import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type EnvironmentSources, environmentOf } from './environment.ts'
import { expand } from './expand.ts'
import { serviceVariables } from './services.ts'

const pod = {
  metadata: { name: 'p', namespace: 'ns', uid: 'u', labels: { app: 'x' } },
  spec: { nodeName: 'n1', containers: [] },
  status: {},
} as unknown as Pod
const base64 = (text: string) => Buffer.from(text).toString('base64')
const sources: EnvironmentSources = {
  pod,
  podIPs: ['10.0.0.1', 'fd00::1'],
  hostIPs: ['192.0.2.1'],
  allocatable: { cpu: '4', memory: '8Gi' },
  configMap: name => (name === 'cm' ? ({ data: { A: '1', B: '$(A)', 'ab\u00e9': 'x' } } as never) : undefined),
  secret: name => (name === 's' ? ({ data: { P: base64('hush') } } as never) : undefined),
  services: { KUBERNETES_SERVICE_HOST: '192.0.2.9' },
}
const env = (container: Partial<Container>) => Object.fromEntries(environmentOf({ name: 'c', ...container }, sources).variables)

describe('expansion', () => {
  const known = (name: string) => ({ A: '1', B: '' })[name]
  for (const [text, expected] of [
    ['$(A)', '1'],
    ['x$(A)y$(B)z', 'x1yz'],
    ['$(NOBODY)', '$(NOBODY)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$A $', '$A $'],
    ['$(A', '$(A'],
  ] as const) {
    it(`makes ${expected} of ${text}`, () => assert.equal(expand(text, known), expected))
  }
})

describe('a container’s environment', () => {
  it('takes envFrom first, then env in order, then the services', () => {
    assert.deepEqual(env({ envFrom: [{ configMapRef: { name: 'cm' } }, { prefix: 'X_', secretRef: { name: 's' } }], env: [{ name: 'A', value: '2' }] }), {
      A: '2',
      B: '$(A)',
      X_P: 'hush',
      KUBERNETES_SERVICE_HOST: '192.0.2.9',
    })
  })
  it('names the keys that cannot be variables', () => {
    assert.deepEqual(environmentOf({ name: 'c', envFrom: [{ configMapRef: { name: 'cm' } }] }, sources).skipped, ['ab\u00e9'])
  })
  it('expands only what came before', () => {
    const list = [
      { name: 'X', value: '$(Y)' },
      { name: 'Y', value: 'y' },
      { name: 'Z', value: '$(Y)@$(KUBERNETES_SERVICE_HOST)' },
    ]
    assert.deepEqual(env({ env: list }), { X: '$(Y)', Y: 'y', Z: 'y@192.0.2.9', KUBERNETES_SERVICE_HOST: '192.0.2.9' })
  })
  for (const [path, expected] of [
    ['metadata.name', 'p'],
    ["metadata.labels['app']", 'x'],
    ["metadata.annotations['none']", ''],
    ['spec.nodeName', 'n1'],
    ['status.hostIP', '192.0.2.1'],
    ['status.podIPs', '10.0.0.1,fd00::1'],
  ] as const) {
    it(`knows ${path}`, () => assert.equal(env({ env: [{ name: 'V', valueFrom: { fieldRef: { fieldPath: path } } }] })['V'], expected))
  }
  for (const [resource, divisor, expected] of [
    ['limits.cpu', '1', '1'],
    ['limits.cpu', '1m', '250'],
    ['requests.cpu', '1', '1'],
    ['limits.memory', '1Mi', '8192'],
    ['requests.memory', '1Mi', '0'],
  ] as const) {
    it(`gives ${resource} in units of ${divisor}`, () => {
      const container = { name: 'c', resources: { limits: { cpu: '250m' } }, env: [{ name: 'V', valueFrom: { resourceFieldRef: { resource, divisor } } }] }
      assert.equal(env(container)['V'], expected)
    })
  }
  for (const [what, valueFrom, message] of [
    ['a config map', { configMapKeyRef: { name: 'none', key: 'A' } }, 'configmap "none" not found'],
    ['a key', { configMapKeyRef: { name: 'cm', key: 'C' } }, "couldn't find key C in ConfigMap ns/cm"],
    ['a secret', { secretKeyRef: { name: 'none', key: 'A' } }, 'secret "none" not found'],
  ] as const) {
    it(`refuses to start without ${what}, unless it is optional`, () => {
      assert.throws(() => env({ env: [{ name: 'V', valueFrom }] }), { reason: 'CreateContainerConfigError', message })
      const [[kind, reference] = ['', {}]] = Object.entries(valueFrom)
      assert.equal(env({ env: [{ name: 'V', valueFrom: { [kind]: { ...reference, optional: true } } }] })['V'], undefined)
    })
  }
})

describe('service variables', () => {
  it('name the API and every service with an address', () => {
    const service = (name: string, clusterIP: string) =>
      ({ metadata: { name, namespace: 'ns' }, spec: { clusterIP, ports: [{ name: 'web', port: 80, protocol: 'TCP' }] } }) as never
    assert.deepEqual(serviceVariables({ host: 'fd00::9', port: 6443 }, [service('my-db', '10.96.0.7'), service('none', 'None')]), {
      MY_DB_SERVICE_HOST: '10.96.0.7',
      MY_DB_SERVICE_PORT: '80',
      MY_DB_SERVICE_PORT_WEB: '80',
      MY_DB_PORT: 'tcp://10.96.0.7:80',
      MY_DB_PORT_80_TCP: 'tcp://10.96.0.7:80',
      MY_DB_PORT_80_TCP_PROTO: 'tcp',
      MY_DB_PORT_80_TCP_PORT: '80',
      MY_DB_PORT_80_TCP_ADDR: '10.96.0.7',
      KUBERNETES_SERVICE_HOST: 'fd00::9',
      KUBERNETES_SERVICE_PORT: '6443',
      KUBERNETES_SERVICE_PORT_HTTPS: '6443',
      KUBERNETES_PORT: 'tcp://[fd00::9]:6443',
      KUBERNETES_PORT_6443_TCP: 'tcp://[fd00::9]:6443',
      KUBERNETES_PORT_6443_TCP_PROTO: 'tcp',
      KUBERNETES_PORT_6443_TCP_PORT: '6443',
      KUBERNETES_PORT_6443_TCP_ADDR: 'fd00::9',
    })
  })
})
