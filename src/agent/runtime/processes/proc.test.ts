import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { environOf } from './proc.ts'

test('a process that becomes another program has its environment all the time', async () => {
  const child = spawn('sh', ['-c', 'exec sh -c "$0" "$0"', 'exec sh -c "$0" "$0"'], { env: { PATH: '/usr/bin:/bin', MARK: 'x' }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    for (let n = 0; n < 500; n++) assert.equal((await environOf(child.pid!))?.['MARK'], 'x')
  } finally {
    child.kill('SIGKILL')
    await ended
  }
})

test('a process that is not there has none', async () => assert.equal(await environOf(2 ** 30), undefined))
