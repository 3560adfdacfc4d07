import { formatDuration } from '../../meta/age.ts'
import { CertificateSigningRequest } from '../../types/certificates.ts'
import { AGE, NAME, NONE, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { withoutStatus } from '../status.ts'
import { anyName, prepareRequestForUpdate, validateSigningRequest } from './certificate-signing-request-rules.ts'
import { validateSigningStatus } from './signing-status-rules.ts'

function conditionCell(request: CertificateSigningRequest): string {
  const types = new Set((request.status.conditions ?? []).map(c => c.type))
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : ''
  if (!decision && !types.has('Failed')) return 'Pending'
  return [decision, types.has('Failed') && 'Failed', request.status.certificate && 'Issued'].filter(Boolean).join(',')
}

export const CertificateSigningRequests: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  schema: CertificateSigningRequest,
  unownable: member => member === 'spec' || member === 'status',
  subresources: {
    status: true,
    other: { approval: { verbs: ['get', 'patch', 'update'], kind: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' } } },
  },
  selectableFields: { 'spec.signerName': request => request.spec.signerName },
  prepareForCreate: withoutStatus,
  prepareForUpdate: prepareRequestForUpdate,
  validateName: anyName,
  validate: validateSigningRequest,
  validateStatusUpdate: validateSigningStatus,
  columns: [
    NAME,
    AGE,
    text('SignerName', 'Who is to sign.', request => request.spec.signerName),
    text('Requestor', 'Who asked.', request => request.spec.username ?? ''),
    text('RequestedDuration', 'How long the certificate should be valid.', request =>
      request.spec.expirationSeconds == null ? NONE : formatDuration(request.spec.expirationSeconds * 1000),
    ),
    text('Condition', 'Whether it was approved and issued.', conditionCell),
  ],
}
