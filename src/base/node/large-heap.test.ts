import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { FakeClock } from '../clock.ts'
import { collectLargeHeapLess } from './large-heap.ts'

type Second = readonly [heap: number, outside: number, doing?: 'crowded' | 'calm', young?: number]

/** What the engine is told second by second, with a heap and buffers of so many megabytes then; `*`: to collect. */
async function toldOf(seconds: readonly Second[]): Promise<string[][]> {
  const clock = new FakeClock(0)
  const stop = new AbortController()
  let now = 0
  let seen: string[] = []
  const engine = {
    read: () => {
      const [heap, outside, doing, young = 1] = seconds[now]!
      return { heap: heap * 1e6, young: young * 1e6, outside: outside * 1e6, busy: doing === 'calm' ? 0.3 : 0.5 }
    },
    setFlags: (flags: string) => void seen.push(flags),
    collect: () => void seen.push('*'),
  }
  const told: string[][] = []
  const done = collectLargeHeapLess({ clock, signal: stop.signal, crowded: () => seconds[now]![2] === 'crowded', engine })
  for (now = 0; now < seconds.length; now++) {
    if (now > 0) clock.advance(1000)
    await new Promise(setImmediate)
    told.push(seen)
    seen = []
  }
  stop.abort()
  await done
  assert.equal(clock.pending, 0)
  return told
}

/** By the first of those that are set together. */
const WORDS: Readonly<Record<string, string>> = {
  '--external-memory-accounted-in-global-limit': 'on',
  '--no-external-memory-accounted-in-global-limit': 'off',
  '--optimize-for-size': 'small',
  '--no-optimize-for-size': 'large',
  '--semi-space-growth-factor=1': 'narrow',
  '--semi-space-growth-factor=2': 'wide',
  '--heap-growing-percent=20': 'calm',
  '--heap-growing-percent=0': 'any',
  '*': '*',
}

/** The same in words; `*` alone: a collection is asked for, with the first flag off. */
async function flags(...seconds: readonly Second[]): Promise<string> {
  const words = (await toldOf(seconds)).map(told => told.map(flags => WORDS[flags.split(' ')[0]!]).join('+'))
  return words.map(word => word.replace('off+*+on', '*') || '-').join(' ')
}

const calm = (seconds: number, heap: number, outside: number, young = 1): Second[] => Array.from({ length: seconds }, () => [heap, outside, 'calm', young])
const nothing = (seconds: number): string => '- '.repeat(seconds)

for (const [what, expected, seconds] of [
  [
    'a small heap is left as it is',
    '- - -',
    [
      [100, 10],
      [109, 500],
      [109, 900],
    ],
  ],
  [
    'a large one is collected less often from then on',
    '- on - -',
    [
      [100, 10],
      [110, 50],
      [500, 100],
      [500, 190],
    ],
  ],
  [
    'buffers that have grown by three tenths of it are collected',
    'on - *',
    [
      [600, 50],
      [600, 230],
      [600, 231],
    ],
  ],
  [
    'those of a smaller heap may grow by a larger share',
    'on - *',
    [
      [200, 50],
      [200, 170],
      [200, 171],
    ],
  ],
  [
    'but by no more than is enough',
    'on - *',
    [
      [400, 50],
      [400, 210],
      [400, 211],
    ],
  ],
  [
    'what they fall to then is what they may grow from again',
    'on * - - - *',
    [
      [600, 50],
      [600, 250],
      [600, 300],
      [600, 100],
      [600, 280],
      [600, 281],
    ],
  ],
  [
    'a collection that does not come is asked for again when they have grown as much again',
    'on * - *',
    [
      [600, 50],
      [600, 250],
      [600, 497],
      [600, 498],
    ],
  ],
  [
    'a heap that is small again is left as it is',
    'on off - -',
    [
      [500, 50],
      [100, 50],
      [100, 0],
      [100, 400],
    ],
  ],
  [
    'while many come at once, a small heap and what they bring are collected less often, too',
    'on - - off',
    [
      [50, 10, 'crowded'],
      [100, 90, 'crowded'],
      [200, 300, 'crowded'],
      [100, 310],
    ],
  ],
  [
    'and a heap that has become large meanwhile is left so until its buffers grow again',
    'on - - *',
    [
      [50, 10, 'crowded'],
      [400, 600, 'crowded'],
      [400, 700],
      [400, 770],
    ],
  ],
  [
    'when a burst of work is over, what it has left is collected once',
    `on - ${nothing(9)}small+*+calm ${nothing(9)}large -`,
    [[500, 50], [700, 150], ...calm(10, 700, 150), ...calm(1, 700, 215), ...calm(10, 520, 60)],
  ],
  [
    'and again when it has grown again, however slowly, and not tidied for that',
    `on ${nothing(8)}small+*+calm ${nothing(5)}*`,
    [...calm(11, 500, 50), ...calm(1, 400, 50), ...calm(3, 470, 50), ...calm(1, 480, 50)],
  ],
  [
    'it is tidied no longer when something goes on again, for which two busy seconds are no sign',
    `on ${nothing(8)}small+*+calm ${nothing(6)}large+any -`,
    [...calm(11, 500, 50), [400, 50], [400, 50], ...calm(1, 400, 50), [400, 50], [400, 50], [400, 50], ...calm(1, 400, 50)],
  ],
  ['nor when it has become small', `on ${nothing(8)}small+*+calm off+large+any`, [...calm(10, 500, 50), ...calm(1, 100, 50)]],
  [
    'new objects get no more room while it rests, and as much as they like when something goes on',
    `on ${nothing(8)}small+*+narrow+calm - - large+wide+any`,
    [...calm(10, 500, 50, 20), [500, 50, undefined, 20], [500, 50, undefined, 20], [500, 50, undefined, 20]],
  ],
  [
    'when it has less than that, it may grow',
    `on ${nothing(8)}small+*+narrow+calm wide narrow`,
    [...calm(10, 500, 50, 20), ...calm(1, 500, 50, 16), ...calm(1, 500, 50, 17)],
  ],
  [
    'one that was small for a while is left so at once when it is large again, whatever its buffers hold',
    'on off on',
    [
      [500, 50],
      [100, 400],
      [500, 600],
    ],
  ],
  ['a pause is not the end of it', `on ${nothing(9)}- - -`, [[700, 150], ...calm(9, 700, 150), [700, 150], ...calm(2, 700, 150)]],
  ['nothing is asked of a small heap', `${nothing(12)}-`, calm(13, 100, 150)],
  [
    'many who never cease to come change nothing after two minutes',
    `on${' -'.repeat(119)} off -`,
    Array.from({ length: 122 }, () => [50, 10, 'crowded'] as Second),
  ],
] as readonly [string, string, readonly Second[]][]) {
  test(what, async () => assert.equal(await flags(...seconds), expected))
}

test('all that is set is taken back to what the engine begins with', async () => {
  const told = (await toldOf([...calm(11, 500, 50, 20), ...calm(1, 100, 50, 20)])).flat().filter(flags => flags !== '*')
  const set = told.flatMap(flags => flags.split(' '))
  const last = new Map(set.map(flag => [nameOf(flag), flag]))
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  const defaults = new Map([...stdout.matchAll(/default: (--\S+)/g)].map(([, flag]) => [nameOf(flag!), flag]))
  assert.deepEqual(
    [...last],
    [...last.keys()].map(name => [name, defaults.get(name)]),
  )
  assert.equal(last.size, 7)
})

const nameOf = (flag: string): string => flag.replace(/^--(no-)?/, '').replace(/=.*/, '')

test('what nobody writes into is no memory, and makes the engine collect', async () => {
  const script = `
    import { collectLargeHeapLess } from '${import.meta.resolve('./large-heap.ts')}'
    import { PerformanceObserver } from 'node:perf_hooks'
    let kept = Array.from({ length: 2_000_000 }, (_, i) => ({ i, text: String(i) }))
    const before = process.memoryUsage.rss()
    const collected = new Promise(resolve => new PerformanceObserver(list => list.getEntries().some(({ detail }) => detail.kind === 4) && resolve()).observe({ entryTypes: ['gc'] }))
    const stop = new AbortController()
    const clock = { now: () => Date.now(), after: (ms, call) => { const t = setTimeout(call, ms / 100); return () => clearTimeout(t) } }
    collectLargeHeapLess({ clock, signal: stop.signal })
    kept = kept.slice(0, 1_000_000)
    await collected
    stop.abort()
    console.log(process.memoryUsage.rss() - before < 60e6)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 20_000 })
  assert.deepEqual([stdout, stderr], ['true\n', ''])
})
