import type { Pattern } from '../../cel/signature.ts'
import { CelFailure } from '../../cel/values.ts'
import type { JsonSchemaProps } from './props.ts'
import type { Matches } from './validate.ts'

/** A pattern that is none, with what is wrong with it. */
export interface BadPattern {
  readonly pattern: string
  readonly why: string
}

/** The compiled patterns of a schema. */
export interface Patterns {
  readonly matches: Matches
  readonly bad: readonly BadPattern[]
}

/**
 * Compiles all patterns of a schema, so that validation need not wait: Go's syntax, matched in linear time whatever a
 * user writes. Loads the engine only where there is a pattern.
 */
export async function compilePatterns(schema: JsonSchemaProps): Promise<Patterns> {
  const patterns = new Set<string>()
  collect(schema, patterns)
  const compiled = new Map<string, { matcher(text: string): { find(): boolean } }>()
  const bad: BadPattern[] = []
  if (patterns.size > 0) {
    const { RE2JS } = await import('re2js')
    for (const pattern of patterns) {
      try {
        compiled.set(pattern, RE2JS.compile(pattern))
      } catch (error) {
        bad.push({ pattern, why: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  return { bad, matches: (pattern, text) => compiled.get(pattern)?.matcher(text).find() ?? false }
}

const MAX_KEPT = 256

/** Compiles patterns one by one, for expressions; keeps some. A pattern that is none is a `CelFailure`. */
export async function patternEngine(): Promise<(text: string) => Pattern> {
  const { RE2JS } = await import('re2js')
  const known = new Map<string, Pattern>()
  const compile = (text: string): Pattern => {
    try {
      const compiled = RE2JS.compile(text)
      return {
        test: subject => compiled.matcher(subject).find(),
        find(subject, most) {
          const found: string[] = []
          const matcher = compiled.matcher(subject)
          while (found.length < most && matcher.find()) found.push(matcher.group() ?? '')
          return found
        },
      }
    } catch (error) {
      throw new CelFailure(error instanceof Error ? error.message : String(error))
    }
  }
  return text => {
    const found = known.get(text) ?? compile(text)
    if (known.size >= MAX_KEPT) known.clear()
    known.set(text, found)
    return found
  }
}

function collect(schema: JsonSchemaProps, into: Set<string>): void {
  if (schema.pattern !== undefined) into.add(schema.pattern)
  for (const inner of subschemas(schema)) collect(inner, into)
}

/** The schemas directly in a schema. */
export function subschemas(schema: JsonSchemaProps): readonly JsonSchemaProps[] {
  const { properties, additionalProperties, items, allOf, anyOf, oneOf, not } = schema
  return [
    ...Object.values(properties ?? {}),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    ...(Array.isArray(items) ? (items as JsonSchemaProps[]) : items ? [items as JsonSchemaProps] : []),
    ...(allOf ?? []),
    ...(anyOf ?? []),
    ...(oneOf ?? []),
    ...(not ? [not] : []),
  ]
}
