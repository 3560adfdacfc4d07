import { addAll } from '../../../../base/add-all.ts'
import { compile, type Environment, type Program } from '../../../cel/compile.ts'
import { kubernetesLibrary } from '../../../cel/library/kubernetes.ts'
import { shownProblems } from '../../../cel/syntax.ts'
import { isPlain, optionalOf, type Type } from '../../../cel/types.ts'
import { type FieldError, invalid, notSupported, required, tooLong } from '../../../meta/field-error.ts'
import { patternEngine } from '../patterns.ts'
import { itemsOf, type JsonSchemaProps, type ValidationRule, valuesOf } from '../props.ts'
import { readFieldPath } from './field-path.ts'
import { typeOfSchema } from './rule-types.ts'

/** A rule that can be evaluated. */
export interface CompiledRule {
  readonly rule: ValidationRule
  readonly program: Program
  readonly message: Program | undefined
  readonly usesOldSelf: boolean
  /** Below the path of the schema. */
  readonly fieldPath: string | undefined
}

/** The rules of a schema and of the schemas in it, where there are any. */
export interface RuleNode {
  readonly schema: JsonSchemaProps
  readonly root: boolean
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly items: RuleNode | undefined
  readonly values: RuleNode | undefined
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const MAX_MESSAGE = 2048
const MAX_DEPTH = 100

/** Whether a schema holds rules anywhere. */
export function hasRules(schema: JsonSchemaProps, depth = 0): boolean {
  if (depth > MAX_DEPTH || !schema) return false
  if (schema['x-kubernetes-validations']?.length) return true
  const inner = [...Object.values(schema.properties ?? {}), itemsOf(schema), valuesOf(schema)]
  return inner.some(one => one !== undefined && hasRules(one, depth + 1))
}

/**
 * Compiles the rules of a schema (`x-kubernetes-validations`); undefined where there are none. `errors` takes what is
 * wrong with them, in upstream's words. Loads the engine for patterns.
 */
export async function compileRules(schema: JsonSchemaProps, path: string, errors: FieldError[]): Promise<RuleNode | undefined> {
  if (!hasRules(schema)) return undefined
  return new RuleCompiler(await patternEngine(), errors).node(schema, path, true, undefined, 0)
}

class RuleCompiler {
  readonly #pattern: Environment['pattern']
  readonly #errors: FieldError[]

  constructor(pattern: Environment['pattern'], errors: FieldError[]) {
    this.#pattern = pattern
    this.#errors = errors
  }

  /** `fixed` is the path of the list around, if values in it cannot be told from those they replace. */
  node(schema: JsonSchemaProps, path: string, root: boolean, fixed: string | undefined, depth: number): RuleNode | undefined {
    if (depth > MAX_DEPTH || !schema) return undefined
    const inside = (one: JsonSchemaProps | undefined, at: string, within: string | undefined): RuleNode | undefined =>
      one && this.node(one, at, one['x-kubernetes-embedded-resource'] === true, within, depth + 1)
    const properties = new Map<string, RuleNode>()
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const node = inside(property, `${path}.properties[${name}]`, fixed)
      if (node) properties.set(name, node)
    }
    const items = inside(itemsOf(schema), `${path}.items`, schema['x-kubernetes-list-type'] === 'map' ? fixed : path)
    const values = inside(valuesOf(schema), `${path}.additionalProperties`, fixed)
    const rules = this.#rules(schema, path, root, fixed)
    if (rules.length === 0 && properties.size === 0 && !items && !values) return undefined
    return { schema, root, rules, properties, items, values }
  }

  #rules(schema: JsonSchemaProps, path: string, root: boolean, fixed: string | undefined): readonly CompiledRule[] {
    const rules = schema['x-kubernetes-validations'] ?? []
    if (rules.length === 0) return []
    const type = typeOfSchema(schema, root)
    const before = this.#errors.length
    for (const [i, rule] of rules.entries()) addAll(this.#errors, checkRule(schema, rule, `${path}.x-kubernetes-validations[${i}]`))
    if (this.#errors.length > before) return []
    if (!type) {
      this.#errors.push(invalid(`${path}.x-kubernetes-validations`, rules, 'rules need a schema that says its type'))
      return []
    }
    return rules.flatMap((rule, i) => this.#rule(schema, rule, type, `${path}.x-kubernetes-validations[${i}]`, fixed) ?? [])
  }

  #rule(schema: JsonSchemaProps, rule: ValidationRule, type: Type, path: string, fixed: string | undefined): CompiledRule | undefined {
    const variables = { self: type, oldSelf: rule.optionalOldSelf ? optionalOf(type) : type }
    const environment: Environment = { library: kubernetesLibrary(), variables, pattern: this.#pattern }
    const program = this.#program(rule, rule.rule, environment, `${path}.rule`, '', 'bool')
    const message =
      program && rule.messageExpression
        ? this.#program(rule, rule.messageExpression, environment, `${path}.messageExpression`, 'messageExpression ', 'string')
        : undefined
    if (!program) return undefined
    const usesOldSelf = program.uses.has('oldSelf')
    if (usesOldSelf && fixed !== undefined) {
      this.#errors.push(invalid(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${fixed}`))
    }
    if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
      this.#errors.push(invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
    }
    return { rule, program, message, usesOldSelf, fieldPath: rule.fieldPath ? readFieldPath(schema, rule.fieldPath) : undefined }
  }

  #program(rule: ValidationRule, text: string, environment: Environment, path: string, what: string, wanted: 'bool' | 'string'): Program | undefined {
    const compiled = compile(text, environment)
    if ('problems' in compiled) {
      this.#errors.push(invalid(path, rule, `${what}compilation failed: ${shownProblems(text, compiled.problems)}`))
      return undefined
    }
    if (!isPlain(compiled.type, wanted)) {
      this.#errors.push(invalid(path, rule, `${what || 'cel expression '}must evaluate to a ${wanted}`))
      return undefined
    }
    return compiled
  }
}

/** What can be said of a rule without compiling it. */
function checkRule(schema: JsonSchemaProps, rule: ValidationRule, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule
  if (rule.rule.trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'))
  else if (message !== '' && message.trim() === '') errors.push(invalid(`${path}.message`, message, 'must be non-empty if specified'))
  else if (message.trim().includes('\n')) errors.push(invalid(`${path}.message`, message, 'must not contain line breaks'))
  else if (rule.rule.trim().includes('\n') && message.trim() === '') {
    errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'))
  }
  if (message.length > MAX_MESSAGE) errors.push(tooLong(`${path}.message`, MAX_MESSAGE))
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'))
  }
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, REASONS))
  if (fieldPath !== '' && fieldPath.trim() === '') errors.push(invalid(`${path}.fieldPath`, fieldPath, 'must be non-empty if specified'))
  if (fieldPath.includes('\n')) errors.push(invalid(`${path}.fieldPath`, fieldPath, 'must not contain line breaks'))
  if (fieldPath !== '' && readFieldPath(schema, fieldPath) === undefined) errors.push(invalid(`${path}.fieldPath`, fieldPath, 'must be a valid path'))
  return errors
}
