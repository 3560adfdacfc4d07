/**
 * Quantities: `500m`, `1.5Gi`, `12e6`. Exact to one billionth; what is finer rounds away from zero, what is larger than
 * 2^63-1 is that. The written form keeps the family of its unit (decimal, binary, exponent) and is otherwise unique.
 */

type Family = 'decimal' | 'binary' | 'exponent'

interface Quantity {
  /** Billionths. */
  readonly nanos: bigint
  readonly family: Family
  /** Rounded up to whole units and to thousandths; doubles, exact to 2^53. */
  readonly value: number
  readonly milli: number
}

const NANO = 1_000_000_000n
const MILLI = 1_000_000n
const LARGEST = 9223372036854775807n * NANO
const SYNTAX = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$/
const POWER_OF_TEN: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const POWER_OF_1024: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }
const DECIMAL_SUFFIX: Readonly<Record<number, string>> = { [-9]: 'n', [-6]: 'u', [-3]: 'm', 0: '', 3: 'k', 6: 'M', 9: 'G', 12: 'T', 15: 'P', 18: 'E' }
const BINARY_SUFFIX = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

export const QUANTITY_SYNTAX = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const MAX_LENGTH = 64

const divideUp = (value: bigint, by: bigint): bigint => {
  const quotient = value / by
  return value % by > 0n ? quotient + 1n : quotient
}
const divideAway = (value: bigint, by: bigint): bigint => {
  const quotient = value / by
  const rest = value % by
  return rest === 0n ? quotient : rest > 0n ? quotient + 1n : quotient - 1n
}

const quantityOf = (nanos: bigint, family: Family): Quantity => ({
  nanos,
  family,
  value: Number(divideUp(nanos, NANO)),
  milli: Number(divideUp(nanos, MILLI)),
})
const clamp = (nanos: bigint): bigint => (nanos > LARGEST ? LARGEST : nanos < -LARGEST ? -LARGEST : nanos)

function read(text: string): Quantity | undefined {
  const match = text.length <= MAX_LENGTH ? SYNTAX.exec(text) : null
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') return undefined
  let digits = BigInt(whole + fraction)
  if (sign === '-') digits = -digits
  const binary = POWER_OF_1024[suffix]
  if (binary !== undefined) return quantityOf(clamp(scaled(digits * 1024n ** BigInt(binary), -fraction.length)), 'binary')
  const power = POWER_OF_TEN[suffix]
  if (suffix === '' || power !== undefined) return quantityOf(clamp(scaled(digits, (power ?? 0) - fraction.length)), 'decimal')
  const exponent = Number(suffix.slice(1))
  return quantityOf(clamp(scaled(digits, exponent - fraction.length)), 'exponent')
}

/** `digits × 10^power` in billionths, without building numbers larger than the largest quantity needs. */
function scaled(digits: bigint, power: number): bigint {
  const shift = power + 9
  if (digits === 0n) return 0n
  if (shift >= 0) return digits * 10n ** BigInt(Math.min(shift, 100))
  return shift < -200 ? (digits > 0n ? 1n : -1n) : divideAway(digits, 10n ** BigInt(-shift))
}

const KEPT = 4096
const known = new Map<string, Quantity>()

function lookUp(text: string): Quantity | undefined {
  let quantity = known.get(text)
  if (quantity === undefined) {
    quantity = read(text)
    if (quantity === undefined) return undefined
    if (known.size >= KEPT) known.clear()
    known.set(text, quantity)
  }
  return quantity
}

function parse(text: string): Quantity {
  const quantity = lookUp(text)
  if (quantity === undefined) throw new TypeError(`${JSON.stringify(text)}: ${QUANTITY_SYNTAX}`)
  return quantity
}

function format({ nanos, family }: Quantity): string {
  if (nanos === 0n) return '0'
  if (family === 'binary' && nanos % NANO === 0n && (nanos >= 1024n * NANO || nanos <= -1024n * NANO)) {
    let value = nanos / NANO
    let power = 0
    for (; value % 1024n === 0n && power < BINARY_SUFFIX.length - 1; power++) value /= 1024n
    return `${value}${BINARY_SUFFIX[power]}`
  }
  let mantissa = nanos
  let exponent = -9
  for (; mantissa % 1000n === 0n && exponent < 18; exponent += 3) mantissa /= 1000n
  return family === 'exponent' ? `${mantissa}${exponent === 0 ? '' : `e${exponent}`}` : `${mantissa}${DECIMAL_SUFFIX[exponent]}`
}

/** The one way to write a quantity (`1000m` is `1`, `0.5Gi` is `512Mi`); undefined if the text is none. */
export function canonicalQuantity(text: string): string | undefined {
  const quantity = lookUp(text)
  return quantity && format(quantity)
}

export const isQuantity = (text: string): boolean => lookUp(text) !== undefined
/** Rounded up to whole units. Throws a TypeError for what is no quantity, as all below do. */
export const quantityValue = (text: string): number => parse(text).value
/** Rounded up to thousandths: `250m` is 250. */
export const milliValue = (text: string): number => parse(text).milli
/** Billionths, exact. */
export const nanoValue = (text: string): bigint => parse(text).nanos

export function compareQuantities(a: string, b: string): number {
  const left = parse(a).nanos
  const right = parse(b).nanos
  return left < right ? -1 : left > right ? 1 : 0
}
export const isNegative = (text: string): boolean => parse(text).nanos < 0n

/** The sum, written in the family of the first that is not zero. */
export function addQuantities(a: string, b: string): string {
  const left = parse(a)
  const right = parse(b)
  return format(quantityOf(clamp(left.nanos + right.nanos), left.nanos === 0n ? right.family : left.family))
}
export function subtractQuantities(a: string, b: string): string {
  const left = parse(a)
  const right = parse(b)
  return format(quantityOf(clamp(left.nanos - right.nanos), left.nanos === 0n ? right.family : left.family))
}
/** A quantity of so many whole units, written in binary (`Ki` …) or decimal units. */
export const quantityFrom = (value: number | bigint, family: 'binary' | 'decimal' = 'decimal'): string =>
  format(quantityOf(clamp(BigInt(typeof value === 'number' ? Math.ceil(value) : value) * NANO), family))
export const quantityFromMilli = (milli: number): string => format(quantityOf(clamp(BigInt(Math.ceil(milli)) * MILLI), 'decimal'))
