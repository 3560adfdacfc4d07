import type { ObjectOf } from '../meta/object.ts'
import { bytes, explicit, int32, list, map, message, opt, req, type Static, string, time } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

export const CertificateSigningRequestSpec = message(
  'certificates.v1.CertificateSigningRequestSpec',
  {
    expirationSeconds: opt(8, explicit(int32), 'Lifetime wanted.'),
    extra: opt(6, map(list(string)), 'Further facts about who asks; set by the server.'),
    groups: opt(4, list(string, { list: 'atomic' }), 'Groups of who asks; set by the server.'),
    request: req(1, bytes, 'The request in PEM.'),
    signerName: req(7, string, 'Who is to sign.'),
    uid: opt(3, string, 'Uid of who asks; set by the server.'),
    usages: opt(5, list(string, { list: 'atomic' }), 'What the key is for.'),
    username: opt(2, string, 'Name of who asks; set by the server.'),
  },
  { doc: 'What is asked for.' },
)
export type CertificateSigningRequestSpec = Static<typeof CertificateSigningRequestSpec>

export const CertificateSigningRequestCondition = message(
  'certificates.v1.CertificateSigningRequestCondition',
  {
    lastTransitionTime: opt(5, time, 'When the status last changed.'),
    lastUpdateTime: opt(4, time, 'When the condition was last written.'),
    message: opt(3, string, 'What a person should know about it.'),
    reason: opt(2, string, 'One word for why.'),
    status: req(6, string, 'True, False or Unknown.'),
    type: req(1, string, 'Approved, Denied or Failed.'),
  },
  { doc: 'One decision.' },
)
export type CertificateSigningRequestCondition = Static<typeof CertificateSigningRequestCondition>

export const CertificateSigningRequestStatus = message(
  'certificates.v1.CertificateSigningRequestStatus',
  {
    certificate: opt(2, bytes, 'The certificate in PEM.'),
    conditions: opt(1, list(CertificateSigningRequestCondition, { list: 'map', keys: ['type'] }), 'Approved, Denied or Failed.'),
  },
  { doc: 'The decision and the certificate.' },
)
export type CertificateSigningRequestStatus = Static<typeof CertificateSigningRequestStatus>

export const CertificateSigningRequest = message(
  'certificates.v1.CertificateSigningRequest',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, CertificateSigningRequestSpec, 'What is asked for, and by whom.'),
    status: opt(3, CertificateSigningRequestStatus, 'The decision and the certificate.'),
  },
  { kind: true, doc: 'Asks for a certificate.' },
)
export type CertificateSigningRequest = ObjectOf<Static<typeof CertificateSigningRequest>>
