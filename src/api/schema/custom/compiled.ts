import type { FieldError } from '../../meta/field-error.ts'
import { compilePatterns } from './patterns.ts'
import type { JsonSchemaProps } from './props.ts'
import { checkRules } from './rules/check-rules.ts'
import { compileRules } from './rules/compile-rules.ts'
import { validateBySchema } from './validate.ts'

/** A schema ready to judge objects. */
export interface CompiledSchema {
  /** What is wrong with an object; on an update, `old` is the stored one: what was wrong before and did not change may stay. */
  validate(object: unknown, old: unknown): readonly FieldError[]
}

/** Compiles the patterns and rules of a schema that passed `checkStructural` and `compileRules`. */
export async function compileSchema(schema: JsonSchemaProps): Promise<CompiledSchema> {
  const { matches } = await compilePatterns(schema)
  const rules = await compileRules(schema, '', [])
  return {
    validate(object, old) {
      const found = validateBySchema(schema, object, matches, '', old)
      return rules ? [...found, ...checkRules(rules, object, old, found)] : found
    },
  }
}
