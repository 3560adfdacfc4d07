import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAudit } from './vulnerabilities.ts'

const report = (vulnerabilities: object) => JSON.stringify({ auditReportVersion: 2, vulnerabilities })

test('what the registry says of the packages is passed on, and its silence is no answer', () => {
  const via = [{ title: 'Bad thing', url: 'https://example.org/1' }, 'other']
  const cases: readonly (readonly [string, ReturnType<typeof readAudit>])[] = [
    [report({}), { known: 'clean', lines: [] }],
    [report({ a: { severity: 'low', range: '<1', fixAvailable: true, via } }), { known: 'clean', lines: [] }],
    [
      report({ a: { severity: 'high', range: '<1', fixAvailable: false, via } }),
      { known: 'clean', lines: ['high: a <1: Bad thing https://example.org/1; through other (no fix yet)'] },
    ],
    [
      `npm warn\n${report({ a: { severity: 'moderate', range: '<2', fixAvailable: { name: 'a' }, via } })}`,
      { known: 'vulnerable', lines: ['moderate: a <2: Bad thing https://example.org/1; through other'] },
    ],
    ['{"message":"405 Method Not Allowed"}', { known: 'unknown', lines: ['npm audit gave no answer: 405 Method Not Allowed'] }],
    ['', { known: 'unknown', lines: ['npm audit gave no answer: nothing at all'] }],
    ['oops', { known: 'unknown', lines: ['npm audit gave no answer: oops'] }],
  ]
  for (const [output, wanted] of cases) assert.deepEqual(readAudit(output), wanted, output)
})
