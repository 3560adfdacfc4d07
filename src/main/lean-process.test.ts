import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { LEAN_FLAGS } from './lean-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'en-lean-'))
after(() => rmSync(directory, { recursive: true, force: true }))

/** What each beginning of one process says of itself. */
function beginnings(calls: string, cache: string): readonly Beginning[] {
  const script = join(directory, 'script.ts')
  const say = 'console.log(JSON.stringify({ pid: process.pid, words: process.argv.slice(2), flags: process.execArgv, converted: lean.hasConverted() }))'
  writeFileSync(script, `import * as lean from ${JSON.stringify(join(import.meta.dirname, 'lean-process.ts'))}\n${say}\n${calls}\n`)
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' }
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, 'a word'], { env, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Beginning)
}

interface Beginning {
  readonly pid: number
  readonly words: readonly string[]
  readonly flags: readonly string[]
  readonly converted: boolean
}

describe('a lean process', { skip: process.platform === 'win32' && 'a process cannot take the place of another there' }, () => {
  it('is the same process with other flags, begun once', () => {
    const [first, second, ...more] = beginnings('lean.becomeLean()', join(directory, 'flags'))
    assert.deepEqual(first?.flags, ['--disable-warning=ExperimentalWarning'])
    assert.deepEqual(second, { ...first, flags: ['--disable-warning=ExperimentalWarning', ...LEAN_FLAGS], converted: true })
    assert.deepEqual(more, [])
  })

  it('begins again without the converter when it had to convert, and only then', () => {
    const cache = join(directory, 'converter')
    const cold = beginnings('lean.leaveConverter()', cache)
    assert.deepEqual(
      cold.map(({ converted }) => converted),
      [true, false],
    )
    assert.equal(cold[1]?.pid, cold[0]?.pid)
    assert.deepEqual(
      beginnings('lean.leaveConverter()', cache).map(({ converted }) => converted),
      [false],
    )
  })

  it('goes on with the converter where nothing can be kept', () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    assert.deepEqual(
      beginnings('lean.leaveConverter()', file).map(({ converted }) => converted),
      [true],
    )
  })
})
