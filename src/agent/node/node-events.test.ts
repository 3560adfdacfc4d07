import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeStatus } from '../../api/types/core/node.ts'
import { cordonEvent, nodeEvents } from './node-events.ts'

/** `MemoryPressure=False …`, and of which boot. */
const status = (words: string, bootID = 'b'): NodeStatus =>
  ({
    nodeInfo: { bootID },
    conditions: words
      .split(' ')
      .filter(Boolean)
      .map(word => {
        const [type, value] = word.split('=')
        return { type, status: value }
      }),
  }) as unknown as NodeStatus

const WELL = 'MemoryPressure=False DiskPressure=False PIDPressure=False Ready=True'

describe('what is told of a node', () => {
  const cases: readonly (readonly [says: string, before: NodeStatus, after: NodeStatus, begins: boolean, told: readonly string[]])[] = [
    [
      'at first: that it begins, and what it has enough of',
      status('', ''),
      status(WELL),
      true,
      ['Starting', 'NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'],
    ],
    ['as long as nothing changes: nothing', status(WELL), status(WELL), false, []],
    [
      'what it runs short of',
      status(WELL),
      status(WELL.replaceAll('False', 'True')),
      false,
      ['NodeHasInsufficientMemory', 'NodeHasDiskPressure', 'NodeHasInsufficientPID'],
    ],
    ['that it is not ready', status(WELL), status(WELL.replace('Ready=True', 'Ready=False')), false, ['NodeNotReady']],
    ['that it is ready again', status(WELL.replace('Ready=True', 'Ready=Unknown')), status(WELL), false, ['NodeReady']],
    ['that its machine was started anew', status(WELL), status(WELL, 'c'), false, ['Rebooted']],
  ]
  for (const [says, before, after, begins, told] of cases) {
    it(says, () =>
      assert.deepEqual(
        nodeEvents('n1', before, after, begins).map(({ reason }) => reason),
        told,
      ),
    )
  }
  it('is worded as by the kubelet', () => {
    const text = 'Node n1 has been rebooted, boot id: c'
    assert.deepEqual(nodeEvents('n1', status(''), status('', 'c'), false), [{ type: 'Warning', reason: 'Rebooted', message: text }])
    const message = 'Node n1 status is now: NodeNotSchedulable'
    assert.deepEqual(cordonEvent('n1', true), { type: 'Normal', reason: 'NodeNotSchedulable', message })
  })
})
