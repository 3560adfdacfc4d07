import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type HealthCheck, healthReport } from './health.ts'

const CHECKS: readonly HealthCheck[] = [
  { name: 'ping', check: () => undefined },
  { name: 'started', startup: true, check: () => 'still starting' },
  { name: 'disk', check: () => Promise.reject(new Error('full')) },
]

async function report(checks: readonly HealthCheck[], asked: { only?: string; verbose?: boolean; exclude?: readonly string[] } = {}) {
  const told: string[] = []
  const { only, verbose = false, exclude = [] } = asked
  const answer = await healthReport('readyz', checks, { only, verbose, exclude }, (check, why) =>
    told.push(`${check.name}${check.startup ? ' (starting)' : ''}: ${why}`),
  )
  return { answer, told }
}

const ROWS: readonly [
  subject: string,
  checks: readonly HealthCheck[],
  asked: Parameters<typeof report>[1],
  ok: boolean | undefined,
  text: string,
  told: readonly string[],
][] = [
  ['says ok when all hold', CHECKS.slice(0, 1), {}, true, 'ok', []],
  ['lists all on request', CHECKS.slice(0, 1), { verbose: true }, true, '[+]ping ok\nreadyz check passed\n', []],
  [
    'lists what failed without the reasons, and tells those to the log',
    CHECKS,
    {},
    false,
    '[+]ping ok\n[-]started failed: reason withheld\n[-]disk failed: reason withheld\nreadyz check failed\n',
    ['started (starting): still starting', 'disk: Error: full'],
  ],
  ['leaves out what it is asked to', CHECKS, { exclude: ['started', 'disk'] }, true, 'ok', []],
  ['asks one check alone', CHECKS, { only: 'ping' }, true, 'ok', []],
]

for (const [subject, checks, asked, ok, text, told] of ROWS)
  it(`a health report ${subject}`, async () => assert.deepEqual(await report(checks, asked), { answer: { ok, text }, told }))

it('a health report knows no check of another name', async () => assert.deepEqual(await report(CHECKS, { only: 'other' }), { answer: undefined, told: [] }))
