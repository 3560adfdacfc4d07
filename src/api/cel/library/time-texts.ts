import { CelFailure, type Instant, type Span } from '../values.ts'
import { instant, span } from './operators.ts'

const SECOND = 1_000_000_000n
const UNITS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: 1_000_000n, s: SECOND, m: 60n * SECOND, h: 3600n * SECOND }

/** `1h30m`, `-1.5s`, `0`; throws a `CelFailure` for anything else. */
export function readDuration(text: string): Span {
  const match = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text)
  if (!match) throw new CelFailure(`time: invalid duration ${JSON.stringify(text)}`)
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit] of match[2]!.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const factor = UNITS[unit!]!
    nanos += BigInt(whole || 0) * factor + (BigInt(fraction || 0) * factor) / 10n ** BigInt(fraction.length)
  }
  return span(match[1] === '-' ? -nanos : nanos)
}

/** Seconds: `90s`, `1.5s`. */
export function shownDuration(nanos: bigint): string {
  const away = nanos < 0n ? -nanos : nanos
  return `${nanos < 0n ? '-' : ''}${away / SECOND}${fractionOf(away % SECOND)}s`
}

const fractionOf = (nanos: bigint): string => (nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`)

const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** An RFC 3339 time, or seconds since 1970; throws a `CelFailure`. */
export function readTimestamp(from: string | bigint): Instant {
  if (typeof from === 'bigint') return instant(from * SECOND)
  const match = TIME.exec(from)
  const failure = new CelFailure(`cannot parse ${JSON.stringify(from)} as a timestamp`)
  if (!match) throw failure
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const same = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  if (!same || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw failure
  const offset = BigInt(Number(offsetHours) * 60 + Number(offsetMinutes)) * 60n * SECOND * (sign === '-' ? -1n : 1n)
  return instant(BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0')) - offset)
}

const milliseconds = (nanos: bigint): number => Number((nanos - (((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n)

export function shownTimestamp(nanos: bigint): string {
  const part = ((nanos % SECOND) + SECOND) % SECOND
  return `${new Date(milliseconds(nanos))
    .toISOString()
    .replace(/\.\d{3}Z$/, '')
    .replace(/^\+00/, '')}${fractionOf(part)}Z`
}

/** The wall clock of a place: `UTC`, `Europe/Berlin`, `-08:00`. The answer's UTC fields are the local ones. */
export function wallClock(nanos: bigint, zone: string): Date {
  const ms = milliseconds(nanos)
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  if (offset) return new Date(ms + (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 * (offset[1] === '-' ? -1 : 1))
  if (zone === 'UTC' || zone === '') return new Date(ms)
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    const part = Object.fromEntries(format.formatToParts(new Date(ms)).map(({ type, value }) => [type, Number(value)]))
    return new Date(Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second'], ((ms % 1000) + 1000) % 1000))
  } catch {
    throw new CelFailure(`unknown time zone ${zone}`)
  }
}
