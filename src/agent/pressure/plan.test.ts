import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { refusedByPressure } from './admit.ts'
import { heldPressures } from './held.ts'
import type { LocalStorage } from './local-storage.ts'
import { planEviction, type Uses } from './plan.ts'
import { type Pressures, pressuresOf, type Shortfall, shortfallsOf } from './shortfalls.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const NONE: Pressures = { memoryPressure: false, diskPressure: false, pidPressure: false }
const MEMORY: Shortfall = { pressure: 'memoryPressure', resource: 'memory', threshold: 100 * MIB, available: 50 * MIB }
const DISK: Shortfall = { pressure: 'diskPressure', resource: 'ephemeral-storage', disk: 'both', threshold: 10 * MIB, available: MIB }
const INODES: Shortfall = { pressure: 'diskPressure', resource: 'inodes', disk: 'both', threshold: 100, available: 9 }
const PIDS: Shortfall = { pressure: 'pidPressure', resource: 'pids', threshold: 100, available: 9 }

interface World {
  readonly pods: readonly Pod[]
  readonly uses: Uses
}

/** `name priority requestMi used`: mebibytes of memory and of the container's layer, and as many inodes and processes. */
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
  const used = rows.map(([name = '', , , amount]) => [name, Number(amount)] as const)
  return {
    pods,
    uses: {
      memory: new Map(used.map(([name, mebibytes]) => [name, new Map([['c', mebibytes * MIB]])])),
      storage: new Map(used.map(([name, amount]) => [name, stored({ layer: amount })])),
      processes: new Map(used),
    },
  }
}

/** Mebibytes, and as many inodes, in an emptyDir, in the log of a container and in its layer. */
function stored({ volume = 0, log = 0, layer = 0 }: { readonly volume?: number; readonly log?: number; readonly layer?: number }): LocalStorage {
  const use = (amount: number) => ({ bytes: amount * MIB, inodes: amount })
  return { emptyDirs: new Map([['v', use(volume)]]), logs: new Map([['c', use(log)]]), layers: new Map([['c', use(layer)]]) }
}

describe('eviction', () => {
  const cases: readonly (readonly [string, Shortfall, readonly string[], string | undefined])[] = [
    ['who uses more than asked for goes first', MEMORY, ['modest 0 100 90', 'greedy 5 100 110'], 'greedy'],
    ['of those the lowest priority', DISK, ['high 5 0 500', 'low 1 0 10'], 'low'],
    ['then the one furthest over', MEMORY, ['little 0 10 20', 'much 0 100 300'], 'much'],
    ['critical and static pods stay', DISK, ['critical 2000000000 0 900', 'static 0 0 900'], undefined],
    ['of processes the lowest priority goes first, whatever it has', PIDS, ['high 5 0 500', 'low 1 100 10'], 'low'],
    ['then who has most of them', PIDS, ['few 1 0 10', 'many 1 0 11', 'high 5 0 500'], 'many'],
    ['of inodes, for which nobody can ask, the lowest priority of those that hold some', INODES, ['none 0 0 0', 'high 5 0 500', 'low 1 100 10'], 'low'],
    ['then who holds most of them', INODES, ['few 1 0 10', 'many 1 500 11'], 'many'],
  ]
  for (const [name, shortfall, lines, expected] of cases) {
    const { pods, uses } = world(...lines)
    it(name, () => assert.equal(planEviction(shortfall, pods, uses)?.uid, expected))
  }

  it('counts what lies on the disk that is full', () => {
    const { pods } = world('volume 0 0 0', 'log 0 0 0', 'layer 0 0 0')
    const storage = new Map([
      ['volume', stored({ volume: 2 })],
      ['log', stored({ log: 3 })],
      ['layer', stored({ layer: 4 })],
    ])
    const first = (disk: 'node' | 'images' | 'both', uses = storage) =>
      [DISK, INODES].map(shortfall => planEviction({ ...shortfall, disk }, pods, { storage: uses })?.uid)
    assert.deepEqual([first('both'), first('node'), first('images')], [pair('layer'), pair('log'), pair('layer')])
    storage.delete('log')
    assert.deepEqual([first('node'), first('images')], [pair('volume'), pair('layer')])
  })

  it('says what was low, which container used how much and what it had asked for', () => {
    const { pods, uses } = world('a 0 1 2')
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container c was using 2Mi, request is 1Mi, has larger consumption of memory. '
    const annotations = { offending_containers: 'c', offending_containers_usage: '2Mi', starved_resource: 'memory' }
    assert.deepEqual(planEviction(MEMORY, pods, uses), { uid: 'a', reason: 'Evicted', message, graceSeconds: 1, disruption: message, annotations })
  })
  it('says what a pod used that asks for memory as a whole', () => {
    const { pods, uses } = world('a 0 0 2')
    const [pod] = pods
    const whole = { ...pod!, spec: { ...pod!.spec, resources: { requests: { memory: '1Mi' } } } }
    const { message, annotations } = planEviction(MEMORY, [whole], uses)!
    assert.equal(
      message.replace(/^.*50Mi\. /, ''),
      'Pod a was using 2Mi, request is 1Mi, has larger consumption of memory. Container c was using 2Mi, request is 0, has larger consumption of memory. ',
    )
    assert.deepEqual(annotations, {
      offending_pod: 'a',
      offending_pod_usage: '2Mi',
      offending_containers: 'c',
      offending_containers_usage: '2Mi',
      starved_resource: 'memory',
    })
  })
  it('names no container that keeps to what it asked for, and none for what cannot be asked for', () => {
    const { pods, uses } = world('a 0 3 2')
    const said = (shortfall: Shortfall) => planEviction(shortfall, pods, uses)?.message.replace('The node was low on resource: ', '')
    assert.deepEqual([MEMORY, PIDS, INODES].map(said), [
      'memory. Threshold quantity: 100Mi, available: 50Mi. ',
      'pids. Threshold quantity: 100, available: 9. ',
      'inodes. Threshold quantity: 100, available: 9. ',
    ])
  })
})

const pair = (name: string) => [name, name]

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
  it('is of one disk that holds all, or of one of two', () => {
    const full = { disk: { available: 0, capacity: 1024 }, imageDisk: { available: 0, capacity: 1024 } }
    const disks = (apart: boolean) => shortfallsOf({ ...full, apart }).map(({ disk }) => disk)
    assert.deepEqual(
      [disks(false), disks(true)],
      [
        ['both', 'both'],
        ['node', 'images'],
      ],
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
