import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseRuntime, type RuntimeQuestion } from './choose-runtime.ts'

const able: RuntimeQuestion = { runtime: 'auto', nodes: 3, root: true, linux: true, containerd: true }

test('auto takes containers where it can own an engine, else simulates and says so', () => {
  const cases: [Partial<RuntimeQuestion>, unknown][] = [
    [{}, { kind: 'containers' }],
    [{ nodes: 0 }, { kind: 'none' }],
    [{ runtime: 'processes', nodes: 1, root: false, containerd: false }, { kind: 'processes' }],
    [{ runtime: 'processes', nodes: 0 }, { kind: 'none' }],
    [{ runtime: 'simulated' }, { kind: 'simulated' }],
    [
      { cri: '/run/x.sock', nodes: 1 },
      { kind: 'engine', socket: '/run/x.sock' },
    ],
    [
      { cri: '/run/x.sock', nodes: 1, root: false },
      { kind: 'engine', socket: '/run/x.sock' },
    ],
  ]
  assert.deepEqual(
    cases.map(([change]) => chooseRuntime({ ...able, ...change })),
    cases.map(([, wanted]) => wanted),
  )
  const without = chooseRuntime({ ...able, root: false })
  assert.deepEqual(without, {
    kind: 'simulated',
    why: 'no container engine (containers need root): pods are simulated; --runtime processes would run their commands on this host',
  })
})

test('what cannot be is refused with the reason', () => {
  const cases: [Partial<RuntimeQuestion>, RegExp][] = [
    [{ runtime: 'containers', containerd: false }, /no containerd on the PATH/],
    [{ runtime: 'containers', linux: false }, /need Linux/],
    [{ cri: '/run/x.sock', nodes: 2 }, /one engine is one node/],
    [{ cri: '/run/x.sock', nodes: 1, runtime: 'simulated' }, /give one of them/],
    [{ runtime: 'processes', nodes: 2 }, /--nodes 2 with --runtime processes: the processes of a host are one node/],
    [{ runtime: 'processes', nodes: 1, cri: '/run/x.sock' }, /give one of them/],
    [{ runtime: 'processes', nodes: 1, linux: false }, /needs Linux/],
  ]
  for (const [change, message] of cases) assert.match((chooseRuntime({ ...able, ...change }) as { impossible: string }).impossible, message)
})
