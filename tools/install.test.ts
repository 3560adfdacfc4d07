/** What `bin/` does before the program runs, on a project of three files and with an npm that only notes what it was asked. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from './testing/run.ts'

type Packages = Readonly<Record<string, object>>

const LOCK: Packages = {
  '': { name: 'everynode' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/checks': { version: '2.0.0', integrity: 'sha512-c', dev: true },
  'node_modules/lint': { version: '2.0.0', integrity: 'sha512-l', dev: true },
  'node_modules/for-another-system': { version: '3.0.0', integrity: 'sha512-o', optional: true },
}
const { '': _, 'node_modules/for-another-system': __, ...HERE } = LOCK
const without = (left: string, { [left]: _, ...rest }: Packages = HERE): Packages => rest

/** What happens at two starts in a row: `npm ci` when it was run, `converted` when the program was, `started`. `there`: what npm has installed before; `unwritable`: no compile cache can be kept with it. */
function starts(there: Packages | undefined, { script = 'everynode', unwritable = false } = {}): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-install-'))
  const notes = join(directory, 'notes')
  const write = (file: string, text: string) => {
    mkdirSync(join(directory, file, '..'), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  const home = join(directory, 'home')
  const where = `(process.env.NODE_COMPILE_CACHE?.startsWith(${JSON.stringify(home)}) ? ', cache at home' : '')`
  const note = (text: string) => `require('node:fs').appendFileSync(${JSON.stringify(notes)}, ${JSON.stringify(text)} + ${where} + '\\n')\n`
  try {
    cpSync(join(ROOT, 'bin'), join(directory, 'bin'), { recursive: true })
    write('package-lock.json', JSON.stringify({ packages: LOCK }))
    write('src/main/cli.ts', note('started'))
    write('tools/convert.ts', note('converted'))
    write('path/npm', `#!${process.execPath}\n${note('npm ci')}require('node:fs').mkdirSync('node_modules', { recursive: true })\n`)
    chmodSync(join(directory, 'path/npm'), 0o755)
    if (there) write('node_modules/.package-lock.json', JSON.stringify({ packages: there }))
    if (unwritable) write('node_modules/.cache', '')
    const { NODE_COMPILE_CACHE: _, XDG_CACHE_HOME: __, ...rest } = process.env
    const env = { ...rest, HOME: home, PATH: `${join(directory, 'path')}${delimiter}${process.env['PATH']}` }
    for (let start = 0; start < 2; start++) {
      const done = spawnSync(process.execPath, [join(directory, 'bin', script)], { env, encoding: 'utf8' })
      assert.equal(done.status, 0, done.stderr)
    }
    return existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('a start installs and converts once, and not what somebody has installed', () => {
  const installs = ['npm ci', 'converted', 'started', 'started']
  const cases: readonly (readonly [string, Packages | undefined, readonly string[]])[] = [
    ['a bare clone', undefined, installs],
    ['all of it is there', HERE, ['started', 'started']],
    ['all but what is for development', { 'node_modules/a': LOCK['node_modules/a']! }, ['started', 'started']],
    ['something is missing', without('node_modules/a'), installs],
    ['something for development is missing', without('node_modules/lint'), installs],
    ['another version', { ...HERE, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }, installs],
    ['the same version with other content', { ...HERE, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }, installs],
    ['something that is not in the lockfile', { ...HERE, 'node_modules/b': { version: '1.0.0' } }, installs],
  ]
  for (const [name, there, happens] of cases) assert.deepEqual(starts(there), happens, name)
})

test("npm's own installation ends with converting the program, and installs nothing", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  assert.equal(scripts['prepare'], 'node bin/prepare.js')
  assert.deepEqual(starts(HERE, { script: 'prepare.js' }), ['converted', 'converted'])
})

test('whoever cannot write the compile cache of the installation has one at home', () => {
  assert.deepEqual(starts(HERE), ['started', 'started'])
  assert.deepEqual(starts(HERE, { unwritable: true }), ['started, cache at home', 'started, cache at home'])
})
