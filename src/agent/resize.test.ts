import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { resizeOf, settleResize } from './resize.ts'

const asks = (cpu: string, memory = '1Gi') => ({ requests: { cpu, memory } })
const podOf = (wanted: object, held: object | undefined, extra: object = {}, name = 'p') =>
  ({
    metadata: { name, uid: name },
    spec: { containers: [{ name: 'c', resources: wanted, ...extra }] },
    status: { containerStatuses: [{ name: 'c', containerID: 'containerd://id', state: { running: {} }, ...(held && { resources: held }) }] },
  }) as unknown as Pod
const how = (pod: Pod, id = 'id') => resizeOf(pod, pod.spec.containers[0]!, id, {})
const node = { metadata: { name: 'n' }, spec: {}, status: { allocatable: { cpu: '2', memory: '4Gi', pods: '9' } } } as unknown as Node
const settle = (pod: Pod, others: readonly Pod[] = [], able = true) => {
  const settled = settleResize(pod, {}, () => ({ node, admitted: [pod, ...others], able }))
  return [settled.pod.spec.containers[0]?.resources?.requests?.['cpu'], settled.pending?.reason, settled.pending?.message]
}

describe('a change of resources', () => {
  it('is there when a running container is not held to what its spec says', () => {
    assert.equal(how(podOf(asks('2'), asks('1'))), 'in place')
    assert.equal(how(podOf(asks('1'), asks('1'))), undefined)
    assert.equal(how(podOf(asks('2'), undefined)), undefined, 'nobody knows what it is held to')
    assert.equal(how(podOf(asks('2'), asks('1')), 'next'), undefined, 'a new container has what its spec says')
  })

  it('restarts a container whose policy for that resource says so', () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    assert.equal(how(podOf(asks('1', '2Gi'), asks('1'), { resizePolicy })), 'by restart')
    assert.equal(how(podOf(asks('2'), asks('1'), { resizePolicy })), 'in place')
  })

  it('is done when the node has room beside the others', () => assert.deepEqual(settle(podOf(asks('1500m'), asks('1'))), ['1500m', undefined, undefined]))

  it('waits, and the container keeps what it has, when there is no room, can be none, or nobody can change it', () => {
    const other = podOf(asks('1'), asks('1'), {}, 'other')
    assert.deepEqual(settle(podOf(asks('1500m'), asks('1')), [other]), [
      '1',
      'Deferred',
      "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    ])
    assert.deepEqual(settle(podOf(asks('3'), asks('1'))), ['1', 'Infeasible', "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000"])
    assert.deepEqual(settle(podOf(asks('1500m'), asks('1')), [], false).slice(0, 2), ['1', 'Infeasible'])
  })
})
