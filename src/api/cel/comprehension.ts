import type { Compiler, Typed } from './compile.ts'
import { attempt, type Compiled, type Running } from './running.ts'
import type { Comprehension } from './syntax.ts'
import { BOOL, DYN, INT, isDynamic, listOf, mapOf, optionalOf, shownType, type Type } from './types.ts'
import { CelFailure, compareValues, type Key, keyOf, ListValue, MapValue, Optional, Struct, type Value } from './values.ts'

/** One element on its way: what a single variable is (element or key), and the key or index. */
interface Round {
  readonly one: Value
  readonly key: Value
}

/** Compiles a macro with its variables. */
export function compileComprehension(compiler: Compiler, expression: Comprehension): Typed {
  const over = compiler.compile(expression.over)
  const { macro, variables } = expression
  if (macro === 'optMap' || macro === 'optFlatMap') return optional(compiler, expression, over)
  const [first, second] = elementTypes(compiler, expression, over.type)
  const bound =
    variables.length === 1
      ? [[variables[0]!, over.type.kind === 'map' ? first : second] as const]
      : [[variables[0]!, first] as const, [variables[1]!, second] as const]
  return compiler.within(bound, places => {
    const isTest = macro === 'all' || macro === 'exists' || macro === 'existsOne' || macro === 'filter'
    const filter = expression.filter && compiler.expect(expression.filter, BOOL)
    const body = isTest ? compiler.expect(expression.body, BOOL) : compiler.compile(expression.body)
    const each = (running: Running): Iterable<Round> => rounds(over.run(running), places, filter, running)
    return { type: resultType(macro, over.type, first, body.type), run: running => results[macro](each(running), body, running) }
  })
}

function elementTypes(compiler: Compiler, { over, macro }: Comprehension, type: Type): readonly [Type, Type] {
  if (type.kind === 'list') return [INT, type.of]
  if (type.kind === 'map' && macro !== 'sortBy') return [type.key, type.value]
  if (!isDynamic(type)) {
    compiler.problem(over.at, `expression of type '${shownType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`)
  }
  return [DYN, DYN]
}

function resultType(macro: Comprehension['macro'], over: Type, key: Type, body: Type): Type {
  switch (macro) {
    case 'all':
    case 'exists':
    case 'existsOne':
      return BOOL
    case 'filter':
      return over.kind === 'map' ? listOf(over.key) : over
    case 'sortBy':
      return over
    case 'transformMap':
      return mapOf(key, body)
    case 'transformMapEntry':
      return body
    default:
      return listOf(body)
  }
}

/** Puts each element in its places and passes those that the filter takes. */
function* rounds(over: Value, places: readonly number[], filter: Compiled | undefined, running: Running): Generator<Round> {
  const [first, second] = places
  const isList = over instanceof ListValue
  for (const [key, value] of entriesOf(over)) {
    running.spend(1)
    const one = isList ? value : key
    running.places[first!] = second === undefined ? one : key
    if (second !== undefined) running.places[second] = value
    if (filter && filter.run(running) !== true) continue
    yield { one, key }
  }
}

function entriesOf(over: Value): Iterable<readonly [Value, Value]> {
  if (over instanceof ListValue) return over.items.map((item, i) => [BigInt(i), item])
  if (over instanceof MapValue) return over.entries
  if (over instanceof Struct) return over.fields
  throw new CelFailure('no such overload')
}

type Result = (each: Iterable<Round>, body: Compiled, running: Running) => Value

const asBool = (value: Value): boolean => {
  if (typeof value !== 'boolean') throw new CelFailure('no such overload')
  return value
}

/** One element that decides makes failures of others void. */
const quantified =
  (decides: boolean): Result =>
  (each, body, running) => {
    let failure: CelFailure | undefined
    for (const _ of each) {
      const found = attempt(body, running)
      if (found === decides) return decides
      if (found instanceof CelFailure) failure ??= found
      else asBool(found)
    }
    if (failure) throw failure
    return !decides
  }

const mapped: Result = (each, body, running) => {
  const made: Value[] = []
  for (const _ of each) made.push(body.run(running))
  return new ListValue(made)
}

const results: Readonly<Record<Exclude<Comprehension['macro'], 'optMap' | 'optFlatMap'>, Result>> = {
  all: quantified(false),
  exists: quantified(true),
  existsOne(each, body, running) {
    let count = 0
    for (const _ of each) if (asBool(body.run(running))) count++
    return count === 1
  },
  map: mapped,
  transformList: mapped,
  filter(each, body, running) {
    const kept: Value[] = []
    for (const { one } of each) if (asBool(body.run(running))) kept.push(one)
    return new ListValue(kept)
  },
  sortBy(each, body, running) {
    const keyed: (readonly [Value, Value])[] = []
    for (const { one } of each) keyed.push([body.run(running), one])
    return new ListValue(keyed.sort((a, b) => compareValues(a[0], b[0])).map(([, value]) => value))
  },
  transformMap(each, body, running) {
    const made = new Map<Key, Value>()
    for (const { key } of each) made.set(keyOf(key)!, body.run(running))
    return new MapValue(made)
  },
  transformMapEntry(each, body, running) {
    const made = new Map<Key, Value>()
    for (const _ of each) {
      const entry = body.run(running)
      if (!(entry instanceof MapValue)) throw new CelFailure('no such overload')
      for (const [key, value] of entry.entries) {
        if (made.has(key)) throw new CelFailure(`insert failed: key ${key} already exists`)
        made.set(key, value)
      }
    }
    return new MapValue(made)
  },
}

/** `x.optMap(v, f(v))`: nothing stays nothing. */
function optional(compiler: Compiler, { macro, variables, body: inner, over: { at } }: Comprehension, over: Typed): Typed {
  const flat = macro === 'optFlatMap'
  if (over.type.kind !== 'optional' && !isDynamic(over.type)) {
    return compiler.problem(at, `found no matching overload for '${macro}' applied to '${shownType(over.type)}.(dyn)'`)
  }
  const of = over.type.kind === 'optional' ? over.type.of : DYN
  return compiler.within([[variables[0]!, of]], ([place]) => {
    const body = flat ? compiler.expect(inner, optionalOf(DYN)) : compiler.compile(inner)
    return {
      type: flat ? body.type : optionalOf(body.type),
      run(running) {
        const value = over.run(running)
        if (!(value instanceof Optional)) throw new CelFailure('no such overload')
        if (value.value === undefined) return value
        running.places[place!] = value.value
        const made = body.run(running)
        return flat ? made : new Optional(made)
      },
    }
  })
}
