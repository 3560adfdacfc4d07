import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsSubdomain, FINE } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import type { CertificateSigningRequest } from '../../types/certificates.ts'

/** What a certificate may be used for. */
const USAGES: readonly string[] = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
const SHORTEST_SECONDS = 600
const PEM = /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\r?\n[A-Za-z0-9+/=\r\n]+-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/

/** Any name will do: it is chosen by who asks. */
export const anyName = () => FINE

/** What was asked for does not change; who decides and who signs write through subresources. */
export function prepareRequestForUpdate(request: Draft<CertificateSigningRequest>, old: CertificateSigningRequest): void {
  request.spec = old.spec as Draft<CertificateSigningRequest>['spec']
  request.status = old.status as Draft<CertificateSigningRequest>['status']
}

function isRequest(base64: string): boolean {
  try {
    return PEM.test(atob(base64))
  } catch {
    return false
  }
}

function checkSigner(signer: string, errors: FieldError[]): void {
  const slash = signer.indexOf('/')
  const domain = signer.slice(0, slash)
  if (!signer) errors.push(required('spec.signerName'))
  else if (slash < 1 || slash === signer.length - 1 || !domain.includes('.') || dnsSubdomain(domain).length > 0) {
    errors.push(invalid('spec.signerName', signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'"))
  } else if (signer === 'kubernetes.io/legacy-unknown') {
    errors.push(invalid('spec.signerName', signer, 'the legacy signerName is not allowed via this API version'))
  }
}

export function validateSigningRequest({ spec }: CertificateSigningRequest): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!isRequest(spec.request)) errors.push(invalid('spec.request', '', 'must be one PEM block of type CERTIFICATE REQUEST'))
  checkSigner(spec.signerName, errors)
  const usages = spec.usages ?? []
  if (usages.length === 0) errors.push(required('spec.usages'))
  const again = repeats(usages, usage => usage)
  usages.forEach((usage, i) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${i}]`, usage, USAGES))
    if (again.has(i)) errors.push(duplicate(`spec.usages[${i}]`, usage))
  })
  if (spec.expirationSeconds != null && spec.expirationSeconds < SHORTEST_SECONDS) {
    errors.push(invalid('spec.expirationSeconds', spec.expirationSeconds, `may not specify a duration less than ${SHORTEST_SECONDS} seconds (10 minutes)`))
  }
  return errors
}
