import { addAll } from '../../base/add-all.ts'
import { CelProblem } from './syntax.ts'
import { Uint, type Value } from './values.ts'

export type Token =
  | { readonly kind: 'literal'; readonly at: number; readonly value: Value }
  | { readonly kind: 'name'; readonly at: number; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'mark'; readonly at: number; readonly text: string }
  | { readonly kind: 'end'; readonly at: number; readonly text: '' }

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y
const NAME = /[A-Za-z_]\w*/y
const QUOTED_NAME = /`[\w.\-/ ]+`/y
const DOUBLE = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y
const INTEGER = /(?:0x[0-9a-fA-F]+|\d+)[uU]?/y
const TEXT = /([bB]?[rR]?|[rR][bB])(?="|')/y
const MARK = /&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]/y
const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
const LARGEST_UINT = 2n ** 64n - 1n

/** Splits the text of an expression; throws a `CelProblem` where nothing fits. */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = []
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  while (true) {
    at += next(SPACE)?.[0].length ?? 0
    if (at >= text.length) break
    const prefix = next(TEXT)
    if (prefix) {
      const [value, end] = quoted(text, at, prefix[0].toLowerCase())
      found.push({ kind: 'literal', at, value })
      at = end
      continue
    }
    const name = next(NAME)
    const inTicks = name ? null : next(QUOTED_NAME)
    const token = name ?? inTicks
    if (token) {
      found.push({ kind: 'name', at, text: inTicks ? token[0].slice(1, -1) : token[0], quoted: inTicks !== null })
      at += token[0].length
      continue
    }
    const double = next(DOUBLE)
    const integer = double ? null : next(INTEGER)
    if (double) found.push({ kind: 'literal', at, value: Number(double[0]) })
    else if (integer) found.push({ kind: 'literal', at, value: whole(integer[0], at) })
    else {
      const mark = next(MARK)
      if (!mark) throw new CelProblem(at, `Syntax error: token recognition error at: '${[...text.slice(at)][0]}'`)
      found.push({ kind: 'mark', at, text: mark[0] })
      at += mark[0].length
      continue
    }
    at += (double ?? integer)![0].length
  }
  found.push({ kind: 'end', at: text.length, text: '' })
  return found
}

/** The bounds of an int are checked where a sign can still belong to it; see the parser. */
function whole(text: string, at: number): Value {
  if (!/u$/i.test(text)) return BigInt(text)
  const value = BigInt(text.slice(0, -1))
  if (value > LARGEST_UINT) throw new CelProblem(at, 'invalid uint literal')
  return new Uint(value)
}

function quoted(text: string, at: number, prefix: string): [Value, number] {
  const start = at + prefix.length
  const quote = text[start]!
  const mark = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote
  const raw = prefix.includes('r')
  const bytes = prefix.includes('b')
  const units: number[] = []
  let out = ''
  const put = (part: string): void => {
    if (bytes) addAll(units, new TextEncoder().encode(part))
    else out += part
  }
  let i = start + mark.length
  while (!text.startsWith(mark, i)) {
    const point = text.codePointAt(i)
    if (point === undefined || (mark.length === 1 && (point === 10 || point === 13))) throw new CelProblem(at, 'Syntax error: unterminated string')
    const one = String.fromCodePoint(point)
    i += one.length
    if (one !== '\\' || raw) {
      put(one)
      continue
    }
    const sequence = /^(?:[abfnrtv\\?"'`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/.exec(text.slice(i, i + 9))?.[0]
    if (sequence === undefined) throw new CelProblem(at, 'Syntax error: invalid escape sequence')
    i += sequence.length
    const code = /^[xXuU]/.test(sequence) ? Number.parseInt(sequence.slice(1), 16) : /^\d/.test(sequence) ? Number.parseInt(sequence, 8) : undefined
    if (code === undefined) put(SIMPLE[sequence] ?? sequence)
    else if (bytes && /^[xX\d]/.test(sequence)) units.push(code)
    else if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new CelProblem(at, 'Syntax error: invalid unicode code point')
    else put(String.fromCodePoint(code))
  }
  return [bytes ? Uint8Array.from(units) : out, i + mark.length]
}
