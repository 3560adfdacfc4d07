import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from '../../base/freeze.ts'
import { isStatus } from '../meta/status.ts'
import type { Message } from '../schema/build.ts'
import { DaemonSet } from '../types/apps/daemon-set.ts'
import { Deployment } from '../types/apps/deployment.ts'
import { Pod } from '../types/core/pod.ts'
import { Service } from '../types/core/service.ts'
import { strategicMergePatch } from './strategic.ts'

const names = (...list: string[]) => list.map(name => ({ name }))
const patched = (live: unknown, patch: unknown, message: Message = Pod) => strategicMergePatch(deepFreeze(live), deepFreeze(patch), message)
const containers = (live: unknown[], patch: object) => (patched({ spec: { containers: live } }, { spec: patch }).spec as { containers: unknown }).containers
const refusal = (live: unknown, patch: unknown, message: Message = Pod) => {
  try {
    patched(live, patch, message)
  } catch (error) {
    if (isStatus(error)) return `${error.code} ${error.message}`
    throw error
  }
  return 'applied'
}

test('maps merge, null deletes, and nulls of what is new are dropped', () => {
  assert.deepEqual(patched({ metadata: { labels: { a: '1', b: '2' } } }, { metadata: { labels: { a: null, c: '3', d: null }, annotations: { x: null } } }), {
    metadata: { labels: { b: '2', c: '3' }, annotations: {} },
  })
})

test('a list with a merge key merges element by element; what is new comes before what the patch does not name', () => {
  assert.deepEqual(containers([{ name: 'a', image: '1' }, { name: 'b' }], { containers: [{ name: 'b', image: '2' }] }), [
    { name: 'a', image: '1' },
    { name: 'b', image: '2' },
  ])
  assert.deepEqual(containers(names('a', 'b'), { containers: names('c') }), names('c', 'a', 'b'))
  assert.deepEqual(containers(names('a', 'b', 'c'), { containers: names('c', 'a') }), names('b', 'c', 'a'))
})

test('$setElementOrder decides, and what only the server has keeps its place', () => {
  const cases: [string[], string[], string[], string[]][] = [
    // live, patch, order, result
    [['a', 'b'], ['c'], ['a', 'b', 'c'], ['a', 'b', 'c']],
    [['a', 'b'], ['c'], ['c', 'b', 'a'], ['c', 'b', 'a']],
    [['a', 'x', 'b'], [], ['b', 'a'], ['x', 'b', 'a']],
    [['a', 'b', 'x'], ['c'], ['a', 'c', 'b'], ['a', 'c', 'b', 'x']],
  ]
  for (const [live, patch, order, result] of cases) {
    const body = { ...(patch.length > 0 && { containers: names(...patch) }), '$setElementOrder/containers': names(...order) }
    assert.deepEqual(containers(names(...live), body), names(...result))
  }
})

test('directives of lists: delete an element, replace the list', () => {
  assert.deepEqual(containers(names('a', 'b'), { containers: [{ $patch: 'delete', name: 'a' }] }), names('b'))
  assert.deepEqual(containers(names('a', 'b'), { containers: [{ name: 'c' }, { $patch: 'replace' }] }), names('c'))
  assert.deepEqual(
    containers(names('a', 'b'), { containers: [{ $patch: 'delete', name: 'a' }, { name: 'c' }], '$setElementOrder/containers': names('b', 'c') }),
    names('b', 'c'),
  )
})

test('directives of maps: replace takes the rest of the patch, delete empties', () => {
  const live = { spec: { minReadySeconds: 1, template: { metadata: { labels: { a: '1' } }, spec: { hostNetwork: true } } } }
  assert.deepEqual(patched(live, { spec: { template: { $patch: 'replace', spec: { hostPID: true } } } }, DaemonSet), {
    spec: { minReadySeconds: 1, template: { spec: { hostPID: true } } },
  })
  assert.deepEqual(patched(live, { spec: { template: { $patch: 'delete' } } }, DaemonSet), { spec: { minReadySeconds: 1, template: {} } })
})

test('$retainKeys drops what it does not list', () => {
  const live = { spec: { volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }], strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
  assert.deepEqual(
    patched({ spec: { volumes: live.spec.volumes } }, { spec: { volumes: [{ name: 'v', hostPath: { path: '/' }, $retainKeys: ['name', 'hostPath'] }] } }),
    {
      spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    },
  )
  assert.deepEqual(patched({ spec: { strategy: live.spec.strategy } }, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, Deployment), {
    spec: { strategy: { type: 'Recreate' } },
  })
})

test('lists of scalars with strategy merge are united, and $deleteFromPrimitiveList takes out', () => {
  const live = { metadata: { finalizers: ['a', 'b'] } }
  assert.deepEqual(patched(live, { metadata: { finalizers: ['b', 'c'] } }), { metadata: { finalizers: ['a', 'b', 'c'] } })
  assert.deepEqual(patched(live, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['b'] } }), {
    metadata: { finalizers: ['b'] },
  })
})

test('lists without a strategy are replaced', () => {
  assert.deepEqual(patched({ spec: { tolerations: [{ key: 'a' }] } }, { spec: { tolerations: [{ key: 'b' }] } }), { spec: { tolerations: [{ key: 'b' }] } })
})

test('where the merge key is not unique only the first match changes', () => {
  const ports = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ]
  assert.deepEqual(patched({ spec: { ports } }, { spec: { ports: [{ port: 53, name: 'dns' }] } }, Service), {
    spec: { ports: [{ port: 53, protocol: 'UDP', name: 'dns' }, ports[1]] },
  })
})

test('what kubectl cannot mean is refused, naming what is wrong', () => {
  const live = { spec: { containers: names('a') } }
  const cases: [unknown, RegExp][] = [
    ['x', /^400 .*must be a JSON object/],
    [{ spec: { containers: [{ image: 'x' }] } }, /^400 .*does not contain declared merge key: name \(in containers\)/],
    [{ spec: { containers: ['a'] } }, /^400 .*expected a map with the merge key name/],
    [{ spec: { containers: [[]] } }, /^422 .*lists of lists/],
    [{ spec: { $patch: 'swap' } }, /^400 .*unknown patch type "swap"/],
    [{ spec: { containers: names('b'), '$setElementOrder/containers': names('a') } }, /^400 .*doesn't match the \$setElementOrder\/containers list/],
    [{ spec: { $retainKeys: ['hostPID'], hostNetwork: true } }, /^422 .*\$retainKeys/],
    [{ spec: { '$deleteFromPrimitiveList/x': 1 } }, /^400 .*must be a list/],
  ]
  for (const [patch, refused] of cases) assert.match(refusal(live, patch), refused)
})

test('for distinct names, the result holds each name once and merging again changes nothing', () => {
  const list = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'))
  fc.assert(
    fc.property(list, list, list, (live, patch, extra) => {
      const order = [...patch, ...extra.filter(name => !patch.includes(name))]
      const body = { containers: names(...patch), '$setElementOrder/containers': names(...order) }
      const once = containers(names(...live), body) as { name: string }[]
      assert.deepEqual(new Set(once.map(c => c.name)), new Set([...live, ...patch]))
      assert.deepEqual(
        once.map(c => c.name).filter(name => order.includes(name)),
        order.filter(name => once.some(c => c.name === name)),
      )
      assert.deepEqual(containers(once, body), once)
    }),
  )
})
