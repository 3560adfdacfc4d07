import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AsideCalls } from '../../../test/support/aside-calls.ts'
import { Aside } from './aside.ts'

const aside = () => new Aside<AsideCalls>(new URL('../../../test/support/aside-calls.ts', import.meta.url))

test('calls are answered by one other process, each with its own value or what it threw', async () => {
  const calls = aside()
  const answers = await Promise.allSettled([calls.call('add', 1, 2), calls.call('fail', 'no such name'), calls.call('nothing'), calls.call('pid')])
  const pid = answers[3].status === 'fulfilled' ? answers[3].value : 0
  assert.ok(pid > 0 && pid !== process.pid)
  assert.deepEqual(
    answers.slice(0, 3).map(answer => (answer.status === 'fulfilled' ? answer.value : String(answer.reason))),
    [3, 'Error: no such name', undefined],
  )
})

test('a process that dies fails what it was asked, and the next call gets a new one', async () => {
  const calls = aside()
  const first = await calls.call('pid')
  const failed = await Promise.allSettled([calls.call('die'), calls.call('add', 1, 1)])
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.notEqual(await calls.call('pid'), first)
})

test('the process ends when nothing was asked for a while', async () => {
  const calls = new Aside<AsideCalls>(new URL('../../../test/support/aside-calls.ts', import.meta.url), { idleMs: 1 })
  const gone = (pid: number) => {
    try {
      return process.kill(pid, 0) ? false : undefined
    } catch {
      return true
    }
  }
  const pid = await calls.call('pid')
  while (!gone(pid)) await new Promise(resolve => setTimeout(resolve, 5))
  assert.notEqual(await calls.call('pid'), pid)
})
