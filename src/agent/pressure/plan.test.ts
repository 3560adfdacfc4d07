import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { refusedByPressure } from './admit.ts'
import { heldPressures } from './held.ts'
import type { LocalStorage } from './local-storage.ts'
import { type Pressures, planEviction, pressuresOf, type Shortfall, shortfallsOf, usageOf } from './plan.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const NONE: Pressures = { memoryPressure: false, diskPressure: false, pidPressure: false }
const MEMORY: Shortfall = { pressure: 'memoryPressure', resource: 'memory', threshold: 100 * MIB, available: 50 * MIB }
const DISK: Shortfall = { pressure: 'diskPressure', resource: 'ephemeral-storage', threshold: 10 * MIB, available: MIB }
const PIDS: Shortfall = { pressure: 'pidPressure', resource: 'pids', threshold: 100, available: 9 }

interface World {
  readonly pods: readonly Pod[]
  readonly usage: ReturnType<typeof usageOf>
}

/** `name priority requestMi usedMi`: of memory and of the disk alike. */
function world(...lines: readonly string[]): World {
  const rows = lines.map(line => line.split(' '))
  const pods = rows.map(([name = '', priority, request]) => {
    const requests = { memory: `${request}Mi`, 'ephemeral-storage': `${request}Mi` }
    return {
      metadata: { name, uid: name, ...(name.startsWith('static') && { annotations: { 'kubernetes.io/config.source': 'file' } }) },
      spec: { priority: Number(priority), containers: [{ name: 'c', resources: { ...(Number(request) > 0 && { requests }) } }] },
      status: {},
    } as unknown as Pod
  })
  const readings = rows.map(([name = '', , , used]) => ({
    uid: name,
    container: 'c',
    at: 0,
    cpuNanoSeconds: 0,
    memoryBytes: Number(used) * MIB,
    diskBytes: Number(used) * MIB,
  }))
  return { pods, usage: usageOf(readings) }
}

describe('eviction', () => {
  const cases: readonly (readonly [string, Shortfall, readonly string[], string | undefined])[] = [
    ['who uses more than asked for goes first', MEMORY, ['modest 0 100 90', 'greedy 5 100 110'], 'greedy'],
    ['of those the lowest priority', DISK, ['high 5 0 500', 'low 1 0 10'], 'low'],
    ['then the one furthest over', MEMORY, ['little 0 10 20', 'much 0 100 300'], 'much'],
    ['critical and static pods stay', DISK, ['critical 2000000000 0 900', 'static 0 0 900'], undefined],
    ['of processes, which nobody counts, the lowest priority', PIDS, ['high 5 0 500', 'low 1 100 10'], 'low'],
  ]
  for (const [name, shortfall, lines, expected] of cases) {
    const { pods, usage } = world(...lines)
    it(name, () => assert.equal(planEviction(shortfall, pods, usage)?.uid, expected))
  }

  it('counts what lies in volumes', () => {
    const { pods } = world('a 0 0 0', 'b 0 0 0')
    const storage = (bytes: number): LocalStorage => ({ emptyDirs: new Map([['v', bytes]]), containers: new Map() })
    const found = new Map([
      ['a', storage(MIB)],
      ['b', storage(2 * MIB)],
    ])
    assert.equal(planEviction(DISK, pods, usageOf([], found))?.uid, 'b')
  })

  it('says what was low, which container used how much and what it had asked for', () => {
    const { pods, usage } = world('a 0 1 2')
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container c was using 2Mi, request is 1Mi, has larger consumption of memory. '
    assert.deepEqual(planEviction(MEMORY, pods, usage), { uid: 'a', reason: 'Evicted', message, graceSeconds: 1, disruption: message })
  })
  it('names no container that keeps to what it asked for', () => {
    const { pods, usage } = world('a 0 3 2')
    assert.equal(planEviction(PIDS, pods, usage)?.message, 'The node was low on resource: pids. Threshold quantity: 100, available: 9. ')
  })
})

describe('a shortfall', () => {
  const plenty = {
    memory: { available: 100 * MIB, capacity: GIB },
    disk: { available: 103, capacity: 1024 },
    inodes: { available: 52, capacity: 1024 },
    imageDisk: { available: 154, capacity: 1024 },
    imageInodes: { available: 52, capacity: 1024 },
    processes: { available: 103, capacity: 1024 },
  }
  it('begins below upstream’s thresholds', () => {
    assert.deepEqual(shortfallsOf(plenty), [])
    const short = Object.fromEntries(Object.entries(plenty).map(([name, { available, capacity }]) => [name, { available: available / 2, capacity }]))
    assert.deepEqual(
      shortfallsOf(short).map(({ resource, threshold }) => `${resource} ${threshold}`),
      [`memory ${100 * MIB}`, 'ephemeral-storage 102', 'ephemeral-storage 153', 'inodes 51', 'inodes 51', 'pids 102'],
    )
  })
  it('presses by what it is of; what is not known is plenty', () => {
    const { imageDisk } = plenty
    assert.deepEqual(pressuresOf(shortfallsOf({ imageDisk: { ...imageDisk, available: 0 } })), { ...NONE, diskPressure: true })
    assert.deepEqual(pressuresOf(shortfallsOf({})), NONE)
  })
  it('is told for five minutes after it was last seen', () => {
    const seen = new Map<keyof Pressures, number>()
    const disk = { ...NONE, diskPressure: true }
    assert.deepEqual(heldPressures(NONE, seen, 0), NONE)
    assert.deepEqual(heldPressures(disk, seen, 1000), disk)
    assert.deepEqual(heldPressures(NONE, seen, 300_999), disk)
    assert.deepEqual(heldPressures(NONE, seen, 301_000), NONE)
  })
})

describe('a node that is short of something', () => {
  const disk = { diskPressure: true }
  const memory = { memoryPressure: true }
  const tolerations = [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' }]
  const cases: readonly (readonly [string, Partial<Pressures>, string, object, string | undefined])[] = [
    ['refuses a pod', disk, 'a 0 1 0', {}, '[DiskPressure]'],
    ['names all that it is short of', { ...disk, ...memory, pidPressure: true }, 'a 0 1 0', {}, '[MemoryPressure DiskPressure PIDPressure]'],
    ['takes critical pods', disk, 'a 2000000000 0 0', {}, undefined],
    ['takes a pod that has asked for memory, when that alone is short', memory, 'a 0 1 0', {}, undefined],
    ['refuses one that has asked for none', memory, 'a 0 0 0', {}, '[MemoryPressure]'],
    ['takes one that tolerates it', memory, 'a 0 0 0', { tolerations }, undefined],
    ['refuses that when it is short of more', { ...memory, ...disk }, 'a 0 0 0', { tolerations }, '[MemoryPressure DiskPressure]'],
    ['takes everybody when it is short of nothing', {}, 'a 0 0 0', {}, undefined],
  ]
  for (const [name, pressures, line, more, conditions] of cases) {
    it(name, () => {
      const [pod] = world(line).pods
      const refused = refusedByPressure({ ...pod!, spec: { ...pod!.spec, ...more } }, pressures)
      assert.deepEqual(refused, conditions && { reason: 'Evicted', message: `The node had condition: ${conditions}. `, refused: true })
    })
  }
})
