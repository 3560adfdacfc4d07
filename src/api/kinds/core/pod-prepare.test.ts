import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../../base/freeze.ts'
import type { Draft } from '../../meta/object.ts'
import type { Pod } from '../../types/core/pod.ts'
import { preparePodForCreate } from './pod-prepare.ts'

/** The parts of its spec are frozen, as those are that other pods have too. */
function pod(metadata: object, spec: object): Draft<Pod> {
  const parts = deepFreeze({ containers: [{ name: 'c' }], ...spec })
  return { metadata, spec: { ...parts }, status: { phase: 'Running' } } as Draft<Pod>
}

test('a new pod waits, whatever the client says of its status, and tells its quality of service', () => {
  const plain = pod({}, {})
  preparePodForCreate(plain)
  assert.deepEqual(plain.status, { phase: 'Pending', qosClass: 'BestEffort' })
  const bounded = pod({}, { containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } } }] })
  preparePodForCreate(bounded)
  assert.equal(bounded.status.qosClass, 'Guaranteed')
})

test('a pod that gates hold back says so from the start', () => {
  const gated = pod({}, { schedulingGates: [{ name: 'g' }] })
  preparePodForCreate(gated)
  assert.deepEqual(
    gated.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [['PodScheduled', 'False', 'SchedulingGated']],
  )
})

test('keys of the pod’s own labels become expressions of its selectors', () => {
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { a: 'b' } },
    matchLabelKeys: ['hash', 'gone', 'constructor'],
    mismatchLabelKeys: ['tenant'],
  }
  const spread = pod({ labels: { hash: '1', tenant: 't' } }, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })
  preparePodForCreate(spread)
  assert.deepEqual(spread.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector?.matchExpressions, [
    { key: 'hash', operator: 'In', values: ['1'] },
    { key: 'tenant', operator: 'NotIn', values: ['t'] },
  ])
})

test('a profile named by an annotation becomes a field, unless one is said', () => {
  const key = (name: string) => `container.apparmor.security.beta.kubernetes.io/${name}`
  const confined = pod(
    { annotations: { [key('c')]: 'localhost/mine', [key('d')]: 'unconfined' } },
    { containers: [{ name: 'c' }, { name: 'd', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] },
  )
  preparePodForCreate(confined)
  assert.deepEqual(
    confined.spec.containers.map(c => c.securityContext?.appArmorProfile),
    [{ type: 'Localhost', localhostProfile: 'mine' }, { type: 'RuntimeDefault' }],
  )
})
