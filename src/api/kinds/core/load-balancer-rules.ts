import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { isIP } from '../../meta/ip.ts'
import { dnsSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { Service } from '../../types/core/service.ts'
import { checkIP } from '../addresses.ts'

interface Balancer {
  readonly ip?: string | undefined
  readonly hostname?: string | undefined
}

const PATH = 'status.loadBalancer.ingress'

/** Where a load balancer can be reached: addresses and host names; an address may go on as it stands already. */
export function validateBalancers(balancers: readonly Balancer[] | undefined, before: readonly Balancer[] | undefined): FieldError[] {
  const errors: FieldError[] = []
  const known = (before ?? []).flatMap(({ ip }) => ip ?? [])
  balancers?.forEach(({ ip, hostname }, i) => {
    if (ip) checkIP(ip, `${PATH}[${i}].ip`, errors, known)
    if (!hostname) return
    report(errors, `${PATH}[${i}].hostname`, hostname, dnsSubdomain(hostname))
    if (isIP(hostname)) errors.push(invalid(`${PATH}[${i}].hostname`, hostname, 'must be a DNS name, not an IP address'))
  })
  return errors
}

/** What a Service of type LoadBalancer, and no other, says of its balancers. */
export function validateServiceStatus({ spec, status }: Service, old: Service): readonly FieldError[] {
  const balancers = status.loadBalancer?.ingress ?? []
  if (spec.type !== 'LoadBalancer' && balancers.length > 0) return [forbiddenField(PATH, "may only be used when `spec.type` is 'LoadBalancer'")]
  const errors = validateBalancers(balancers, old.status.loadBalancer?.ingress)
  balancers.forEach(({ ip, ipMode }, i) => {
    const at = `${PATH}[${i}].ipMode`
    if (ipMode === undefined) {
      if (ip) errors.push(required(at, 'must be specified when `ip` is set'))
    } else if (!ip) errors.push(forbiddenField(at, 'may not be specified when `ip` is not set'))
    else if (ipMode !== 'Proxy' && ipMode !== 'VIP') errors.push(notSupported(at, ipMode, ['Proxy', 'VIP']))
  })
  return errors
}
