import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pod } from '../types/core/pod.ts'
import { restoreUnsaid } from './unsaid.ts'

test('zeros that an object was stored with come back, and nothing else', () => {
  const old = {
    spec: {
      hostNetwork: false,
      hostname: '',
      priority: 0,
      nodeName: 'n',
      containers: [
        { name: 'a', tty: false },
        { name: 'b', stdin: false, image: 'x' },
      ],
      tolerations: [{ key: '', operator: 'Exists' }],
    },
  }
  const draft = { spec: { containers: [{ name: 'b' }, { name: 'c' }], tolerations: [{ operator: 'Exists' }] } }
  restoreUnsaid<object>(Pod, draft, old)
  assert.deepEqual(draft, {
    spec: { hostNetwork: false, hostname: '', containers: [{ name: 'b', stdin: false }, { name: 'c' }], tolerations: [{ key: '', operator: 'Exists' }] },
  })
})

test('a part that is frozen stays as it is', () => {
  const draft = { spec: { containers: Object.freeze([Object.freeze({ name: 'a' })]) } }
  restoreUnsaid<object>(Pod, draft, { spec: { hostNetwork: false, containers: [{ name: 'a', tty: false }] } })
  assert.deepEqual(draft, { spec: { hostNetwork: false, containers: [{ name: 'a' }] } })
})
