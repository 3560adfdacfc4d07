import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { silentLog } from '../../base/log.ts'
import { warnOfAuthorityEnd } from './authority-end.ts'
import { issueAuthority } from './issue.ts'

const DAY = 86_400_000

test('the end of the authority is warned of once a day, from 90 days before', async () => {
  const clock = new FakeClock()
  const { certificate } = await issueAuthority('everynode-ca', clock.now(), 93)
  const said: unknown[] = []
  const log: Log = { ...silentLog, warn: (_message, fields) => said.push(fields?.['days']) }
  const stop = new AbortController()
  const warning = warnOfAuthorityEnd({ certificate, clock, log, signal: stop.signal })
  for (let day = 0; day < 6; day++) {
    await new Promise(setImmediate)
    clock.advance(DAY)
  }
  await new Promise(setImmediate)
  assert.deepEqual(said, [90, 89, 88, 87])
  stop.abort()
  await warning
  assert.equal(clock.pending, 0)
})
