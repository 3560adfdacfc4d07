import { type Token, tokens } from './lexer.ts'
import { CelProblem, type Expression, type Macro } from './syntax.ts'

const RESERVED = new Set('as break const continue else false for function if import in let loop package namespace null return true var void while'.split(' '))
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in'])
const MAX_DEPTH = 250
const MAX_LENGTH = 100_000
const LARGEST = 2n ** 63n

/** The macros by name: how many variables each may bind, and whether a filter may stand before the last argument. */
const MACROS: Readonly<Record<string, { readonly macro: Macro; readonly variables: readonly number[]; readonly filter?: true }>> = {
  all: { macro: 'all', variables: [1, 2] },
  exists: { macro: 'exists', variables: [1, 2] },
  exists_one: { macro: 'existsOne', variables: [1] },
  existsOne: { macro: 'existsOne', variables: [1, 2] },
  map: { macro: 'map', variables: [1], filter: true },
  filter: { macro: 'filter', variables: [1] },
  transformList: { macro: 'transformList', variables: [2], filter: true },
  transformMap: { macro: 'transformMap', variables: [2], filter: true },
  transformMapEntry: { macro: 'transformMapEntry', variables: [2], filter: true },
  sortBy: { macro: 'sortBy', variables: [1] },
  optMap: { macro: 'optMap', variables: [1] },
  optFlatMap: { macro: 'optFlatMap', variables: [1] },
}

/** Parses an expression of the Common Expression Language; throws a `CelProblem`. */
export function parse(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new CelProblem(0, `expression code point size exceeds limit: size: ${text.length}, limit ${MAX_LENGTH}`)
  const parser = new Parser(tokens(text))
  const expression = parser.expression()
  parser.end()
  return expression
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(list: readonly Token[]) {
    this.#tokens = list
  }

  get #token(): Token {
    return this.#tokens[this.#next]!
  }

  end(): void {
    if (this.#token.kind !== 'end') this.#unexpected()
  }

  #unexpected(): never {
    const token = this.#token
    const shown = token.kind === 'end' ? '<EOF>' : token.kind === 'literal' ? String(token.value) : token.text
    throw new CelProblem(token.at, `Syntax error: unexpected '${shown}'`)
  }

  #tooDeep(): never {
    throw new CelProblem(this.#token.at, 'max recursion depth exceeded')
  }

  #is(text: string): boolean {
    const token = this.#token
    return (token.kind === 'mark' && token.text === text) || (token.kind === 'name' && !token.quoted && token.text === text && text === 'in')
  }

  #take(text: string): Token | undefined {
    if (!this.#is(text)) return undefined
    return this.#tokens[this.#next++]!
  }

  #expect(text: string): Token {
    return this.#take(text) ?? this.#unexpected()
  }

  expression(): Expression {
    if (++this.#depth > MAX_DEPTH) this.#tooDeep()
    const test = this.#or()
    const mark = this.#take('?')
    let out = test
    if (mark) {
      const yes = this.#or()
      this.#expect(':')
      out = { kind: 'conditional', at: mark.at, test, yes, no: this.expression() }
    }
    this.#depth--
    return out
  }

  #or(): Expression {
    return this.#chain('||', 'or', () => this.#and())
  }

  #and(): Expression {
    return this.#chain('&&', 'and', () => this.#comparison())
  }

  /** A long chain becomes a shallow tree. */
  #chain(mark: string, kind: 'and' | 'or', operand: () => Expression): Expression {
    const terms = [operand()]
    const marks: number[] = []
    for (let token = this.#take(mark); token; token = this.#take(mark)) {
      marks.push(token.at)
      terms.push(operand())
    }
    const tree = (from: number, to: number): Expression => {
      if (from === to) return terms[from]!
      const middle = (from + to) >> 1
      return { kind, at: marks[middle]!, left: tree(from, middle), right: tree(middle + 1, to) }
    }
    return tree(0, terms.length - 1)
  }

  #comparison(): Expression {
    return this.#binary(COMPARISONS, () => this.#binary(new Set(['+', '-']), () => this.#binary(new Set(['*', '/', '%']), () => this.#unary())))
  }

  #binary(operators: ReadonlySet<string>, operand: () => Expression): Expression {
    let left = operand()
    for (let length = 1; ; length++) {
      const token = this.#token
      if (length > MAX_DEPTH) this.#tooDeep()
      if (token.kind === 'end' || token.kind === 'literal' || !operators.has(token.text) || !this.#is(token.text)) return left
      this.#next++
      const name = token.text === 'in' ? '@in' : `_${token.text}_`
      left = { kind: 'call', at: token.at, name, target: undefined, args: [left, operand()] }
    }
  }

  #unary(): Expression {
    const marks: Token[] = []
    const sign = this.#is('-') ? '-' : this.#is('!') ? '!' : undefined
    if (sign) for (let mark = this.#take(sign); mark; mark = this.#take(sign)) marks.push(mark)
    const next = this.#token
    if (sign === '-' && next.kind === 'literal' && (typeof next.value === 'bigint' || typeof next.value === 'number')) {
      // The smallest int exists only with its sign.
      const sign = marks.pop()!
      this.#next++
      if (typeof next.value === 'bigint' && next.value > LARGEST) throw new CelProblem(next.at, 'invalid int literal')
      return this.#signed(marks, this.#members({ kind: 'literal', at: sign.at, value: -next.value }), '-')
    }
    return this.#signed(marks, this.#members(this.#primary()), sign ?? '-')
  }

  #signed(marks: readonly Token[], operand: Expression, sign: string): Expression {
    if (marks.length % 2 === 0) return operand
    return { kind: 'call', at: marks[0]!.at, name: `${sign}_`, target: undefined, args: [operand] }
  }

  #members(first: Expression): Expression {
    let of = first
    for (let length = 1; ; length++) {
      if (length > MAX_DEPTH) this.#tooDeep()
      const dot = this.#take('.')
      if (dot) {
        const optional = this.#take('?') !== undefined
        const name = this.#token
        if (name.kind !== 'name' || (!name.quoted && name.text === 'in')) this.#unexpected()
        this.#next++
        const open = name.quoted || optional ? undefined : this.#take('(')
        if (open) of = this.#call(name.text, of, open.at)
        else {
          if (!name.quoted && (name.text === 'true' || name.text === 'false' || name.text === 'null')) {
            this.#next--
            this.#unexpected()
          }
          of = { kind: 'select', at: dot.at, of, field: name.text, optional }
        }
        continue
      }
      const bracket = this.#take('[')
      if (!bracket) return of
      const optional = this.#take('?') !== undefined
      const index = this.expression()
      this.#expect(']')
      of = { kind: 'index', at: bracket.at, of, index, optional }
    }
  }

  #call(name: string, target: Expression | undefined, at: number): Expression {
    const args: Expression[] = []
    if (!this.#take(')')) {
      do args.push(this.expression())
      while (this.#take(','))
      this.#expect(')')
    }
    return expand(name, target, args, at) ?? { kind: 'call', at, name, target, args }
  }

  #primary(): Expression {
    const token = this.#token
    if (token.kind === 'literal') {
      this.#next++
      if (typeof token.value === 'bigint' && token.value >= LARGEST) throw new CelProblem(token.at, 'invalid int literal')
      return { kind: 'literal', at: token.at, value: token.value }
    }
    if (this.#take('(')) {
      const inner = this.expression()
      this.#expect(')')
      return inner
    }
    const list = this.#take('[')
    if (list) return { kind: 'list', at: list.at, items: this.#elements(']', optional => ({ value: this.expression(), optional })) }
    const map = this.#take('{')
    if (map) {
      const entries = this.#elements('}', optional => {
        const key = this.expression()
        this.#expect(':')
        return { key, value: this.expression(), optional }
      })
      return { kind: 'map', at: map.at, entries }
    }
    const rooted = this.#take('.')
    const name = this.#token
    if (name.kind !== 'name' || name.quoted) this.#unexpected()
    this.#next++
    if (!rooted) {
      if (name.text === 'true' || name.text === 'false') return { kind: 'literal', at: name.at, value: name.text === 'true' }
      if (name.text === 'null') return { kind: 'literal', at: name.at, value: null }
    }
    const open = this.#take('(')
    if (open) return this.#call(name.text, undefined, open.at)
    if (RESERVED.has(name.text)) throw new CelProblem(name.at, `reserved identifier: ${name.text}`)
    return { kind: 'name', at: name.at, name: name.text }
  }

  #elements<T>(end: string, element: (optional: boolean) => T): readonly T[] {
    const found: T[] = []
    while (!this.#take(end)) {
      found.push(element(this.#take('?') !== undefined))
      if (this.#take(',')) continue
      this.#expect(end)
      break
    }
    return found
  }
}

function expand(name: string, target: Expression | undefined, args: readonly Expression[], at: number): Expression | undefined {
  if (!target) {
    const [of] = args
    if (name !== 'has' || args.length !== 1) return undefined
    if (of?.kind !== 'select' || of.optional) throw new CelProblem(at, 'invalid argument to has() macro')
    return { kind: 'has', at, of: of.of, field: of.field }
  }
  const found = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined
  if (!found) return undefined
  for (const count of found.variables) {
    const filtered = found.filter && args.length === count + 2
    if (args.length !== count + 1 && !filtered) continue
    const variables: string[] = []
    for (const variable of args.slice(0, count)) {
      if (variable.kind !== 'name') throw new CelProblem(variable.at, 'argument must be a simple name')
      if (variables.includes(variable.name)) throw new CelProblem(variable.at, 'duplicate variable name')
      variables.push(variable.name)
    }
    return { kind: 'comprehension', at, macro: found.macro, over: target, variables, filter: filtered ? args[count] : undefined, body: args.at(-1)! }
  }
  return undefined
}
