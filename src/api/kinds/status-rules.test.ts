/** Statuses that nobody can have seen are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../meta/object.ts'
import { kindNamed, read } from './rules-testing.ts'

const BALANCED = { type: 'LoadBalancer', ports: [{ port: 80 }] }
const at = (...ingress: object[]) => ({ loadBalancer: { ingress } })
const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

const rows: readonly (readonly [kind: string, spec: object, status: object, ...wrong: string[]])[] = [
  ['Deployment@apps', {}, { replicas: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 }],
  [
    'Deployment@apps',
    {},
    { replicas: 1, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 3, terminatingReplicas: -1 },
    'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
  ],
  ['ReplicaSet@apps', {}, { replicas: 1, fullyLabeledReplicas: 2 }, 'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  ['ReplicationController', {}, { observedGeneration: -1 }, 'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0'],
  ['StatefulSet@apps', {}, { replicas: 1, availableReplicas: 1 }, 'status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas'],
  [
    'HorizontalPodAutoscaler@autoscaling',
    {},
    { currentReplicas: -1, desiredReplicas: 1 },
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['Service', BALANCED, at({ ip: '1.2.3.4' }, { hostname: 'a.b' })],
  ['Service', { ports: [{ port: 80 }] }, at({ ip: '1.2.3.4' }), "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
  [
    'Service',
    BALANCED,
    at({ ip: '1.2.3', ipMode: 'Else' }, { hostname: '1.2.3.4', ipMode: 'VIP' }),
    `status.loadBalancer.ingress[0].ip: Invalid value: "1.2.3": ${IP}`,
    'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Else": supported values: "Proxy", "VIP"',
    'status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
  ],
  ['Ingress@networking.k8s.io', {}, at({ ip: 'x' }), `status.loadBalancer.ingress[0].ip: Invalid value: "x": ${IP}`],
]

test('a status whose counts do not fit, or whose addresses are none, is refused', () => {
  const found = rows.map(([name, spec, status]) => {
    const kind = kindNamed(name)
    const old = read(kind, { spec }) as KubeObject
    const said = read(kind, { spec, status }, old)
    const draft = { ...said, status: structuredClone(status) }
    kind.defaults?.(draft as never)
    return [name, spec, status, ...(kind.validateStatusUpdate?.(draft as never, old, { now: 0, old }) ?? []).map(e => `${e.field}: ${e.message}`)]
  })
  assert.deepEqual(found, rows)
})
