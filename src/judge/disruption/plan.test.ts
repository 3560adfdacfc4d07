import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { aPod } from '../scheduling/terse-world.ts'
import { reportDisruption } from './plan.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const aBudget = (spec: Partial<PodDisruptionBudget['spec']>, status: PodDisruptionBudget['status'] = {}): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b', namespace: 'default', uid: 'b', resourceVersion: '1', creationTimestamp: '', generation: 3 },
  spec: { selector: { matchLabels: {} }, ...spec },
  status,
})
/** `a` ready, `a-` not ready, `a!` ready and terminating. */
const pods = (text: string): readonly Pod[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map(word => {
      const pod = aPod(word.replace(/[-!]$/, ''), { on: 'n1', terminating: word.endsWith('!') })
      return { ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: word.endsWith('-') ? 'False' : 'True' }] } }
    })
const ofFive = () => ({ uid: 'set', replicas: 5 })
const ofNobody = () => 'nobody controls it'

const rows: readonly (readonly [
  name: string,
  spec: Partial<PodDisruptionBudget['spec']>,
  pods: string,
  expected: string,
  scale?: typeof ofFive | typeof ofNobody,
])[] = [
  ['at least two of three', { minAvailable: 2 }, 'a b c', 'healthy 3/2 of 3, allows 1, SufficientPods'],
  ['at least two of two', { minAvailable: 2 }, 'a b', 'healthy 2/2 of 2, allows 0, InsufficientPods'],
  ['pods that are not ready, or going, do not count', { minAvailable: 1 }, 'a b- c!', 'healthy 1/1 of 3, allows 0, InsufficientPods'],
  ['a number needs no controller', { minAvailable: 1 }, 'a b', 'healthy 2/1 of 2, allows 1, SufficientPods', ofNobody],
  ['a share is of what the controller wants, rounded up', { minAvailable: '50%' }, 'a b c d', 'healthy 4/3 of 5, allows 1, SufficientPods'],
  ['at most one missing', { maxUnavailable: 1 }, 'a b c d', 'healthy 4/4 of 5, allows 0, InsufficientPods'],
  ['at most a share missing, rounded up', { maxUnavailable: '30%' }, 'a b c d', 'healthy 4/3 of 5, allows 1, SufficientPods'],
  ['a share of nobody knows what', { maxUnavailable: 1 }, 'a', 'healthy 0/0 of 0, allows 0, SyncFailed', ofNobody],
  ['no pods', { minAvailable: 0 }, '', 'healthy 0/0 of 0, allows 0, InsufficientPods'],
]
for (const [name, spec, text, expected, scale = ofFive] of rows) {
  test(`disruption budget: ${name}`, () => {
    const { status } = reportDisruption(aBudget(spec), pods(text), scale, NOW)
    const { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed, conditions, observedGeneration } = status
    assert.equal(`healthy ${currentHealthy}/${desiredHealthy} of ${expectedPods}, allows ${disruptionsAllowed}, ${conditions?.[0]?.reason}`, expected)
    assert.equal(observedGeneration, 3)
  })
}

test('an allowed eviction counts until the pod is seen going, or for two minutes', () => {
  const disruptedPods = { a: '2026-01-01T11:59:00Z', b: '2026-01-01T11:50:00Z', c: '2026-01-01T11:59:30Z', gone: '2026-01-01T11:59:59Z' }
  const { status, lookAgainAt } = reportDisruption(aBudget({ minAvailable: 1 }, { disruptedPods }), pods('a b c! d'), ofFive, NOW)
  assert.deepEqual(status.disruptedPods, { a: '2026-01-01T11:59:00Z' })
  assert.equal(status.currentHealthy, 2)
  assert.equal(status.disruptionsAllowed, 1)
  assert.equal(lookAgainAt, NOW + 60_000)
})
