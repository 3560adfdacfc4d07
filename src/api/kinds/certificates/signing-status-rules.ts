import { duplicate, type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { CertificateSigningRequest } from '../../types/certificates.ts'

const PATH = 'status.conditions'
const VALUES = ['False', 'True', 'Unknown']
/** What is said of a request once and never taken back. */
const FINAL = ['Approved', 'Denied', 'Failed']

function checkConditions(conditions: NonNullable<CertificateSigningRequest['status']['conditions']>, errors: FieldError[]): void {
  const before = new Set<string>()
  conditions.forEach(({ type, status }, i) => {
    if (!type) errors.push(required(`${PATH}[${i}].type`))
    const allowed = FINAL.includes(type) ? ['True'] : VALUES
    if (!status) errors.push(required(`${PATH}[${i}].status`))
    else if (!allowed.includes(status)) errors.push(notSupported(`${PATH}[${i}].status`, status, allowed))
    if ((type === 'Approved' && before.has('Denied')) || (type === 'Denied' && before.has('Approved'))) {
      errors.push(invalid(PATH, type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (before.has(type)) errors.push(duplicate(`${PATH}[${i}].type`, type))
    before.add(type)
  })
}

const BLOCK = /-----BEGIN ([^-]+)-----\r?\n([\s\S]*?)-----END \1-----/g

/** Why a text, base64 of PEM, is no chain of certificates, as far as can be told without reading them. */
function problemOfChain(base64: string): string | undefined {
  const blocks = [...atob(base64).matchAll(BLOCK)]
  const other = blocks.find(([, type]) => type !== 'CERTIFICATE')
  if (other) return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other[1])}`
  if (blocks.some(([, , body]) => body?.includes(':'))) return 'no PEM block headers are permitted'
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

/** What who approves and who signs may write; what stands already may go on. */
export function validateSigningStatus({ status }: CertificateSigningRequest, old: CertificateSigningRequest): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!semanticEqual(status.conditions, old.status.conditions)) checkConditions(status.conditions ?? [], errors)
  if (status.certificate && status.certificate !== old.status.certificate) {
    const problem = problemOfChain(status.certificate)
    if (problem) errors.push(invalid('status.certificate', status.certificate, problem))
  }
  return errors
}
