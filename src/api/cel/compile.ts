import { indexed, selected, typeOfValue } from './access.ts'
import { compileList, compileMap } from './collections.ts'
import { compileComprehension } from './comprehension.ts'
import { parse } from './parser.ts'
import { attempt, type Compiled, Running } from './running.ts'
import { type Library, type Pattern, type Signature, takes } from './signature.ts'
import { CelProblem, type Expression } from './syntax.ts'
import { typeNamed } from './type-names.ts'
import { type Bindings, BOOL, DYN, ERROR, fits, isDynamic, isPlain, optionalOf, shownType, substitute, type Type } from './types.ts'
import { CelFailure, MapValue, Optional, Struct, type Value } from './values.ts'

export interface Environment {
  readonly library: Library
  readonly variables: Readonly<Record<string, Type>>
  /** Compiles a pattern; throws a `CelFailure` for what is none. */
  readonly pattern: (text: string) => Pattern
}

/** An expression that fits its environment. */
export interface Program {
  readonly type: Type
  /** The variables of the environment that it reads. */
  readonly uses: ReadonlySet<string>
  /**
   * The value for these variables. Throws a `CelFailure` when there is none and `CostExceeded` when it takes more than
   * `limit`; `onCost` hears what was spent in any case.
   */
  evaluate(variables: Readonly<Record<string, Value>>, limit: number, onCost: (cost: number) => void): Value
}

/** Parses and checks an expression; gives all problems there are with it. */
export function compile(text: string, environment: Environment): Program | { readonly problems: readonly CelProblem[] } {
  const compiler = new Compiler(environment)
  try {
    const { type, run } = compiler.compile(parse(text))
    if (compiler.problems.length > 0) return { problems: compiler.problems }
    const names = Object.keys(environment.variables)
    return {
      type,
      uses: compiler.uses,
      evaluate(variables, limit, onCost) {
        const running = new Running(
          names.map(name => variables[name] ?? null),
          environment.pattern,
          limit,
        )
        try {
          return run(running)
        } finally {
          onCost(running.spent)
        }
      },
    }
  } catch (error) {
    if (error instanceof CelProblem) return { problems: [...compiler.problems, error] }
    throw error
  }
}

export interface Typed extends Compiled {
  readonly type: Type
  /** The value, where it is written out. */
  readonly literal?: Value
}

/** Functions with an argument that is judged when it is written out, and which one that is. */
const LITERALS: Readonly<Record<string, number>> = { matches: 1, find: 1, findAll: 1, duration: 0, timestamp: 0 }

interface Variable {
  readonly place: number
  readonly type: Type
}

export class Compiler {
  readonly problems: CelProblem[] = []
  readonly uses = new Set<string>()
  readonly #library: Library
  readonly #pattern: Environment['pattern']
  readonly #globals: ReadonlyMap<string, Variable>
  #locals: ReadonlyMap<string, Variable> = new Map()
  #places: number

  constructor({ library, variables, pattern }: Environment) {
    this.#library = library
    this.#pattern = pattern
    const names = Object.keys(variables)
    this.#globals = new Map(names.map((name, place) => [name, { place, type: variables[name]! }]))
    this.#places = names.length
  }

  problem(at: number, message: string): Typed {
    this.problems.push(new CelProblem(at, message))
    return { type: ERROR, run: () => null }
  }

  /** Compiles `body` with more variables; tells it their places. */
  within<T>(variables: readonly (readonly [string, Type])[], body: (places: readonly number[]) => T): T {
    const outer = this.#locals
    const places = variables.map(() => this.#places++)
    this.#locals = new Map([...outer, ...variables.map(([name, type], i) => [name, { place: places[i]!, type }] as const)])
    try {
      return body(places)
    } finally {
      this.#locals = outer
    }
  }

  compile(expression: Expression): Typed {
    switch (expression.kind) {
      case 'literal': {
        const { value } = expression
        return { type: typeOfValue(value), literal: value, run: () => value }
      }
      case 'name':
        return this.#name(expression.name, expression.at)
      case 'select':
        return this.#select(expression)
      case 'has':
        return this.#has(expression)
      case 'index':
        return this.#index(expression)
      case 'call':
        return this.#call(expression)
      case 'and':
      case 'or':
        return this.#logic(expression)
      case 'conditional':
        return this.#conditional(expression)
      case 'list':
        return compileList(this, expression)
      case 'map':
        return compileMap(this, expression)
      case 'comprehension':
        return compileComprehension(this, expression)
      default:
        return expression satisfies never
    }
  }

  /** As `compile`, and the value must be of this type. */
  expect(expression: Expression, wanted: Type): Typed {
    const compiled = this.compile(expression)
    if (!fits(wanted, compiled.type, new Map())) {
      this.problem(expression.at, `expected type '${shownType(wanted)}' but found '${shownType(compiled.type)}'`)
    }
    return compiled
  }

  #name(name: string, at: number): Typed {
    const local = this.#locals.get(name)
    const global = local ? undefined : this.#globals.get(name)
    const variable = local ?? global
    if (variable) {
      if (global) this.uses.add(name)
      const { place, type } = variable
      return {
        type,
        run(running) {
          running.spend(1)
          return running.places[place]!
        },
      }
    }
    const named = typeNamed(name)
    if (!named) return this.problem(at, `undeclared reference to '${name}' (in container '')`)
    return { type: named.type, run: () => named.value }
  }

  #select(expression: Extract<Expression, { kind: 'select' }>): Typed {
    const { field, optional, at } = expression
    const path = pathOf(expression)
    if (path !== undefined && typeNamed(path) && !this.#isVariable(path.split('.')[0]!)) return this.#name(path, at)
    const of = this.compile(expression.of)
    const inner = of.type.kind === 'optional' ? of.type.of : of.type
    const type = this.#fieldType(inner, field, at)
    const maybe = optional || of.type.kind === 'optional'
    return {
      type: maybe ? optionalOf(type) : type,
      run(running) {
        const value = of.run(running)
        running.spend(1)
        return selected(value, field, maybe)
      },
    }
  }

  #isVariable(name: string): boolean {
    return this.#locals.has(name) || this.#globals.has(name)
  }

  #fieldType(of: Type, field: string, at: number): Type {
    if (isDynamic(of)) return DYN
    if (of.kind === 'map') return of.value
    if (of.kind === 'object') {
      const type = of.fields.get(field)
      if (type) return type
      return this.problem(at, `undefined field '${field}'`).type
    }
    return this.problem(at, `type '${shownType(of)}' does not support field selection`).type
  }

  #has({ of: inner, field, at }: Extract<Expression, { kind: 'has' }>): Typed {
    const of = this.compile(inner)
    this.#fieldType(of.type.kind === 'optional' ? of.type.of : of.type, field, at)
    return {
      type: BOOL,
      run(running) {
        const found = of.run(running)
        const value = found instanceof Optional ? found.value : found
        if (value === undefined) return false
        if (value instanceof Struct) return value.fields.has(field)
        if (value instanceof MapValue) return value.entries.has(field)
        throw new CelFailure('no such overload')
      },
    }
  }

  #index(expression: Extract<Expression, { kind: 'index' }>): Typed {
    const of = this.compile(expression.of)
    const index = this.compile(expression.index)
    const inner = of.type.kind === 'optional' ? of.type.of : of.type
    const maybe = expression.optional || of.type.kind === 'optional'
    let type: Type = DYN
    if (inner.kind === 'list' && fits(inner.kind === 'list' ? { kind: 'plain', name: 'int' } : DYN, index.type, new Map())) type = inner.of
    else if (inner.kind === 'map' && fits(inner.key, index.type, new Map())) type = inner.value
    else if (!isDynamic(inner)) return this.#noOverload(expression.at, '_[_]', [of.type, index.type], false)
    return {
      type: maybe ? optionalOf(type) : type,
      run(running) {
        const value = of.run(running)
        const at = index.run(running)
        running.spend(1)
        return indexed(value, at, maybe)
      },
    }
  }

  #noOverload(at: number, name: string, types: readonly Type[], method: boolean): Typed {
    const shown = types.map(shownType)
    const applied = method ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`
    return this.problem(at, `found no matching overload for '${name}' applied to '${applied}'`)
  }

  #call({ name, target, args, at }: Extract<Expression, { kind: 'call' }>): Typed {
    if (target) {
      const path = pathOf(target)
      const qualified = path === undefined ? undefined : `${path}.${name}`
      if (qualified && !this.#isVariable(path!.split('.')[0]!) && this.#library.has(qualified)) {
        return this.#resolve(
          qualified,
          args.map(arg => this.compile(arg)),
          false,
          at,
        )
      }
    }
    const values = [...(target ? [target] : []), ...args].map(arg =>
      name === 'format' && arg.kind === 'list' ? compileList(this, arg, true) : this.compile(arg),
    )
    return this.#resolve(name, values, target !== undefined, at)
  }

  #resolve(name: string, args: readonly Typed[], method: boolean, at: number): Typed {
    if (!this.#library.has(name)) return this.problem(at, `undeclared reference to '${name}' (in container '')`)
    const known = this.#library.of(name, method)
    const types = args.map(({ type }) => type)
    if (types.some(type => isPlain(type, 'error'))) return { type: DYN, run: () => null }
    const fitting: Signature[] = []
    const results: Type[] = []
    for (const one of known) {
      const bindings: Bindings = new Map()
      if (one.params.length !== args.length || !one.params.every((param, i) => fits(param, types[i]!, bindings))) continue
      fitting.push(one)
      results.push(substitute(one.result, bindings))
    }
    if (fitting.length === 0) return this.#noOverload(at, name, types, method)
    this.#checkLiterals(name, fitting[0]!, args, at)
    const [first] = results
    const type = results.every(one => shownType(one) === shownType(first!)) ? first! : DYN
    return { type, run: caller(fitting, args) }
  }

  /** Patterns, times and durations that are written out are judged before anything is evaluated. */
  #checkLiterals(name: string, one: Signature, args: readonly Typed[], at: number): void {
    const checked = LITERALS[name]
    const literal = checked === undefined ? undefined : args[checked]?.literal
    if (typeof literal !== 'string') return
    try {
      if (checked === 1) this.#pattern(literal)
      else one.call([literal], { pattern: this.#pattern })
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error
      this.problem(at, `invalid ${name} argument`)
    }
  }

  #logic({ kind, left: leftSide, right: rightSide }: Extract<Expression, { kind: 'and' | 'or' }>): Typed {
    const left = this.expect(leftSide, BOOL)
    const right = this.expect(rightSide, BOOL)
    const decides = kind === 'or'
    return {
      type: BOOL,
      run(running) {
        // What one side decides stands, whatever becomes of the other.
        const first = attempt(left, running)
        if (first === decides) return decides
        const second = attempt(right, running)
        if (second === decides) return decides
        for (const one of [first, second]) {
          if (one instanceof CelFailure) throw one
          if (typeof one !== 'boolean') throw new CelFailure('no such overload')
        }
        return !decides
      },
    }
  }

  #conditional(expression: Extract<Expression, { kind: 'conditional' }>): Typed {
    const test = this.expect(expression.test, BOOL)
    const yes = this.compile(expression.yes)
    const no = this.compile(expression.no)
    const bindings: Bindings = new Map()
    const any: Type = { kind: 'parameter', name: 'A' }
    if (!fits(any, yes.type, bindings) || !fits(any, no.type, bindings)) return this.#noOverload(expression.at, '_?_:_', [test.type, yes.type, no.type], false)
    return {
      type: substitute(any, bindings),
      run(running) {
        const value = test.run(running)
        if (typeof value !== 'boolean') throw new CelFailure('no such overload')
        return value ? yes.run(running) : no.run(running)
      },
    }
  }
}

/** `a.b.c` as text, when an expression is nothing but names. */
function pathOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name
  if (expression.kind !== 'select' || expression.optional) return undefined
  const of = pathOf(expression.of)
  return of === undefined ? undefined : `${of}.${expression.field}`
}

/** Calls the signature that takes the values there are. */
function caller(fitting: readonly Signature[], args: readonly Typed[]): Compiled['run'] {
  return running => {
    const values = args.map(arg => arg.run(running))
    const one = fitting.find(candidate => takes(candidate, values))
    if (!one) throw new CelFailure('no such overload')
    running.spend(one.cost ? Math.max(1, Math.ceil(one.cost(values))) : 1)
    return one.call(values, running)
  }
}
