import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { LogFile } from './log-file.ts'

/** A log file in a directory of its own, and what is in that directory when it is closed. */
async function written(maxBytes: number, work: (file: LogFile) => void) {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-log-file-'))
  const errors: unknown[] = []
  const path = join(directory, 'audit.log')
  const file = new LogFile({ path, maxBytes, maxFiles: 2, log: { ...silentLog, error: (...said) => errors.push(said) } })
  work(file)
  await file.close()
  file.write('too late'.repeat(10_000))
  await new Promise(resolve => setImmediate(resolve))
  const mode = statSync(path).mode & 0o777
  const texts = Object.fromEntries(readdirSync(directory).map(name => [name, readFileSync(join(directory, name), 'utf8')]))
  rmSync(directory, { recursive: true })
  return { mode, texts, errors }
}

test('lines are in the file once it is closed, for its owner only, and none that comes later', async () => {
  const { mode, texts, errors } = await written(1 << 20, file => {
    file.write('one')
    file.write('two')
  })
  assert.deepEqual([mode, texts, errors], [0o600, { 'audit.log': 'one\ntwo\n' }, []])
})

test('a file that is full is put aside, and the oldest goes', async () => {
  const line = (letter: string) => letter.repeat(70_000)
  const { texts } = await written(60_000, file => {
    for (const letter of 'abcd') file.write(line(letter))
  })
  assert.deepEqual(texts, { 'audit.log': '', 'audit.log.1': `${line('d')}\n`, 'audit.log.2': `${line('c')}\n` })
})
