import type { Draft } from '../../api/meta/object.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates.ts'
import type { AdmissionPlugin } from './plugin.ts'

/** A request for a certificate says who made it: the one who did, whatever the body says; it stays as it was made. */
export const certificateRequest: AdmissionPlugin = {
  name: 'CertificateSubject',
  on: ['certificatesigningrequests'],
  operations: ['create', 'update'],
  mutate({ object, old, user }) {
    const request = object as Draft<CertificateSigningRequest>
    if (old) {
      request.spec = (old as CertificateSigningRequest).spec as Draft<CertificateSigningRequest>['spec']
      return
    }
    const { spec } = request
    spec.username = user.name
    spec.groups = [...user.groups]
    if (user.uid === undefined) delete spec.uid
    else spec.uid = user.uid
    if (user.extra === undefined) delete spec.extra
    else spec.extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]))
    request.status = {}
  },
}
