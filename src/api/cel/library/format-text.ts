import { CelFailure, Instant, ListValue, MapValue, Optional, Span, Struct, TypeValue, Uint, type Value } from '../values.ts'
import { shownDouble } from './conversions.ts'
import { shownDuration, shownTimestamp } from './time-texts.ts'

const CLAUSE = /%(?:%|(?:\.(\d+))?([sdfebxXo]))|%/g
const MAX_PRECISION = 100

/** `"%s is %d".format(["a", 1])`: clauses s, d, f, e, b, x, X and o. */
export function formatText(text: string, args: readonly Value[]): string {
  let next = 0
  return text.replace(CLAUSE, (whole: string, precision: string | undefined, clause: string | undefined) => {
    if (whole === '%%') return '%'
    if (!clause) throw new CelFailure('could not parse formatting clause: unrecognized formatting clause')
    const value = args[next++]
    if (value === undefined) throw new CelFailure(`index ${next - 1} out of range`)
    const digits = Number(precision ?? 6)
    if (digits > MAX_PRECISION) throw new CelFailure('precision too large')
    return one(clause, value, digits)
  })
}

function one(clause: string, value: Value, digits: number): string {
  if (clause === 's') return shown(value)
  const wrong = new CelFailure(`error during formatting: %${clause} cannot take such a value`)
  const whole = typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined
  switch (clause) {
    case 'd':
      if (whole === undefined && typeof value !== 'number') throw wrong
      return whole === undefined ? String(value) : String(whole)
    case 'f':
    case 'e': {
      const number = whole === undefined ? value : Number(whole)
      if (typeof number !== 'number') throw wrong
      if (!Number.isFinite(number)) return String(number)
      return clause === 'f' ? number.toFixed(digits) : scientific(number, digits)
    }
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      if (whole === undefined) throw wrong
      return whole.toString(2)
    case 'o':
      if (whole === undefined) throw wrong
      return whole.toString(8)
    default: {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
      const hex = whole?.toString(16) ?? (bytes instanceof Uint8Array ? [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('') : undefined)
      if (hex === undefined) throw wrong
      return clause === 'X' ? hex.toUpperCase() : hex
    }
  }
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** `3.14×10⁰⁰`, as upstream's version of the library writes it. */
function scientific(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e')
  const raised = [...exponent.slice(1).padStart(2, '0')].map(digit => RAISED[Number(digit)]).join('')
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`
}

function shown(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? shownDouble(value) : String(value)
  if (value === null || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Instant) return shownTimestamp(value.nanos)
  if (value instanceof Span) return shownDuration(value.nanos)
  if (value instanceof TypeValue) return value.name
  if (value instanceof ListValue) return `[${value.items.map(shown).join(', ')}]`
  if (value instanceof MapValue || value instanceof Struct) {
    const entries = [...(value instanceof Struct ? value.fields : value.entries)].map(([key, inner]) => `${key}: ${shown(inner)}`)
    return `{${entries.sort().join(', ')}}`
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (value instanceof Optional) return value.value === undefined ? 'optional.none()' : `optional.of(${shown(value.value)})`
  return value.text
}
