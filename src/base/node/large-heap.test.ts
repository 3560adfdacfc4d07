import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { FakeClock } from '../clock.ts'
import { collectLargeHeapLess } from './large-heap.ts'

/** What becomes of the flag second by second, with a heap and buffers of so many megabytes then, and perhaps a crowd. */
async function flags(...seconds: (readonly [heap: number, outside: number, crowded?: boolean])[]): Promise<string> {
  const clock = new FakeClock(0)
  const stop = new AbortController()
  let now = 0
  let seen = ''
  const engine = {
    read: () => ({ heap: seconds[now]![0] * 1e6, outside: seconds[now]![1] * 1e6 }),
    setFlag: (flag: string) => {
      seen = flag
    },
  }
  const told: string[] = []
  const done = collectLargeHeapLess({ clock, signal: stop.signal, crowded: () => seconds[now]![2] ?? false, engine })
  for (now = 0; now < seconds.length; now++) {
    if (now > 0) clock.advance(1000)
    await new Promise(setImmediate)
    told.push(seen === '' ? '-' : seen.startsWith('--no-') ? 'off' : 'on')
    seen = ''
  }
  stop.abort()
  await done
  assert.equal(clock.pending, 0)
  return told.join(' ')
}

for (const [what, expected, seconds] of [
  [
    'a small heap is left as it is',
    '- - -',
    [
      [100, 10],
      [399, 500],
      [399, 900],
    ],
  ],
  [
    'a large one is collected less often from then on',
    '- on - -',
    [
      [300, 10],
      [400, 50],
      [500, 100],
      [500, 190],
    ],
  ],
  [
    'buffers that have grown by three tenths of it are collected',
    'on - off',
    [
      [500, 50],
      [500, 200],
      [500, 201],
    ],
  ],
  [
    'when they have been, it begins anew',
    'on off - on -',
    [
      [500, 50],
      [500, 250],
      [500, 240],
      [500, 170],
      [500, 300],
    ],
  ],
  [
    'a heap that is small again is left as it is',
    'on off - -',
    [
      [500, 50],
      [300, 50],
      [300, 0],
      [300, 400],
    ],
  ],
  [
    'a collection that never comes is waited for so long',
    'on off - - - - - - - - - - on',
    [[500, 50], ...Array.from({ length: 12 }, () => [500, 250] as const)],
  ],
  [
    'while many come at once, a small heap and what they bring are collected less often, too',
    'on - - off',
    [
      [50, 10, true],
      [100, 90, true],
      [200, 300, true],
      [200, 310],
    ],
  ],
  [
    'and a heap that has become large meanwhile is left so until its buffers grow again',
    'on - - off',
    [
      [50, 10, true],
      [400, 600, true],
      [400, 700],
      [400, 730],
    ],
  ],
  ['many who never cease to come change nothing after two minutes', `on${' -'.repeat(119)} off -`, Array.from({ length: 122 }, () => [50, 10, true] as const)],
] as const) {
  test(what, async () => assert.equal(await flags(...seconds), expected))
}

test('the engine knows the flag', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--external-memory-accounted-in-global-limit', '--eval', ''], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
})
