import { type FieldError, invalid, required } from '../../../meta/field-error.ts'
import { dnsSubdomain, searchDomain } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { HostAlias, PodSpec } from '../../../types/core/pod.ts'
import { checkIP } from '../../addresses.ts'

const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_LENGTH = 2048

export function checkHostAliases(aliases: readonly HostAlias[] | undefined, path: string, errors: FieldError[]): void {
  aliases?.forEach(({ ip, hostnames }, i) => {
    checkIP(ip, `${path}[${i}].ip`, errors)
    hostnames?.forEach((name, j) => {
      report(errors, `${path}[${i}].hostnames[${j}]`, name, dnsSubdomain(name))
    })
  })
}

export function checkDNS(spec: PodSpec, path: string, errors: FieldError[]): void {
  const config = spec.dnsConfig
  if (spec.dnsPolicy === 'None') {
    if (!config) errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    else if (!config.nameservers?.length) errors.push(required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (!config) return
  const { nameservers = [], searches = [], options = [] } = config
  if (nameservers.length > MAX_NAMESERVERS) {
    errors.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`))
  }
  nameservers.forEach((server, i) => {
    checkIP(server, `${path}.nameservers[${i}]`, errors)
  })
  if (searches.length > MAX_SEARCHES) errors.push(invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`))
  if (searches.join(' ').length > MAX_SEARCH_LENGTH) {
    errors.push(invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCH_LENGTH} characters (including spaces) in the search list`))
  }
  searches.forEach((search, i) => {
    const name = search.endsWith('.') ? search.slice(0, -1) : search
    if (search !== '.') report(errors, `${path}.searches[${i}]`, search, searchDomain(name))
  })
  options.forEach(({ name }, i) => {
    if (!name) errors.push(required(`${path}.options[${i}]`, 'must not be empty'))
  })
}
