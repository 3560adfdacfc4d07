import { isIPv4 } from 'node:net'

/** A range of IPv4 addresses in CIDR form, without its first and last address. */
export class IpRange {
  readonly text: string
  readonly #first: number
  readonly size: number

  /** `10.96.0.0/16`; at least four addresses. */
  constructor(cidr: string) {
    const [address = '', bits = ''] = cidr.split('/')
    const length = Number(bits)
    if (!isIPv4(address) || !/^\d+$/.test(bits) || length < 8 || length > 30) {
      throw new RangeError(`${JSON.stringify(cidr)} is no range of service addresses: give IPv4 and a prefix of 8 to 30, like 10.96.0.0/16`)
    }
    const mask = (-1 << (32 - length)) >>> 0
    this.text = cidr
    this.#first = ((toNumber(address) & mask) >>> 0) + 1
    this.size = 2 ** (32 - length) - 2
  }

  /** The n-th usable address, from 0. */
  at(n: number): string {
    return toText(this.#first + n)
  }
  has(address: string): boolean {
    if (!isIPv4(address)) return false
    const n = toNumber(address) - this.#first
    return n >= 0 && n < this.size
  }
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const toText = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
