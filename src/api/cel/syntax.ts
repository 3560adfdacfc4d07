import type { Value } from './values.ts'

/** Where in the text an expression is reported: an index of UTF-16 units. */
interface At {
  readonly at: number
}

/** What a parsed expression is; macros are expanded already. */
export type Expression = At &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'select'; readonly of: Expression; readonly field: string; readonly optional: boolean }
    | { readonly kind: 'has'; readonly of: Expression; readonly field: string }
    | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly optional: boolean }
    | { readonly kind: 'call'; readonly name: string; readonly target: Expression | undefined; readonly args: readonly Expression[] }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'conditional'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
    | { readonly kind: 'list'; readonly items: readonly { readonly value: Expression; readonly optional: boolean }[] }
    | { readonly kind: 'map'; readonly entries: readonly { readonly key: Expression; readonly value: Expression; readonly optional: boolean }[] }
    | Comprehension
  )

/** A macro over the elements of a list or the keys of a map; two variables are index and element, or key and value. */
export interface Comprehension {
  readonly kind: 'comprehension'
  readonly macro: Macro
  readonly over: Expression
  readonly variables: readonly string[]
  readonly filter: Expression | undefined
  readonly body: Expression
}

export type Macro =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'sortBy'
  | 'optMap'
  | 'optFlatMap'

/** A text that is no expression, or one that does not fit its variables. */
export class CelProblem extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** Problems as they are shown: line, column, the line, and a mark below the place. */
export function shownProblems(text: string, problems: readonly CelProblem[]): string {
  const lines = text.split('\n')
  return problems
    .map(({ at, message }) => {
      const before = text.slice(0, at).split('\n')
      const column = [...before.at(-1)!].length
      return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${lines[before.length - 1]}\n | ${'.'.repeat(column)}^`
    })
    .join('\n')
}
