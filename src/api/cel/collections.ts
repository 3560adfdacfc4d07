import type { Compiler, Typed } from './compile.ts'
import type { Expression } from './syntax.ts'
import { type Bindings, DYN, fits, isDynamic, listOf, mapOf, shownType, substitute, type Type } from './types.ts'
import { CelFailure, type Key, keyOf, ListValue, MapValue, Optional, type Value } from './values.ts'

/** The one type of all elements of a literal. */
function common(compiler: Compiler, of: readonly { readonly type: Type; readonly at: number }[]): Type {
  const bindings: Bindings = new Map()
  const any: Type = { kind: 'parameter', name: 'A' }
  for (const { type, at } of of) {
    if (fits(any, type, bindings)) continue
    return compiler.problem(at, `expected type '${shownType(substitute(any, bindings))}' but found '${shownType(type)}'`).type
  }
  return substitute(any, bindings)
}

function element(compiler: Compiler, expression: Expression, optional: boolean): { readonly compiled: Typed; readonly type: Type; readonly at: number } {
  const compiled = compiler.compile(expression)
  const { at } = expression
  if (!optional) return { compiled, type: compiled.type, at }
  if (compiled.type.kind === 'optional') return { compiled, type: compiled.type.of, at }
  if (!isDynamic(compiled.type)) compiler.problem(at, `expected type 'optional_type(dyn)' but found '${shownType(compiled.type)}'`)
  return { compiled, type: DYN, at }
}

/** `[a, ?b]`; of elements of one type unless `mixed`. */
export function compileList(compiler: Compiler, { items }: Extract<Expression, { kind: 'list' }>, mixed = false): Typed {
  const elements = items.map(({ value, optional }) => ({ ...element(compiler, value, optional), optional }))
  return {
    type: listOf(mixed ? DYN : common(compiler, elements)),
    run(running) {
      running.spend(10)
      const values: Value[] = []
      for (const { compiled, optional } of elements) {
        const value = compiled.run(running)
        if (!optional) values.push(value)
        else if (!(value instanceof Optional)) throw new CelFailure('no such overload')
        else if (value.value !== undefined) values.push(value.value)
      }
      return new ListValue(values)
    },
  }
}

/** `{a: b, ?c: d}`. */
export function compileMap(compiler: Compiler, { entries }: Extract<Expression, { kind: 'map' }>): Typed {
  const keys = entries.map(({ key }) => element(compiler, key, false))
  const values = entries.map(({ value, optional }) => ({ ...element(compiler, value, optional), optional }))
  return {
    type: mapOf(common(compiler, keys), common(compiler, values)),
    run(running) {
      running.spend(30)
      const made = new Map<Key, Value>()
      for (const [i, { compiled, optional }] of values.entries()) {
        const key = keyOf(keys[i]!.compiled.run(running))
        if (key === undefined) throw new CelFailure('unsupported key type')
        if (made.has(key)) throw new CelFailure(`insert failed: key ${key} already exists`)
        const value = compiled.run(running)
        if (!optional) made.set(key, value)
        else if (!(value instanceof Optional)) throw new CelFailure('no such overload')
        else if (value.value !== undefined) made.set(key, value.value)
      }
      return new MapValue(made)
    },
  }
}
