import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft, KubeObject } from '../../meta/object.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { autoscalingV1 } from './v1.ts'

const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }
const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }
const stored = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a', annotations: { mine: 'x' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd' },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [cpu, memory],
    behavior: { scaleUp: { selectPolicy: 'Max' } },
  },
  status: { desiredReplicas: 0, currentReplicas: 0 },
} as unknown as HorizontalPodAutoscaler

test('autoscaling/v1 shows cpu as a field and the rest as annotations, and reads both back', () => {
  const shown = autoscalingV1.fromStored(stored)
  assert.deepEqual((shown as unknown as { spec: object }).spec, {
    scaleTargetRef: { kind: 'Deployment', name: 'd' },
    minReplicas: 1,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 70,
  })
  assert.deepEqual(autoscalingV1.toStored(structuredClone(shown) as Draft<KubeObject>), stored)
})

test('an annotation that is no JSON is left out', () => {
  const shown = structuredClone(autoscalingV1.fromStored(stored)) as Draft<KubeObject>
  shown.metadata.annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '{' }
  assert.deepEqual((autoscalingV1.toStored(shown) as unknown as HorizontalPodAutoscaler).spec.metrics, [cpu])
})
