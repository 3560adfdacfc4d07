import { type Address, formatAddress, hostBits, networkBits, readAddress, readNetwork, WIDTH } from '../meta/network.ts'
import { isMapped, readSloppyNetwork, withoutZeros } from './addresses.ts'

/** A mapped address means the IPv4 address in it. */
const plain = (address: Address): Address => (isMapped(address) ? { family: 4, bits: address.bits & 0xffffffffn } : address)

/** What to say of an address in a field that takes more forms than every program reads alike. */
export function ipWarnings(path: string, text: string): readonly string[] {
  const strict = readAddress(text)
  const address = strict ?? readAddress(withoutZeros(text))
  if (!address) return []
  const written = formatAddress(plain(address))
  if (!strict || isMapped(strict)) return [`${path}: non-standard IP address ${JSON.stringify(text)} is invalid: use ${JSON.stringify(written)}`]
  if (strict.family === 4 || written === text) return []
  return [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(written)})`]
}

/** The same for a network. */
export function cidrWarnings(path: string, text: string): readonly string[] {
  const strict = readNetwork(text)
  const network = strict ?? readSloppyNetwork(text)
  if (!network) return []
  const mapped = isMapped(network.address)
  const address = plain(network.address)
  const prefix = mapped ? network.prefix - 96 : network.prefix
  const first = { family: address.family, bits: networkBits(address, hostBits({ address, prefix })) }
  const written = `${formatAddress(first)}/${prefix}`
  const found: string[] = []
  if (first.bits !== address.bits) {
    const single = `${formatAddress(address)}/${WIDTH[address.family]}`
    found.push(`${path}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(written)} or ${JSON.stringify(single)}?)`)
  }
  if (!strict || mapped) found.push(`${path}: non-standard CIDR value ${JSON.stringify(text)} is invalid: use ${JSON.stringify(written)}`)
  if (found.length === 0 && address.family === 6 && written !== text) {
    found.push(`${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(written)})`)
  }
  return found
}
