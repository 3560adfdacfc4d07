import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { notFound } from '../../api/meta/status.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { auditor } from './auditor.ts'
import { LogFile } from './log-file.ts'
import { type AuditRule, auditRule, DEFAULT_POLICY } from './policy.ts'

const ann = { name: 'ann', groups: ['dev'] }

test('the first rule that fits decides, and secrets are never written whole', () => {
  const policy: AuditRule[] = [
    { level: 'None', users: ['ann'], verbs: ['get'] },
    { level: 'RequestResponse', resources: [{ group: '', resources: ['pods', 'secrets'] }] },
    { level: 'Request', userGroups: ['dev'], namespaces: ['a'] },
  ]
  const level = (verb: string, resource: string, namespace = 'a', user = ann) => auditRule(policy, { user, verb, group: '', resource, namespace }).level
  assert.deepEqual(
    [
      level('get', 'pods'),
      level('create', 'pods'),
      level('create', 'secrets'),
      level('create', 'services'),
      level('create', 'services', 'b'),
      level('create', 'services', 'a', { name: 'bob', groups: [] }),
    ],
    ['None', 'RequestResponse', 'Metadata', 'Request', 'None', 'None'],
  )
})

test('the default policy leaves out leases, events and what agents read, and nothing that people do', () => {
  const level = (verb: string, resource: string, group: string, ...groups: string[]) =>
    auditRule(DEFAULT_POLICY, { user: { name: 'x', groups }, verb, group, resource }).level
  assert.deepEqual(
    [
      level('update', 'leases', 'coordination.k8s.io', 'system:nodes'),
      level('create', 'events', ''),
      level('watch', 'pods', '', 'system:nodes'),
      level('get', 'secrets', ''),
      level('patch', 'pods', '', 'system:nodes'),
    ],
    ['None', 'None', 'None', 'Metadata', 'Metadata'],
  )
})

test('a line says who did what to what, from where, and how it went', () => {
  const lines: string[] = []
  const audit = auditor({ policy: [{ level: 'Request' }], clock: new FakeClock(Date.UTC(2026, 0, 1)), write: line => lines.push(line), uuid: () => 'id' })
  const call = {
    verb: 'update',
    caller: { user: { ...ann, impersonatedBy: { name: 'root', groups: [] } }, userAgent: 'kubectl', address: '10.0.0.1', uri: '/apis?x' },
    at: { group: 'apps', version: 'v1', resource: 'daemonsets' },
    namespace: 'ns',
    name: 'x',
    body: { spec: 1 },
  }
  audit.begin(call)!({ error: notFound({ group: 'apps', resource: 'daemonsets' }, 'x') })
  assert.deepEqual(
    lines.map(line => JSON.parse(line)),
    [
      {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Request',
        auditID: 'id',
        stage: 'ResponseComplete',
        requestURI: '/apis?x',
        verb: 'update',
        user: { username: 'root', groups: [] },
        impersonatedUser: { username: 'ann', groups: ['dev'] },
        sourceIPs: ['10.0.0.1'],
        userAgent: 'kubectl',
        objectRef: { resource: 'daemonsets', namespace: 'ns', name: 'x', apiGroup: 'apps', apiVersion: 'v1' },
        responseStatus: { metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 },
        requestObject: { spec: 1 },
        requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
        stageTimestamp: '2026-01-01T00:00:00.000000Z',
      },
    ],
  )
})

test('the log is private, rotates by size and keeps so many files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-audit-'))
  try {
    const path = join(directory, 'audit.log')
    const file = new LogFile({ path, maxBytes: 200_000, maxFiles: 2, log: silentLog })
    for (let i = 0; i < 10; i++) file.write('x'.repeat(70_000))
    file.write('last')
    await file.close()
    assert.deepEqual(readdirSync(directory).sort(), ['audit.log', 'audit.log.1', 'audit.log.2'])
    assert.match(readFileSync(path, 'utf8'), /last\n$/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
