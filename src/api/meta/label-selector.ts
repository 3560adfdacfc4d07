import type { LabelSelector } from '../types/meta.ts'
import type { Labels } from './labels.ts'
import { labelValue, qualifiedName } from './names.ts'
import { badRequest } from './status.ts'

export type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt' | '=' | '!='

/** One term of a label selector. `=` and `!=` have exactly one value, `Gt` and `Lt` one decimal integer. */
export interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

export type Matcher = (labels: Labels | undefined) => boolean

const EMPTY: Labels = Object.freeze({})
export const everything: Matcher = () => true
export const nothing: Matcher = () => false

const INTEGER = /^[+-]?[0-9]{1,19}$/
/** A decimal 64-bit integer as Go parses it, or undefined. */
export function parseInt64(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value <= 9223372036854775807n && value >= -9223372036854775808n ? value : undefined
}

function matcherOfOne({ key, operator, values }: Requirement): (labels: Labels) => boolean {
  const only = values[0]
  switch (operator) {
    case '=':
      return labels => labels[key] === only
    case '!=':
      return labels => labels[key] !== only
    case 'In':
      if (values.length === 1) return labels => labels[key] === only
      return labels => Object.hasOwn(labels, key) && values.includes(labels[key] as string)
    case 'NotIn':
      return labels => !Object.hasOwn(labels, key) || !values.includes(labels[key] as string)
    case 'Exists':
      return labels => Object.hasOwn(labels, key)
    case 'DoesNotExist':
      return labels => !Object.hasOwn(labels, key)
    case 'Gt':
    case 'Lt': {
      const bound = parseInt64(only ?? '')
      if (bound === undefined) return () => false
      return labels => {
        const value = Object.hasOwn(labels, key) ? parseInt64(labels[key] as string) : undefined
        return value !== undefined && (operator === 'Gt' ? value > bound : value < bound)
      }
    }
    default:
      return () => false
  }
}

/** All requirements at once; none matches everything. */
export function compileRequirements(requirements: readonly Requirement[]): Matcher {
  const tests = requirements.map(matcherOfOne)
  const [first, second] = tests
  if (first === undefined) return everything
  if (second === undefined) return labels => first(labels ?? EMPTY)
  return labels => {
    const given = labels ?? EMPTY
    for (const test of tests) if (!test(given)) return false
    return true
  }
}

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist'])

/** The terms of a selector object, sorted by key; undefined if it is not well formed. */
export function requirementsOf(selector: LabelSelector): readonly Requirement[] | undefined {
  const found: Requirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? EMPTY)) found.push({ key, operator: '=', values: [value] })
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    if (!OPERATORS.has(operator)) return undefined
    const listed = operator === 'In' || operator === 'NotIn'
    if (listed !== (values ?? []).length > 0) return undefined
    found.push({ key, operator: operator as Operator, values: values ?? [] })
  }
  for (const { key, values } of found) {
    if (qualifiedName(key).length > 0 || values.some(v => labelValue(v).length > 0)) return undefined
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

const compiled = new WeakMap<LabelSelector, Matcher>()

/**
 * A selector object as a function: `{}` matches everything, none at all (or a malformed one) nothing. Kept per object identity, so
 * it costs nothing to ask again for a frozen one; never call it with an object that will change.
 */
export function matcherOf(selector: LabelSelector | undefined | null): Matcher {
  if (!selector) return nothing
  let matcher = compiled.get(selector)
  if (matcher === undefined) {
    const requirements = requirementsOf(selector)
    matcher = requirements ? compileRequirements(requirements) : nothing
    compiled.set(selector, matcher)
  }
  return matcher
}

/** Whether every label of `wanted` is there; none wanted matches everything. */
export function hasLabels(labels: Labels | undefined, wanted: Labels | undefined): boolean {
  if (wanted) for (const key in wanted) if (labels?.[key] !== wanted[key]) return false
  return true
}

const formatOne = ({ key, operator, values }: Requirement): string => {
  switch (operator) {
    case 'In':
      return `${key} in (${[...values].sort().join(',')})`
    case 'NotIn':
      return `${key} notin (${[...values].sort().join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    case 'Gt':
      return `${key}>${values[0]}`
    case 'Lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}

/** The text form, which `parseLabelSelector` reads back. */
export const formatRequirements = (requirements: readonly Requirement[]): string => requirements.map(formatOne).join(',')

/** A selector object in text: `a=b,c in (d,e),!f`; `<none>` when empty, `<error>` when malformed. */
export function formatLabelSelector(selector: LabelSelector | undefined | null): string {
  if (!selector) return '<none>'
  const requirements = requirementsOf(selector)
  return requirements === undefined ? '<error>' : requirements.length === 0 ? '<none>' : formatRequirements(requirements)
}

const TOKEN = /\s*(==|!=|=|!|\(|\)|,|<|>|[^\s=!(),<>]+)/y

function tokens(text: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text)
    if (!match?.[1]) throw malformed(`found '${text.slice(TOKEN.lastIndex)}', expected: identifier`)
    found.push(match[1])
  }
  return found
}

const malformed = (why: string) => badRequest(`unable to parse requirement: ${why}`)
const SYMBOLS: ReadonlySet<string> = new Set(['==', '!=', '=', '!', '(', ')', ',', '<', '>'])
const ALIASES: Readonly<Record<string, Operator>> = { '=': '=', '==': '=', '!=': '!=', in: 'In', notin: 'NotIn', '>': 'Gt', '<': 'Lt' }

/**
 * Reads a selector in text: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a)`, `k>1`, `k<1`, joined by commas.
 * Throws a `BadRequest` that says what was found and what was expected.
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  const all = tokens(text)
  const found: Requirement[] = []
  let at = 0
  const identifier = (expected: string): string => {
    const token = all[at]
    if (token === undefined || SYMBOLS.has(token)) throw malformed(`found '${token ?? ''}', expected: ${expected}`)
    at++
    return token
  }
  while (at < all.length) {
    const absent = all[at] === '!'
    if (absent) at++
    const key = identifier("'!', identifier, or 'end of string'")
    const next = all[at]
    let requirement: Requirement = { key, operator: absent ? 'DoesNotExist' : 'Exists', values: [] }
    if (!absent && next !== undefined && next !== ',') {
      const operator = Object.hasOwn(ALIASES, next) ? ALIASES[next] : undefined
      if (operator === undefined) throw malformed(`found '${next}', expected: in, notin, =, ==, !=, gt, lt`)
      at++
      requirement = { key, operator, values: operator === 'In' || operator === 'NotIn' ? valueSet() : [value()] }
    }
    checked(requirement)
    found.push(requirement)
    if (at >= all.length) break
    if (all[at] !== ',') throw malformed(`found '${all[at]}', expected: ',' or 'end of string'`)
    at++
    if (at >= all.length || all[at] === ',') throw malformed(`found '${all[at] ?? ''}', expected: identifier after ','`)
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))

  function value(): string {
    const token = all[at]
    if (token === undefined || token === ',') return ''
    return identifier('identifier')
  }
  function valueSet(): readonly string[] {
    if (all[at] !== '(') throw malformed(`found '${all[at] ?? ''}', expected: '('`)
    at++
    const values = new Set<string>()
    for (;;) {
      const token = all[at]
      if (token === ',' || token === ')') values.add('')
      else {
        values.add(identifier("',', ')' or identifier"))
      }
      const after = all[at]
      if (after === ')') {
        at++
        return [...values]
      }
      if (after !== ',') throw malformed(`found '${after ?? ''}', expected: ',' or ')'`)
      at++
    }
  }
}

function checked({ key, operator, values }: Requirement): void {
  const wrongKey = qualifiedName(key)
  if (wrongKey.length > 0) throw malformed(`key: Invalid value: ${JSON.stringify(key)}: ${wrongKey.join('; ')}`)
  if ((operator === 'Gt' || operator === 'Lt') && parseInt64(values[0] ?? '') === undefined) {
    throw malformed(`values[0]: Invalid value: ${JSON.stringify(values[0] ?? '')}: for 'Gt', 'Lt' operators, the value must be an integer`)
  }
  for (const [i, value] of values.entries()) {
    const wrong = labelValue(value)
    if (wrong.length > 0) throw malformed(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`)
  }
}
