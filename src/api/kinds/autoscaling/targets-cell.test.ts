import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { targetsCell } from './targets-cell.ts'

const cpu = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } })
const HALF = cpu({ type: 'Utilization', averageUtilization: 50 })
const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target: { averageValue: '5' } } }
const memory = { type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: { averageValue: '5Mi' } } }
const external = (target: object) => ({ type: 'External', external: { metric: { name: 'm' }, target } })
const object = (target: object) => ({ type: 'Object', object: { metric: { name: 'm' }, describedObject: { kind: 'K', name: 'n' }, target } })

const cells: readonly (readonly [metrics: readonly object[], seen: readonly object[], cell: string])[] = [
  [[], [], '<none>'],
  [[HALF], [], 'cpu: <unknown>/50%'],
  [[HALF], [{ resource: { current: { averageUtilization: 7, averageValue: '3m' } } }], 'cpu: 7%/50%'],
  [[cpu({ averageValue: '2' })], [{ resource: { current: { averageValue: '3m' } } }], 'cpu: 3m/2'],
  [[cpu({})], [], 'cpu: <unknown>/<auto>'],
  [[memory], [{ containerResource: { current: { averageValue: '3Mi' } } }], 'memory: 3Mi/5Mi'],
  [[HALF, pods], [{}, { pods: { current: { averageValue: '4' } } }], 'cpu: <unknown>/50%, 4/5'],
  [[external({ value: '5' }), object({ value: '6' })], [{ external: { current: { value: '1' } } }, { object: { current: { value: '2' } } }], '1/5, 2/6'],
  [[external({ averageValue: '5' }), object({ averageValue: '6' })], [], '<unknown>/5 (avg), <unknown>/6 (avg)'],
  [[HALF, pods, memory, HALF], [], 'cpu: <unknown>/50%, <unknown>/5 + 2 more...'],
]
for (const [metrics, currentMetrics, cell] of cells) {
  test(`the targets of an autoscaler are shown as ${cell}`, () => {
    assert.equal(targetsCell({ spec: { metrics }, status: { currentMetrics } } as unknown as HorizontalPodAutoscaler), cell)
  })
}
