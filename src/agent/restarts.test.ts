import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterEnd } from './restarts.ts'

test('what becomes of a container that ended is decided by rules on its exit code, then its own policy, then the pod’s', () => {
  const rule = (operator: string, values: readonly number[], action = 'Restart') => ({ action, exitCodes: { operator, values } })
  const cases: [pod: string | undefined, container: object, exitCode: number, wanted: string][] = [
    [undefined, {}, 0, 'restart'],
    ['OnFailure', {}, 0, 'stay'],
    ['OnFailure', {}, 1, 'restart'],
    ['Never', {}, 1, 'stay'],
    ['Never', { restartPolicy: 'Always' }, 0, 'restart'],
    ['Always', { restartPolicy: 'Never' }, 1, 'stay'],
    ['Always', { restartPolicy: 'OnFailure' }, 0, 'stay'],
    ['Never', { restartPolicy: 'Never', restartPolicyRules: [rule('In', [42])] }, 42, 'restart'],
    ['Never', { restartPolicy: 'Never', restartPolicyRules: [rule('In', [42])] }, 1, 'stay'],
    ['Never', { restartPolicy: 'Never', restartPolicyRules: [rule('NotIn', [0, 1])] }, 2, 'restart'],
    ['Never', { restartPolicy: 'Never', restartPolicyRules: [rule('In', [1]), rule('NotIn', [0], 'RestartAllContainers')] }, 7, 'all'],
    ['Never', { restartPolicy: 'Never', restartPolicyRules: [rule('In', [1]), rule('NotIn', [0], 'RestartAllContainers')] }, 1, 'restart'],
  ]
  for (const [restartPolicy, container, exitCode, wanted] of cases) {
    const spec = { containers: [], ...(restartPolicy && { restartPolicy }) }
    assert.equal(afterEnd(spec, { name: 'c', ...container }, exitCode), wanted)
  }
})
