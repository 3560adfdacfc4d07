import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditRule } from './policy.ts'
import { readAuditPolicy } from './read-policy.ts'

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n'
const ann = { name: 'ann', groups: ['dev', 'system:authenticated'] }

test('a policy file is read rule by rule, and its first rule that fits decides', async () => {
  const policy = await readAuditPolicy(`${HEAD}
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: [/healthz*, /version]
- level: RequestResponse
  userGroups: [dev]
  omitManagedFields: true
  resources:
  - {group: apps, resources: [daemonsets, "daemonsets/*"]}
  - {group: "", resources: ["*/status", pods/exec], resourceNames: [a]}
- level: Metadata
  omitStages: [ResponseStarted]
`)
  const of = (line: string) => {
    const [verb = '', what = '', name] = line.split(' ')
    if (what.startsWith('/')) return auditRule(policy, { user: ann, verb, path: what }).level
    const [whole = '', group = ''] = what.split('@')
    const [resource, subresource] = whole.split('/')
    return auditRule(policy, { user: ann, verb, group, resource, subresource, name, namespace: 'ns' }).level
  }
  const wanted: Readonly<Record<string, string>> = {
    'get /healthz/ping': 'None',
    'get /version': 'None',
    'get /versions': 'Metadata',
    'patch daemonsets@apps x': 'RequestResponse',
    'patch daemonsets/status@apps x': 'RequestResponse',
    'patch deployments@apps x': 'Metadata',
    'create pods/exec a': 'RequestResponse',
    'create pods/exec b': 'Metadata',
    'update nodes/status a': 'RequestResponse',
    'update nodes a': 'Metadata',
  }
  assert.deepEqual(Object.fromEntries(Object.keys(wanted).map(line => [line, of(line)])), wanted)
  assert.deepEqual(
    policy.map(({ omitStages, omitManagedFields }) => [omitStages, omitManagedFields]),
    [
      [['RequestReceived'], undefined],
      [['RequestReceived'], true],
      [['RequestReceived', 'ResponseStarted'], undefined],
    ],
  )
})

test('a policy that cannot be meant is refused with the place that is wrong', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /one Policy is wanted/],
    ['a: [', /line/],
    ['apiVersion: v1\nkind: Policy\nrules: [{level: None}]', /a Policy of audit\.k8s\.io\/v1 is wanted, not a Policy of v1/],
    [`${HEAD}rules: []`, /^Error: rules: at least one/],
    [`${HEAD}rule: []`, /^Error: rule: there is no such field/],
    [`${HEAD}rules: [{level: All}]`, /rules\[0\]\.level: "All" is none of None, Metadata, Request, RequestResponse/],
    [`${HEAD}rules: [{level: None, verb: [get]}]`, /rules\[0\]\.verb: there is no such field/],
    [`${HEAD}rules: [{level: None, verbs: get}]`, /rules\[0\]\.verbs: a list of texts/],
    [`${HEAD}rules: [{level: None, resources: [{group: 1}]}]`, /rules\[0\]\.resources\[0\]\.group/],
    [`${HEAD}rules: [{level: None, resources: [{group: a}], nonResourceURLs: [/a]}]`, /nonResourceURLs, or about resources/],
    [`${HEAD}omitStages: [Never]\nrules: [{level: None}]`, /omitStages: "Never" is none of/],
  ]
  for (const [text, message] of cases) await assert.rejects(readAuditPolicy(text), error => message.test(String(error)), text)
})
