import { type FieldError, invalid, required, tooLong } from '../../meta/field-error.ts'
import { dnsSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'

const LONGEST = 63
const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const path = new RegExp(`^${PATH}$`)

/** The controller that acts on an object: `example.com/name`. */
export function checkManagedBy(name: string, at: string, errors: FieldError[]): void {
  const slash = name.indexOf('/')
  if (name === '') errors.push(required(at))
  else if (slash <= 0 || slash === name.length - 1) errors.push(invalid(at, name, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    const domain = name.slice(0, slash)
    const rest = name.slice(slash + 1)
    report(errors, at, domain, dnsSubdomain(domain))
    if (!path.test(rest)) errors.push(invalid(at, rest, `Invalid path (regex used for validation is '${PATH}')`))
  }
  if (name.length > LONGEST) errors.push(tooLong(at, LONGEST))
}
