import { type FieldError, invalid } from '../meta/field-error.ts'
import { isIPv4 } from '../meta/ip.ts'
import { type Address, hostBits, inside, type Network, networkBits, readAddress, readNetwork } from '../meta/network.ts'

const NOT_AN_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NOT_A_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** Octets with zeros before them, which some read as octal. */
export const withoutZeros = (text: string): string => text.replace(/(^|\.)0+(?=[0-9])/g, '$1')
export const isMapped = ({ family, bits }: Address): boolean => family === 6 && bits >> 32n === 0xffffn

/** An address that every program reads alike. Fields that were checked less strictly once may keep what is in `before`. */
export function checkIP(text: string, path: string, errors: FieldError[], before: readonly string[] = []): boolean {
  if (before.includes(text)) return true
  const address = readAddress(text)
  const problem = !address
    ? isIPv4(withoutZeros(text))
      ? 'must not have leading 0s'
      : NOT_AN_IP
    : isMapped(address)
      ? 'must not be an IPv4-mapped IPv6 address'
      : undefined
  if (problem) errors.push(invalid(path, text, problem))
  return !problem
}

/** A network that every program reads alike, without bits of a host. */
export function checkCIDR(text: string, path: string, errors: FieldError[], before: readonly string[] = []): boolean {
  if (before.includes(text)) return true
  const problem = problemOfNetwork(text)
  if (problem) errors.push(invalid(path, text, problem))
  return !problem
}

/** A network, also where its numbers have zeros before them. */
export function readSloppyNetwork(text: string): Network | undefined {
  const [address = '', bits = '', ...rest] = text.split('/')
  return readNetwork([withoutZeros(address), bits.replace(/^0+(?=[0-9])/, ''), ...rest].join('/'))
}

function problemOfNetwork(text: string): string | undefined {
  const network = readNetwork(text)
  if (!network) return readSloppyNetwork(text) ? 'must not have leading 0s in IP or prefix length' : NOT_A_CIDR
  if (isMapped(network.address)) return 'must not have an IPv4-mapped IPv6 address'
  return networkBits(network.address, hostBits(network)) === network.address.bits ? undefined : 'must not have bits set beyond the prefix length'
}

const RANGES: readonly [string, string][] = [
  ['127.0.0.0/8', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['::1/128', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.0.0/16', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['fe80::/10', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.0/24', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
  ['ff02::/16', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
]
const UNREACHABLE = RANGES.map(([range, problem]) => ({ network: readNetwork(range)!, problem }))

/** An address that others can reach: no part of the host it stands on and nothing of one link alone. */
export function checkReachable(text: string, path: string, errors: FieldError[]): void {
  const address = readAddress(withoutZeros(text))
  if (!address) errors.push(invalid(path, text, 'must be a valid IP address'))
  else if (address.bits === 0n) errors.push(invalid(path, text, `may not be unspecified (${text})`))
  else for (const { network, problem } of UNREACHABLE) if (inside(network, address)) errors.push(invalid(path, text, problem))
}
