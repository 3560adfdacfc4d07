import { type Signature, signature } from '../signature.ts'
import { CelFailure, ListValue, type Value } from '../values.ts'
import { formatText } from './format-text.ts'
import { walking } from './operators.ts'

const scan = (text: string, part: string): number => (text.length * Math.max(1, part.length)) / 100

/** White space as Unicode has it, which is not what JavaScript trims. */
const SPACE_AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu

/** Positions count code points. */
function within(index: bigint, length: number): number {
  if (index < 0n || index > length) throw new CelFailure(`index out of range: ${index}`)
  return Number(index)
}

function find(text: string, part: string, from: bigint, step: 1 | -1): bigint {
  const points = [...text]
  const wanted = [...part]
  if (wanted.length === 0) return BigInt(within(from, points.length))
  for (let i = within(from, points.length); i >= 0 && i <= points.length; i += step) {
    if (wanted.every((one, j) => points[i + j] === one)) return BigInt(i)
  }
  return -1n
}

function replaceSome(text: string, old: string, by: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(old, () => by)
  let left = most
  return text.replaceAll(old, found => (left-- > 0n ? by : found))
}

function splitSome(text: string, by: string, most: bigint): readonly string[] {
  const parts = by === '' ? [...text] : text.split(by)
  if (most < 0n || parts.length <= most) return parts
  if (most === 0n) return []
  const kept = Number(most) - 1
  return [...parts.slice(0, kept), parts.slice(kept).join(by)]
}

function substring(text: string, from: bigint, to?: bigint): string {
  const points = [...text]
  const start = within(from, points.length)
  const end = to === undefined ? points.length : within(to, points.length)
  if (start > end) throw new CelFailure(`invalid substring range. start: ${start}, end: ${end}`)
  return points.slice(start, end).join('')
}

function join(list: ListValue, by: string): string {
  if (!list.items.every(item => typeof item === 'string')) throw new CelFailure('no such overload')
  return list.items.join(by)
}

const ascii = (text: string, from: RegExp, change: (one: string) => string): string => text.replace(from, change)
const listed = (texts: readonly string[]): ListValue => new ListValue(texts)

export const texts: readonly Signature[] = [
  signature<[string, string]>('string::contains(string): bool', (text, part) => text.includes(part), scan),
  signature<[string, string]>(
    'string::startsWith(string): bool',
    (text, part) => text.startsWith(part),
    (_, part) => walking(part),
  ),
  signature<[string, string]>(
    'string::endsWith(string): bool',
    (text, part) => text.endsWith(part),
    (_, part) => walking(part),
  ),
  signature<[string, bigint]>('string::charAt(int): string', (text, index) => [...text][within(index, [...text].length)] ?? ''),
  signature<[string, string]>('string::indexOf(string): int', (text, part) => find(text, part, 0n, 1), scan),
  signature<[string, string, bigint]>('string::indexOf(string, int): int', (text, part, from) => find(text, part, from, 1), scan),
  signature<[string, string]>('string::lastIndexOf(string): int', (text, part) => find(text, part, BigInt([...text].length), -1), scan),
  signature<[string, string, bigint]>('string::lastIndexOf(string, int): int', (text, part, from) => find(text, part, from, -1), scan),
  signature<[string]>('string::lowerAscii(): string', text => ascii(text, /[A-Z]/g, one => one.toLowerCase()), walking),
  signature<[string]>('string::upperAscii(): string', text => ascii(text, /[a-z]/g, one => one.toUpperCase()), walking),
  signature<[string, string, string]>('string::replace(string, string): string', (text, old, by) => replaceSome(text, old, by, -1n), walking),
  signature<[string, string, string, bigint]>('string::replace(string, string, int): string', replaceSome, walking),
  signature<[string, string]>('string::split(string): list<string>', (text, by) => listed(splitSome(text, by, -1n)), walking),
  signature<[string, string, bigint]>('string::split(string, int): list<string>', (text, by, most) => listed(splitSome(text, by, most)), walking),
  signature<[string, bigint]>('string::substring(int): string', (text, from) => substring(text, from), walking),
  signature<[string, bigint, bigint]>('string::substring(int, int): string', (text, from, to) => substring(text, from, to), walking),
  signature<[string]>('string::trim(): string', text => text.replace(SPACE_AROUND, ''), walking),
  signature<[ListValue]>('list<string>::join(): string', list => join(list, ''), walking),
  signature<[ListValue, string]>('list<string>::join(string): string', join, walking),
  signature<[string, ListValue]>('string::format(list<dyn>): string', (text, { items }) => formatText(text, items), walking),
  signature<[string]>('strings.quote(string): string', text => quote(text), walking),
  signature<[string, string]>('string::matches(string): bool', (text, pattern, { pattern: of }) => of(pattern).test(text), matching),
  signature<[string, string]>('matches(string, string): bool', (text, pattern, { pattern: of }) => of(pattern).test(text), matching),
  signature<[string, string]>('string::find(string): string', (text, pattern, { pattern: of }) => of(pattern).find(text, 1)[0] ?? '', matching),
  signature<[string, string]>(
    'string::findAll(string): list<string>',
    (text, pattern, calling) => listed(calling.pattern(pattern).find(text, Infinity)),
    matching,
  ),
  signature<[string, string, bigint]>(
    'string::findAll(string, int): list<string>',
    (text, pattern, most, calling) => listed(calling.pattern(pattern).find(text, most < 0n ? Infinity : Number(most))),
    matching,
  ),
]

function matching(text: Value, pattern: Value): number {
  return ((1 + (text as string).length) / 10) * Math.max(1, (pattern as string).length / 4)
}

const ESCAPES: Readonly<Record<string, string>> = { '\x07': 'a', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\', '"': '"' }
const quote = (text: string): string => `"${[...text].map(one => (ESCAPES[one] ? `\\${ESCAPES[one]}` : one)).join('')}"`
