import { forbidden } from '../../api/meta/status.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates.ts'
import { equal } from '../../base/equal.ts'
import type { AdmissionPlugin } from '../admission/plugin.ts'
import type { Authorizer } from '../registry/authorizer.ts'

const GROUP = 'certificates.k8s.io'
const CONDITIONS_OF_APPROVAL = new Set(['Approved', 'Denied'])

/**
 * Who decides on a signing request needs `approve`, who writes the certificate or that it failed needs `sign`, on the signer:
 * by its name or by `DOMAIN/*` (upstream's CertificateApproval and CertificateSigning).
 */
export const signerPermissions = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  on: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
  operations: ['update'],
  async check({ subresource, user, name, object, old }) {
    const { spec, status } = old as CertificateSigningRequest
    const verb = subresource === 'approval' ? 'approve' : 'sign'
    const others = (request: CertificateSigningRequest) => request.status.conditions?.filter(({ type }) => !CONDITIONS_OF_APPROVAL.has(type)) ?? []
    const after = object as CertificateSigningRequest
    if (verb === 'sign' && after.status.certificate === status.certificate && equal(others(after), others(old as CertificateSigningRequest))) return
    for (const signer of [spec.signerName, `${spec.signerName.split('/', 1)[0]}/*`]) {
      const { allowed } = await authorizer.authorize({ user, verb, group: GROUP, version: '*', resource: 'signers', name: signer })
      if (allowed) return
    }
    throw forbidden(
      { group: GROUP, resource: 'certificatesigningrequests' },
      name,
      `user not permitted to ${verb} requests with signerName "${spec.signerName}"`,
    )
  },
})
