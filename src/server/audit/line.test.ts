import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AuditLine, auditLine } from './line.ts'

const LINE: AuditLine = {
  level: 'Metadata',
  auditID: 'a "quoted" one',
  stage: 'ResponseComplete',
  requestURI: '/api?x="\n"',
  verb: 'get',
  user: { name: 'änn "the" user', uid: '', groups: ['a', 'b"'], extra: { k: ['v'] } },
  impersonatedUser: undefined,
  sourceIP: '10.0.0.1',
  userAgent: 'curl/8 "\\"',
  objectRef: { resource: 'pods', namespace: 'a', name: 'p"', uid: 'u', apiGroup: '', apiVersion: 'v1', resourceVersion: '7', subresource: 'status' },
  responseStatus: { metadata: {}, code: 200 },
  bodies: undefined,
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  stageTimestamp: '2026-01-01T00:00:01.000000Z',
}
const HEAD = { kind: 'Event', apiVersion: 'audit.k8s.io/v1' }

test('a line is one line of JSON whatever stands in it, its members in the order of the type', () => {
  const written = {
    ...HEAD,
    level: 'Metadata',
    auditID: LINE.auditID,
    stage: 'ResponseComplete',
    requestURI: LINE.requestURI,
    verb: 'get',
    user: { username: LINE.user.name, groups: ['a', 'b"'], extra: { k: ['v'] } },
    sourceIPs: ['10.0.0.1'],
    userAgent: LINE.userAgent,
    objectRef: { resource: 'pods', namespace: 'a', name: 'p"', uid: 'u', apiVersion: 'v1', resourceVersion: '7', subresource: 'status' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: LINE.requestReceivedTimestamp,
    stageTimestamp: LINE.stageTimestamp,
  }
  assert.equal(auditLine(LINE), JSON.stringify(written))
  assert.equal(auditLine(LINE), JSON.stringify(written))
  assert.equal(auditLine({ ...LINE, bodies: {} }), JSON.stringify(written))
})

test('what is not known, or empty, is left out; bodies stand before the times', () => {
  const bare: AuditLine = {
    ...LINE,
    requestURI: undefined,
    user: { name: 'root', groups: [] },
    impersonatedUser: { name: 'ann', uid: '1', groups: [] },
    sourceIP: undefined,
    userAgent: '',
    objectRef: undefined,
    responseStatus: undefined,
    bodies: { requestObject: { a: 1 } },
  }
  assert.deepEqual(JSON.parse(auditLine(bare)), {
    ...HEAD,
    level: 'Metadata',
    auditID: LINE.auditID,
    stage: 'ResponseComplete',
    verb: 'get',
    user: { username: 'root', groups: [] },
    impersonatedUser: { username: 'ann', uid: '1', groups: [] },
    requestObject: { a: 1 },
    requestReceivedTimestamp: LINE.requestReceivedTimestamp,
    stageTimestamp: LINE.stageTimestamp,
  })
})
