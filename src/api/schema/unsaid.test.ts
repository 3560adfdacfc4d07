import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pod } from '../types/core/pod.ts'
import { restoreUnsaid, withoutUnsaid } from './unsaid.ts'

test('zeros that a Go client drops come back, and nothing else', () => {
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

test('what is spelled out to be nothing can be left out, but where zero says something', () => {
  const spec = { hostNetwork: false, priority: 0, automountServiceAccountToken: false, containers: [{ name: '', tty: false, stdin: true }] }
  assert.deepEqual(withoutUnsaid(Pod, { spec, other: 0 }), {
    spec: { priority: 0, automountServiceAccountToken: false, containers: [{ name: '', stdin: true }] },
    other: 0,
  })
})
