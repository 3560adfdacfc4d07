import { isCIDR, isIPv4, isIPv6 } from './ip.ts'

export interface Address {
  readonly family: 4 | 6
  readonly bits: bigint
}
export interface Network {
  readonly address: Address
  readonly prefix: number
}

/** How many bits an address has. */
export const WIDTH = { 4: 32, 6: 128 } as const
const bitsOfV4 = (text: string): bigint => text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)

function bitsOfV6(text: string): bigint {
  const groups = (half: string): readonly bigint[] =>
    half === ''
      ? []
      : half.split(':').flatMap(part => {
          if (!part.includes('.')) return [BigInt(`0x${part}`)]
          const bits = bitsOfV4(part)
          return [bits >> 16n, bits & 0xffffn]
        })
  const [head = '', tail] = text.split('::')
  const first = groups(head)
  const rest = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: 8 - first.length - rest.length }, () => 0n)
  return [...first, ...zeros, ...rest].reduce((bits, group) => (bits << 16n) | group, 0n)
}

/** The bits of an IPv4 or IPv6 address; undefined for anything else. */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, bits: bitsOfV4(text) }
  return isIPv6(text) ? { family: 6, bits: bitsOfV6(text) } : undefined
}

/** `10.0.0.0/8`; undefined for what is no network. */
export function readNetwork(text: string): Network | undefined {
  if (!isCIDR(text)) return undefined
  const [address = '', prefix] = text.split('/')
  return { address: readAddress(address)!, prefix: Number(prefix) }
}

/** An address as RFC 5952 writes it: of an IPv6 address the first of the longest runs of zero groups, of at least two, is left out. */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (bits >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  let left = { at: 0, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > left.length) left = { at, length }
  }
  if (left.length === 1) return groups.join(':')
  return `${groups.slice(0, left.at).join(':')}::${groups.slice(left.at + left.length).join(':')}`
}

/** How many bits of an address are not the network's. */
export const hostBits = ({ address, prefix }: Network): bigint => BigInt(WIDTH[address.family] - prefix)
export const networkBits = (address: Address, free: bigint): bigint => (address.bits >> free) << free
export const inside = (network: Network, address: Address): boolean =>
  address.family === network.address.family && networkBits(address, hostBits(network)) === networkBits(network.address, hostBits(network))
export const insideNetwork = (outer: Network, inner: Network): boolean => inner.prefix >= outer.prefix && inside(outer, inner.address)
