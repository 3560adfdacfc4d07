import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateSigningRequest } from '../../api/types/certificates.ts'
import { CLIENT_SIGNER, judgeRequest, NODE_SIGNER, type ObservedRequest, type RequestContent } from './plan.ts'

const content: RequestContent = { commonName: 'system:node:n1', organizations: ['system:nodes'], keyHash: 'key-1', alternativeNames: false }
const bootstrap = { username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] }
const node1 = { username: 'system:node:n1', groups: ['system:nodes'] }

function verdict(o: {
  spec?: object
  conditions?: string[]
  content?: Partial<RequestContent> | null
  nodeExists?: boolean
  knownKeyHash?: string
  certificate?: string
}): string {
  const observed: ObservedRequest = {
    request: {
      spec: { request: '', signerName: NODE_SIGNER, usages: ['digital signature', 'client auth'], ...bootstrap, ...o.spec },
      status: { conditions: o.conditions?.map(type => ({ type, status: 'True' })), certificate: o.certificate },
    } as unknown as CertificateSigningRequest,
    content: o.content === null ? undefined : { ...content, ...o.content },
    nodeExists: o.nodeExists ?? false,
    knownKeyHash: o.knownKeyHash,
  }
  const found = judgeRequest(observed)
  return found.do === 'sign' ? `sign ${found.commonName}` : `${found.do} ${found.reason}`
}

test('a signing request is approved, denied, signed or left for one reason', () => {
  const cases: [Parameters<typeof verdict>[0], string][] = [
    [{}, 'approve AutoApproved'],
    [{ conditions: ['Approved'] }, 'sign system:node:n1'],
    [{ conditions: ['Denied'] }, 'nothing denied'],
    [{ conditions: ['Approved'], certificate: 'x' }, 'nothing issued'],
    [{ nodeExists: true }, 'deny NodeExists'],
    [{ nodeExists: true, knownKeyHash: 'key-2' }, 'deny NodeExists'],
    [{ nodeExists: true, knownKeyHash: 'key-1' }, 'approve AutoApproved'],
    [{ nodeExists: true, spec: node1 }, 'approve AutoApproved'],
    [{ spec: node1, content: { commonName: 'system:node:n2' } }, 'nothing waits for somebody to approve it'],
    [{ spec: { extra: { 'everynode.dev/node': ['n1'] } } }, 'approve AutoApproved'],
    [{ spec: { extra: { 'everynode.dev/node': ['n9'] } } }, 'deny OtherNode'],
    [{ spec: { username: 'ann', groups: [] } }, 'nothing waits for somebody to approve it'],
    [{ content: null }, 'deny Unreadable'],
    [{ content: { commonName: 'system:admin' } }, 'deny SignerValidationFailure'],
    [{ content: { organizations: ['system:nodes', 'system:masters'] } }, 'deny SignerValidationFailure'],
    [{ content: { alternativeNames: true } }, 'deny SignerValidationFailure'],
    [{ spec: { usages: ['client auth', 'server auth'] } }, 'deny SignerValidationFailure'],
    [{ spec: { signerName: 'example.com/own' } }, 'nothing another signer is asked'],
    [{ spec: { signerName: CLIENT_SIGNER }, content: { commonName: 'ann', organizations: ['team'] } }, 'nothing waits for somebody to approve it'],
    [{ spec: { signerName: CLIENT_SIGNER }, content: { commonName: 'ann', organizations: ['system:masters'] } }, 'deny SignerValidationFailure'],
    [{ spec: { signerName: CLIENT_SIGNER }, content: { organizations: ['system:masters'] }, conditions: ['Approved'] }, 'fail SignerValidationFailure'],
    [{ spec: { signerName: CLIENT_SIGNER }, content: { commonName: 'ann' }, conditions: ['Approved'] }, 'sign ann'],
  ]
  assert.deepEqual(
    cases.map(([world]) => verdict(world)),
    cases.map(([, wanted]) => wanted),
  )
})
