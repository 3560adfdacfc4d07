import { equal } from '../../../../base/equal.ts'
import { CostExceeded } from '../../../cel/running.ts'
import { CelFailure, Optional, type Value } from '../../../cel/values.ts'
import { type FieldError, invalid } from '../../../meta/field-error.ts'
import { correlated } from '../correlated.ts'
import { isFields, type JsonSchemaProps } from '../props.ts'
import type { CompiledRule, RuleNode } from './compile-rules.ts'
import { RuleValues } from './rule-values.ts'

/** What one rule, and all rules of one object, may cost; upstream's figures. */
const RULE_LIMIT = 1_000_000
const OBJECT_LIMIT = 10_000_000
const MAX_MESSAGE = 5120
/** How upstream shows the path of the object itself. */
const NOWHERE = '<nil>'

/** Errors that keep rules from being evaluated: they may expect what the schema says. */
const BLOCKING: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/**
 * What is wrong with an object by its schema's rules. `found` is what is wrong by the schema itself; on an update `old`
 * is the stored object, and what a rule finds in a part that did not change is let pass.
 */
export function checkRules(node: RuleNode, object: unknown, old: unknown, found: readonly FieldError[]): readonly FieldError[] {
  if (found.some(({ type }) => BLOCKING.has(type))) {
    const why = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
    return [{ type: 'FieldValueInvalid', field: NOWHERE, message: `Invalid value: null: ${why}` }]
  }
  const checker = new RuleChecker()
  checker.check(node, object, old, '', false)
  return checker.errors.map(error => (error.field === '' ? { ...error, field: NOWHERE } : error))
}

/** No more rules are evaluated. */
class OutOfBudget extends Error {}

class RuleChecker {
  readonly errors: FieldError[] = []
  readonly #values = new RuleValues()
  #left = OBJECT_LIMIT

  check(node: RuleNode, value: unknown, old: unknown, path: string, unchangedAround: boolean): void {
    try {
      this.#walk(node, value, old, path, unchangedAround)
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error
    }
  }

  #walk(node: RuleNode, value: unknown, old: unknown, path: string, unchangedAround: boolean): void {
    if (value === null || value === undefined) return
    const unchanged = old === undefined || old === null ? unchangedAround : equal(value, old)
    for (const rule of node.rules) this.#evaluate(node, rule, value, old ?? undefined, path, unchanged)
    if (Array.isArray(value)) {
      if (!node.items) return
      const before = correlated(node.schema, old)
      for (const [i, item] of value.entries()) this.#walk(node.items, item, before?.(item), `${path}[${i}]`, unchanged)
      return
    }
    if (!isFields(value)) return
    const before = isFields(old) ? old : {}
    const own = (key: string): unknown => (Object.hasOwn(before, key) ? before[key] : undefined)
    if (node.values) for (const key of Object.keys(value)) this.#walk(node.values, value[key], own(key), `${path}[${key}]`, unchanged)
    for (const [key, inner] of node.properties) {
      if (Object.hasOwn(value, key)) this.#walk(inner, value[key], own(key), path === '' ? key : `${path}.${key}`, unchanged)
    }
  }

  #evaluate({ schema, root }: RuleNode, compiled: CompiledRule, value: unknown, old: unknown, path: string, unchanged: boolean): void {
    const { rule, usesOldSelf } = compiled
    const typed = schema.type ?? ''
    if (this.#left <= 0) this.#stop(path, typed, 'validation failed due to running out of cost budget, no further validation rules will be run')
    if (usesOldSelf && old === undefined && !rule.optionalOldSelf) return
    const text = (rule.message ?? '').trim() || rule.rule.trim()
    const variables: Record<string, Value> = {}
    let holds: Value
    try {
      variables['self'] = this.#values.of(schema, value, root)
      const before = old === undefined ? undefined : this.#values.of(schema, old, root)
      variables['oldSelf'] = rule.optionalOldSelf ? new Optional(before) : (before ?? null)
      holds = this.#run(compiled.program, variables)
    } catch (error) {
      if (error instanceof CostExceeded) {
        const why = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`
        this.#stop(path, typed, why)
      }
      if (!(error instanceof CelFailure)) throw error
      const overload = error.message.startsWith('no such overload')
      const why = overload
        ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
        : `${error.message} evaluating rule: ${text}`
      this.errors.push(invalid(path, typed, why))
      return
    }
    if (this.#left < 0) this.#stop(path, typed, 'validation failed due to running out of cost budget, no further validation rules will be run')
    if (holds === true || (unchanged && !usesOldSelf)) return
    const at = compiled.fieldPath === undefined ? path : path === '' ? compiled.fieldPath : `${path}.${compiled.fieldPath}`
    const why = this.#message(compiled, variables) ?? ((rule.message ?? '').trim() || `failed rule: ${rule.rule.trim()}`)
    this.errors.push(refusal(rule.reason, at, schema, value, why))
  }

  #run(program: CompiledRule['program'], variables: Readonly<Record<string, Value>>): Value {
    return program.evaluate(variables, RULE_LIMIT, cost => {
      this.#left -= cost
    })
  }

  /** What a message expression says, if it says something that can be shown. */
  #message({ message }: CompiledRule, variables: Readonly<Record<string, Value>>): string | undefined {
    if (!message) return undefined
    try {
      const said = this.#run(message, variables)
      const text = typeof said === 'string' ? said.trim() : ''
      return text === '' || text.includes('\n') || text.length > MAX_MESSAGE ? undefined : text
    } catch (error) {
      if (error instanceof CelFailure || error instanceof CostExceeded) return undefined
      throw error
    }
  }

  #stop(path: string, typed: string, why: string): never {
    this.errors.push(invalid(path, typed, why))
    throw new OutOfBudget(why)
  }
}

function refusal(reason: string | undefined, field: string, schema: JsonSchemaProps, value: unknown, why: string): FieldError {
  // Objects and lists are not repeated in the message.
  const shown = schema.type === 'object' || schema.type === 'array' ? '' : `: ${JSON.stringify(value)}`
  switch (reason) {
    case 'FieldValueForbidden':
      return { type: reason, field, message: `Forbidden: ${why}` }
    case 'FieldValueRequired':
      return { type: reason, field, message: `Required value: ${why}` }
    case 'FieldValueDuplicate':
      return { type: reason, field, message: `Duplicate value${shown}` }
    default:
      return { type: 'FieldValueInvalid', field, message: `Invalid value${shown}: ${why}` }
  }
}
