import assert from 'node:assert/strict'
import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { type LogOptions, readLog } from './follow.ts'
import { rotateLog } from './rotate.ts'
import { lastLines, tailOf } from './tail.ts'

const LINES = [
  '2026-01-01T00:00:01.5Z stdout F one',
  '2026-01-01T00:00:02.5Z stderr P tw',
  '2026-01-01T00:00:02.6Z stderr F o',
  '2026-01-01T00:00:03.5Z stdout F three',
]
let directory: string
let path: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'logs-'))
  path = join(directory, '0.log')
  await writeFile(path, `${LINES.join('\n')}\n`)
})
after(() => rm(directory, { recursive: true, force: true }))

async function read(options: LogOptions, from = path): Promise<string> {
  const blocks: Buffer[] = []
  const source = { path: from, clock: systemClock, signal: AbortSignal.timeout(5000), ended: async () => true }
  for await (const block of readLog(source, options)) blocks.push(block)
  return Buffer.concat(blocks).toString()
}

describe('a container’s log', () => {
  const cases: readonly (readonly [string, LogOptions, string])[] = [
    ['is the text of its lines, parts put together', {}, 'one\ntwo\nthree\n'],
    ['ends with as many lines as asked for', { tailLines: 2 }, 'two\nthree\n'],
    ['is empty when no lines are', { tailLines: 0 }, ''],
    ['is all when more are asked for than there are', { tailLines: 9 }, 'one\ntwo\nthree\n'],
    ['begins at a time', { since: Date.parse('2026-01-01T00:00:02Z') }, 'two\nthree\n'],
    ['shows the time of each line once', { timestamps: true, tailLines: 2 }, '2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:03.5Z three\n'],
    ['stops after as many bytes as asked for', { limitBytes: 6 }, 'one\ntw'],
  ]
  for (const [name, options, expected] of cases) it(name, async () => assert.equal(await read(options), expected))

  it('is empty when there is none yet and none will come', async () => assert.equal(await read({ follow: true }, join(directory, 'none.log')), ''))

  it('finds its last lines across blocks', async () => {
    const long = join(directory, 'long.log')
    await writeFile(long, Array.from({ length: 5000 }, (_, i) => `2026-01-01T00:00:00Z stdout F line ${i}\n`).join(''))
    const file = await open(long)
    const { size } = await file.stat()
    const { position: start, lines } = await tailOf(file, size, 3000)
    await file.close()
    assert.equal(lines, 3000)
    assert.equal((await readFile(long, 'utf8')).slice(start).split('\n')[0], '2026-01-01T00:00:00Z stdout F line 2000')
    assert.equal(await lastLines(long, 2, 1000), 'line 4998\nline 4999\n')
  })

  it('is followed over rotation until the container has ended', async () => {
    const followed = join(directory, 'followed.log')
    await writeFile(followed, '2026-01-01T00:00:00Z stdout F first\n')
    let over = false
    const said: string[] = []
    const source = { path: followed, clock: systemClock, signal: AbortSignal.timeout(5000), ended: async () => over }
    for await (const block of readLog(source, { follow: true })) {
      said.push(block.toString())
      if (said.length === 1) {
        await appendFile(followed, '2026-01-01T00:00:00Z stdout F second\n')
        await rename(followed, `${followed}.1`)
        await writeFile(followed, '2026-01-01T00:00:00Z stdout F third\n')
      }
      if (said.join('').includes('third')) over = true
    }
    assert.equal(said.join(''), 'first\nsecond\nthird\n')
  })

  it('goes back over what was put aside', async () => {
    const turned = join(directory, 'turned.log')
    const line = (second: number, text: string, tag = 'F') => `2026-01-01T00:00:0${second}Z stdout ${tag} ${text}\n`
    await writeFile(`${turned}.20260101T000002`, line(1, 'one') + line(2, 'two'))
    await writeFile(`${turned}.20260101T000004`, line(3, 'three') + line(4, 'fo', 'P'))
    await writeFile(turned, line(5, 'ur') + line(6, 'five'))
    assert.equal(await read({}, turned), 'one\ntwo\nthree\nfour\nfive\n')
    assert.equal(await read({ tailLines: 4 }, turned), 'two\nthree\nfour\nfive\n')
    assert.equal(await read({ tailLines: 1 }, turned), 'five\n')
    assert.equal(await read({ since: Date.parse('2026-01-01T00:00:03Z') }, turned), 'three\nfour\nfive\n')
    assert.equal(await read({ limitBytes: 5 }, turned), 'one\nt')
  })

  it('loses nothing when it is put aside twice between two looks', async () => {
    const fast = join(directory, 'fast.log')
    const text = (word: string) => `2026-01-01T00:00:00Z stdout F ${word}\n`
    await writeFile(fast, text('first'))
    let over = false
    const said: string[] = []
    const source = { path: fast, clock: systemClock, signal: AbortSignal.timeout(5000), ended: async () => over }
    for await (const block of readLog(source, { follow: true })) {
      said.push(block.toString())
      if (said.length === 1) {
        for (const [i, word] of ['second', 'third'].entries()) {
          await rename(fast, `${fast}.2026010${i}`)
          await writeFile(fast, text(word))
        }
      }
      if (said.join('').includes('third')) over = true
    }
    assert.equal(said.join(''), 'first\nsecond\nthird\n')
  })

  it('is put aside when it is full, and the oldest go', async () => {
    const full = join(directory, 'full.log')
    for (let i = 0; i < 7; i++) {
      await writeFile(full, 'x'.repeat(20))
      assert.equal(await rotateLog(full, Date.UTC(2026, 0, 1, 0, 0, i), async () => writeFile(full, ''), 10), true)
    }
    assert.equal(await rotateLog(full, 0, async () => assert.fail('it is not full'), 10), false)
    assert.deepEqual((await readdir(directory)).filter(name => name.startsWith('full.')).sort(), [
      'full.log',
      ...[3, 4, 5, 6].map(second => `full.log.20260101T00000${second}`),
    ])
  })
})
