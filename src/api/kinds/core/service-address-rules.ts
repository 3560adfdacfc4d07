import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { familyOf } from '../../meta/ip.ts'
import type { ServiceSpec } from '../../types/core/service.ts'
import { checkIP } from '../addresses.ts'
import { checkOptionalChoice } from '../choice.ts'

const FAMILIES = ['IPv4', 'IPv6']
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const ONCE_SET = 'may not change once set'

export const isHeadless = ({ clusterIPs }: ServiceSpec): boolean => clusterIPs?.length === 1 && clusterIPs[0] === 'None'

/** A Service's own addresses and their families fit each other. */
export function checkClusterAddresses(spec: ServiceSpec, old: ServiceSpec | undefined, errors: FieldError[]): void {
  if (spec.type === 'ExternalName') return
  const { clusterIP = '', clusterIPs: ips = [], ipFamilies: families = [] } = spec
  const path = 'spec.clusterIPs'
  if (clusterIP && ips.length === 0) errors.push(required(path))
  else if (clusterIP && ips[0] !== clusterIP) errors.push(invalid(path, ips, 'first value must match `clusterIP`'))
  else if (!clusterIP && ips.length > 0) errors.push(invalid(path, ips, 'must be empty when `clusterIP` is not specified'))
  const again = repeats(families, family => family)
  families.forEach((family, i) => {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES))
    if (again.has(i)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family))
  })
  checkOptionalChoice(spec.ipFamilyPolicy, FAMILY_POLICIES, 'spec.ipFamilyPolicy', errors)
  if (!checkEach(ips, old?.clusterIPs, errors)) return
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < ips.length) {
    errors.push(invalid(path, ips, 'may specify no more than one IP for each IP family'))
  }
  if (isHeadless(spec)) return
  ips.forEach((ip, i) => {
    const family = families[i]
    if (family !== undefined && FAMILIES.includes(family) && familyOf(ip) !== family) {
      errors.push(invalid(`${path}[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
    }
  })
}

/** Whether every one is an address, or the only one is None. */
function checkEach(ips: readonly string[], before: readonly string[] | undefined, errors: FieldError[]): boolean {
  const path = 'spec.clusterIPs'
  let good = true
  ips.forEach((ip, i) => {
    if (i > 0 || ip !== 'None') good = checkIP(ip, `${path}[${i}]`, errors, before) && good
    else if (ips.length > 1) {
      good = false
      errors.push(invalid(path, ips, "'None' must be the first and only value"))
    }
  })
  if (ips.length > 2) errors.push(invalid(path, ips, 'may only hold up to 2 values'))
  return good
}

/** An address and its family stay; a second of each may come, and go again with the policy. */
export function checkClusterAddressesUpdate(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName' || (isHeadless(spec) && isHeadless(old))) return
  checkKept('clusterIP', spec, spec.clusterIPs ?? [], old.clusterIPs ?? [], errors)
  if (isHeadless(spec) === isHeadless(old)) checkKept('ipFamily', spec, spec.ipFamilies ?? [], old.ipFamilies ?? [], errors)
}

function checkKept(what: 'clusterIP' | 'ipFamily', spec: ServiceSpec, now: readonly string[], before: readonly string[], errors: FieldError[]): void {
  const path = what === 'clusterIP' ? 'spec.clusterIPs' : 'spec.ipFamilies'
  if (now.length === before.length) {
    before.forEach((value, i) => {
      if (value !== now[i]) errors.push(invalid(`${path}[${what === 'clusterIP' ? i : 0}]`, now, ONCE_SET))
    })
    return
  }
  if (now.length === 0) errors.push(invalid(`${path}[0]`, null, `primary ${what} can not be unset`))
  else if (before.length > 0 && now[0] !== before[0]) errors.push(invalid(`${path}[0]`, now, ONCE_SET))
  if (now.length === 1 && before.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${what}`))
  }
}
