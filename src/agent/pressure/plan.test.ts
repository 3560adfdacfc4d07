import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { type Pressures, planEviction, pressuresOf } from './plan.ts'

const MIB = 1024 * 1024
const NONE: Pressures = { memoryPressure: false, diskPressure: false, pidPressure: false }
const MEMORY = { ...NONE, memoryPressure: true }

/** `name priority requestMi usedMi`. */
function world(...lines: readonly string[]) {
  const rows = lines.map(line => line.split(' '))
  const pods = rows.map(
    ([name = '', priority, request]) =>
      ({
        metadata: { name, uid: name, ...(name.startsWith('static') && { annotations: { 'kubernetes.io/config.source': 'file' } }) },
        spec: { priority: Number(priority), containers: [{ name: 'c', resources: { requests: { memory: `${request}Mi` } } }] },
        status: {},
      }) as unknown as Pod,
  )
  return [pods, new Map(rows.map(([name = '', , , used]) => [name, { memoryBytes: Number(used) * MIB, diskBytes: 0 }]))] as const
}

describe('eviction', () => {
  const cases: readonly (readonly [string, Pressures, readonly string[], string | undefined])[] = [
    ['nothing presses: nobody', NONE, ['a 0 0 100'], undefined],
    ['who uses more than asked for goes first', MEMORY, ['modest 0 100 90', 'greedy 5 100 110'], 'greedy'],
    ['of those the lowest priority', MEMORY, ['high 5 0 500', 'low 1 0 10'], 'low'],
    ['then the one furthest over', MEMORY, ['little 0 10 20', 'much 0 100 300'], 'much'],
    ['critical and static pods stay', MEMORY, ['critical 2000000000 0 900', 'static 0 0 900'], undefined],
  ]
  for (const [name, pressures, lines, expected] of cases) it(name, () => assert.equal(planEviction(pressures, ...world(...lines))?.uid, expected))

  it('says what was low, used and asked for', () =>
    assert.equal(planEviction(MEMORY, ...world('a 0 1 2'))?.message, 'The node was low on resource: memory. Pod was using 2048Ki, request is 1024Ki.'))

  it('begins below upstream’s thresholds', () => {
    const plenty = { memoryAvailableBytes: 100 * MIB, diskFree: 0.1, inodesFree: 0.05, pidsFree: 0.1 }
    assert.deepEqual(pressuresOf(plenty), NONE)
    assert.deepEqual(pressuresOf({ ...plenty, memoryAvailableBytes: 99 * MIB, inodesFree: 0.04 }), {
      memoryPressure: true,
      diskPressure: true,
      pidPressure: false,
    })
  })
})
