import { readType, runtimeName, splitTypes, type Type } from './types.ts'
import { typeNameOf, type Value } from './values.ts'

/** What functions may use of the evaluation they are called in. */
export interface Calling {
  /** Compiles a pattern, matched in linear time. Throws a `CelFailure` for what is none. */
  readonly pattern: (text: string) => Pattern
}

export interface Pattern {
  /** Whether some part of the text matches. */
  test(text: string): boolean
  /** The parts that match, from left to right, at most so many. */
  find(text: string, most: number): readonly string[]
}

/** One way to call a function; `params` begins with the receiver of a method. */
export interface Signature {
  readonly name: string
  readonly method: boolean
  readonly params: readonly Type[]
  readonly result: Type
  /** What the arguments must be when they are evaluated; undefined for any. */
  readonly runtime: readonly (string | undefined)[]
  readonly call: (args: readonly Value[], calling: Calling) => Value
  /** What a call costs for its arguments; 1 when absent. */
  readonly cost: ((args: readonly Value[]) => number) | undefined
}

/**
 * A signature from its text: `size(list<A>): int` is a function, `string::contains(string): bool` a method. Arguments
 * come as their runtime types say, which the text promises.
 */
export function signature<A extends readonly Value[]>(text: string, call: (...args: [...A, Calling]) => Value, cost?: (...args: [...A]) => number): Signature {
  const match = /^(?:(.+)::)?([^(]+)\((.*)\): (.+)$/.exec(text)
  if (!match) throw new TypeError(text)
  const [, receiver, name = '', params = '', result = ''] = match
  const types = [...(receiver ? [receiver] : []), ...splitTypes(params)].map(readType)
  return {
    name,
    method: receiver !== undefined,
    params: types,
    result: readType(result),
    runtime: types.map(runtimeName),
    call: (args, calling) => call(...([...args, calling] as unknown as [...A, Calling])),
    cost: cost && (args => cost(...(args as unknown as [...A]))),
  }
}

/** Whether a signature takes these values. */
export const takes = (one: Signature, args: readonly Value[]): boolean =>
  one.runtime.length === args.length &&
  one.runtime.every((wanted, i) => {
    if (wanted === undefined) return true
    const found = typeNameOf(args[i]!)
    return found === wanted || (wanted === 'map' && found === 'object')
  })

/** Signatures by name. */
export class Library {
  readonly #byName = new Map<string, Signature[]>()

  constructor(...parts: readonly (readonly Signature[])[]) {
    for (const one of parts.flat()) {
      const known = this.#byName.get(one.name)
      if (known) known.push(one)
      else this.#byName.set(one.name, [one])
    }
  }

  of(name: string, method: boolean): readonly Signature[] {
    return (this.#byName.get(name) ?? []).filter(one => one.method === method)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }
}
