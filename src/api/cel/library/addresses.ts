import { type Address, hostBits, inside, insideNetwork, type Network, networkBits, readAddress, WIDTH } from '../../meta/network.ts'
import { type Signature, signature } from '../signature.ts'
import { CelFailure, Opaque, type Value } from '../values.ts'

const addressOf = (value: Opaque): Address => value.data as Address
const networkOf = (value: Opaque): Network => value.data as Network

/** An address as text, or why it is none. IPv4 inside IPv6 and zones are none. */
function read(text: string): Address | string {
  if (text.includes('%')) return `IP address ${JSON.stringify(text)} with zone value is not allowed`
  const address = readAddress(text)
  if (!address) return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`
  const mapped = address.family === 6 && address.bits >> 32n === 0xffffn
  return mapped ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : address
}

function shownV6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bits >> BigInt(112 - 16 * i)) & 0xffffn)
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (i + run < 8 && groups[i + run] === 0n) run++
    if (run > length) [start, length] = [i, run]
  }
  const hex = groups.map(group => group.toString(16))
  if (start < 0) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

const shownAddress = ({ family, bits }: Address): string => (family === 4 ? [24n, 16n, 8n, 0n].map(shift => (bits >> shift) & 0xffn).join('.') : shownV6(bits))

const ip = (address: Address): Opaque => new Opaque('net.IP', shownAddress(address), address)
const cidr = (network: Network): Opaque => new Opaque('net.CIDR', `${shownAddress(network.address)}/${network.prefix}`, network)

function toIp(text: string): Opaque {
  const found = read(text)
  if (typeof found === 'string') throw new CelFailure(found)
  return ip(found)
}

function readNetwork(text: string): Network | string {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = match ? read(match[1]!) : undefined
  if (typeof address === 'string' && address.startsWith('IPv4-mapped')) return address
  if (!match || !address || typeof address === 'string' || Number(match[2]) > WIDTH[address.family]) {
    return `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no prefix`
  }
  return { address, prefix: Number(match[2]) }
}

function toCidr(text: string): Opaque {
  const found = readNetwork(text)
  if (typeof found === 'string') throw new CelFailure(found)
  return cidr(found)
}

const starts = ({ family, bits }: Address, wanted: 4 | 6, value: bigint, length: number): boolean =>
  family === wanted && bits >> BigInt(WIDTH[family] - length) === value
const isLoopback = (a: Address): boolean => starts(a, 4, 127n, 8) || (a.family === 6 && a.bits === 1n)
const isMulticast = (a: Address): boolean => starts(a, 4, 0xen, 4) || starts(a, 6, 0xffn, 8)
const isLinkLocalUnicast = (a: Address): boolean => starts(a, 4, 0xa9fen, 16) || starts(a, 6, 0xfe80n >> 6n, 10)
const isLinkLocalMulticast = (a: Address): boolean => starts(a, 4, 0xe00000n, 24) || (a.family === 6 && ((a.bits >> 112n) & 0xff0fn) === 0xff02n)
const isGlobal = (a: Address): boolean =>
  a.bits !== 0n && !(a.family === 4 && a.bits === 0xffffffffn) && !isLoopback(a) && !isMulticast(a) && !isLinkLocalUnicast(a)

const asks = (name: string, holds: (address: Address) => boolean): Signature => signature<[Opaque]>(`net.IP::${name}(): bool`, value => holds(addressOf(value)))

export const addresses: readonly Signature[] = [
  signature<[string]>('ip(string): net.IP', toIp),
  signature<[string]>('isIP(string): bool', text => typeof read(text) !== 'string'),
  signature<[string]>('ip.isCanonical(string): bool', text => toIp(text).text === text),
  signature<[Opaque]>('string(net.IP): string', value => value.text),
  signature<[Opaque]>('net.IP::family(): int', value => BigInt(addressOf(value).family)),
  asks('isUnspecified', a => a.bits === 0n),
  asks('isLoopback', isLoopback),
  asks('isLinkLocalMulticast', isLinkLocalMulticast),
  asks('isLinkLocalUnicast', isLinkLocalUnicast),
  asks('isGlobalUnicast', isGlobal),
  signature<[string]>('cidr(string): net.CIDR', toCidr),
  signature<[string]>('isCIDR(string): bool', text => typeof readNetwork(text) !== 'string'),
  signature<[Opaque]>('string(net.CIDR): string', value => value.text),
  signature<[Opaque, string]>('net.CIDR::containsIP(string): bool', (network, text) => inside(networkOf(network), addressOf(toIp(text)))),
  signature<[Opaque, Opaque]>('net.CIDR::containsIP(net.IP): bool', (network, address) => inside(networkOf(network), addressOf(address))),
  signature<[Opaque, string]>('net.CIDR::containsCIDR(string): bool', (outer, text) => insideNetwork(networkOf(outer), networkOf(toCidr(text)))),
  signature<[Opaque, Opaque]>('net.CIDR::containsCIDR(net.CIDR): bool', (outer, inner) => insideNetwork(networkOf(outer), networkOf(inner))),
  signature<[Opaque]>('net.CIDR::ip(): net.IP', value => ip(networkOf(value).address)),
  signature<[Opaque]>('net.CIDR::prefixLength(): int', value => BigInt(networkOf(value).prefix)),
  signature<[Opaque]>('net.CIDR::masked(): net.CIDR', (value): Value => {
    const { address, prefix } = networkOf(value)
    return cidr({ address: { ...address, bits: networkBits(address, hostBits(networkOf(value))) }, prefix })
  }),
]
