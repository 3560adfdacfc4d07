const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysIn = (year: number, month: number): number => (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (DAYS[month - 1] ?? 0))

/**
 * A time as the API writes it, from any RFC 3339 spelling: UTC, `Z`, and `fraction` digits (0, or 6 for a MicroTime).
 * Undefined if the text is no RFC 3339 time.
 */
export function normaliseTime(text: string, fraction: 0 | 6): string | undefined {
  const known = written[fraction]
  if (known.has(text)) return text
  const time = readTime(text, fraction)
  if (time !== text) return time
  if (known.size >= MOST_WRITTEN) known.clear()
  known.add(text)
  return time
}

/** What came lately and was as it is to be: an object says few moments in many places, and objects made together the same. */
const written = { 0: new Set<string>(), 6: new Set<string>() }
const MOST_WRITTEN = 64

function readTime(text: string, fraction: 0 | 6): string | undefined {
  if (text.length > 64) return undefined
  const parts = RFC3339.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = [parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return undefined
  const digits = fraction === 6 ? `.${(parts[7] ?? '').slice(0, 6).padEnd(6, '0')}` : ''
  if (!parts[8]) return `${text.slice(0, 10)}T${text.slice(11, 19)}${digits}Z`
  const offset = Number(parts[9]) * 60 + Number(parts[10])
  if (Number(parts[9]) > 23 || Number(parts[10]) > 59) return undefined
  const at = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) - (parts[8] === '-' ? -offset : offset) * 60_000
  const iso = new Date(at).toISOString()
  return iso.length === 24 ? `${iso.slice(0, 19)}${digits}Z` : undefined
}
