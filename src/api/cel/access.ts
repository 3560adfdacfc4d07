import { BOOL, BYTES, DOUBLE, DYN, INT, NULL, STRING, type Type, UINT } from './types.ts'
import { CelFailure, type Key, keyOf, ListValue, MapValue, Optional, Struct, Uint, type Value } from './values.ts'

/** The type of a literal. */
export function typeOfValue(value: Value): Type {
  if (typeof value === 'bigint') return INT
  if (typeof value === 'number') return DOUBLE
  if (typeof value === 'string') return STRING
  if (typeof value === 'boolean') return BOOL
  if (value === null) return NULL
  if (value instanceof Uint) return UINT
  return value instanceof Uint8Array ? BYTES : DYN
}

/** `of.field`; of an optional value, or with `maybe`, an optional. */
export function selected(of: Value, field: string, maybe: boolean): Value {
  const within = of instanceof Optional ? of.value : of
  if (within === undefined) return new Optional(undefined)
  if (!(within instanceof Struct) && !(within instanceof MapValue)) throw new CelFailure('no such overload')
  const found = within instanceof Struct ? within.fields.get(field) : within.entries.get(field)
  if (maybe) return new Optional(found)
  if (found === undefined) throw new CelFailure(`no such key: ${field}`)
  return found
}

/** `of[index]`, likewise. */
export function indexed(of: Value, index: Value, maybe: boolean): Value {
  const within = of instanceof Optional ? of.value : of
  if (within === undefined) return new Optional(undefined)
  const key = keyOf(index)
  if (key === undefined) throw new CelFailure('no such overload')
  if (within instanceof ListValue) {
    if (typeof key !== 'bigint') throw new CelFailure('no such overload')
    const found = key >= 0n && key < within.items.length ? within.items[Number(key)] : undefined
    if (maybe) return new Optional(found)
    if (found === undefined) throw new CelFailure(`index out of bounds: ${key}`)
    return found
  }
  const found = valueAt(within, key)
  if (maybe) return new Optional(found)
  if (found === undefined) throw new CelFailure(`no such key: ${key}`)
  return found
}

function valueAt(of: Value, key: Key): Value | undefined {
  if (of instanceof MapValue) return of.entries.get(key)
  if (of instanceof Struct && typeof key === 'string') return of.fields.get(key)
  throw new CelFailure('no such overload')
}
