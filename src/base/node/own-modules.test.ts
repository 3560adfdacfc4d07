import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

/** What a program of these files prints whose `main.ts` finds its own modules and then imports `./first.ts`. */
function run(files: Readonly<Record<string, string>>, prepare: (directory: string) => void = () => {}): { readonly out: string; readonly error: string } {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'everynode-modules-')))
  try {
    const root = join(directory, 'program')
    mkdirSync(join(root, 'inner'), { recursive: true })
    const main = `import { findOwnModules } from ${JSON.stringify(pathToFileURL(`${import.meta.dirname}/own-modules.ts`).href)}
findOwnModules(new URL('./', import.meta.url).href)
await import('./first.ts')`
    for (const [name, text] of Object.entries({ 'main.ts': main, ...files })) writeFileSync(join(root, name), text)
    prepare(directory)
    const { stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'main.ts')], { encoding: 'utf8' })
    return { out: stdout.replaceAll(pathToFileURL(directory).href, '').trim(), error: stderr.replaceAll(directory, '') }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('files import each other by their paths, and libraries of Node by their names', () => {
  const { out } = run({
    'first.ts': "import { join } from 'node:path'; import { where } from './inner/second.ts'; const text: string = join('a', 'b'); console.log(text, where)",
    'inner/second.ts': "import { above } from '../third.ts'; export const where: string = [import.meta.url, above].join()",
    'third.ts': 'export const above: number = 3',
  })
  assert.equal(out, 'a/b /program/inner/second.ts,3')
})

test('links are not looked for below the root, and are undone elsewhere', () => {
  const { out } = run(
    {
      'first.ts':
        "import { where } from './link.ts'; import { join } from 'node:path'; const { where: other } = await import(join(import.meta.dirname, '../link.ts')); console.log(where, other)",
      'third.ts': 'export const where: string = import.meta.url',
    },
    directory => {
      symlinkSync('third.ts', join(directory, 'program/link.ts'))
      symlinkSync('program/third.ts', join(directory, 'link.ts'))
    },
  )
  assert.equal(out, '/program/link.ts /program/third.ts')
})

test('a file that is missing is named', () => {
  assert.match(run({ 'first.ts': "import './second.ts'" }).error, /no such file or directory, open '\/program\/second.ts'/)
})
