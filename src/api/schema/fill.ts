import type { Draft } from '../meta/object.ts'
import type { JsonSchema, Message, MessageOf } from './build.ts'
import { setDefaults } from './custom/defaults.ts'
import { zeroOf } from './decode.ts'

/**
 * Fills a draft with what is always written back: `metadata`, `spec` and `status` of a kind, the zero values of required
 * fields (so that static types tell the truth; validation sees '' or [] where nothing was given) and the defaults of the
 * schema. What is marked explicit and has no default stays absent,
 * because there absence means something.
 * Changes only the draft, which the caller owns.
 */
export function fill<T>(message: MessageOf<T>, draft: Draft<T>): void {
  if (message.structural) setDefaults(message.structural, draft)
  fillMessage(message, draft as Record<string, unknown>)
}

/** What has to be looked at in a message; most fields need nothing. */
interface Plan {
  /** `zero`: a value that counts as nothing said. */
  readonly missing: readonly { readonly key: string; readonly value: unknown; readonly zero: unknown }[]
  readonly nested: readonly { readonly key: string; readonly fill: (value: unknown) => void }[]
}

const plans = new WeakMap<Message, Plan>()

function planOf(message: Message): Plan {
  const known = plans.get(message)
  if (known) return known
  const missing: { key: string; value: unknown; zero: unknown }[] = []
  const nested: { key: string; fill: (value: unknown) => void }[] = []
  const plan = { missing, nested }
  plans.set(message, plan)
  for (const key of Object.keys(message.properties)) {
    const schema = message.properties[key]!
    const value = missingValue(message, key, schema)
    if (value !== undefined) missing.push({ key, value, zero: schema.explicit || typeof value === 'object' ? undefined : zeroOf(schema) })
    const inner = filler(schema)
    if (inner) nested.push({ key, fill: inner })
  }
  return plan
}

function missingValue(message: Message, key: string, schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default
  if (message.kind && schema.ref && (key === 'metadata' || key === 'spec' || key === 'status')) return {}
  if (!message.required.includes(key) || schema.explicit || schema.format === 'date-time' || schema.format === 'micro-time') return undefined
  return zeroOf(schema) ?? undefined
}

const needs = new WeakMap<Message, boolean>()

/** Whether anything in or below a message is ever filled. */
function needsFilling(message: Message): boolean {
  const known = needs.get(message)
  if (known !== undefined) return known
  needs.set(message, false)
  const answer = Object.entries(message.properties).some(([key, schema]) => {
    if (missingValue(message, key, schema) !== undefined) return true
    const inner = schema.ref ?? schema.items?.ref ?? schema.additionalProperties?.ref
    return inner !== undefined && needsFilling(inner)
  })
  needs.set(message, answer)
  return answer
}

function filler(schema: JsonSchema): ((value: unknown) => void) | undefined {
  const message = schema.ref ?? schema.items?.ref ?? schema.additionalProperties?.ref
  if (!message || !needsFilling(message)) return undefined
  if (schema.ref) return value => fillMessage(message, value as Record<string, unknown>)
  if (schema.items)
    return value => {
      for (const item of value as Record<string, unknown>[]) fillMessage(message, item)
    }
  return value => {
    for (const item of Object.values(value as Record<string, Record<string, unknown>>)) fillMessage(message, item)
  }
}

function fillMessage(message: Message, draft: Record<string, unknown>): void {
  // What is settled has all that it needs.
  if (Object.isFrozen(draft)) return
  const { missing, nested } = planOf(message)
  for (const { key, value, zero } of missing) {
    const given = draft[key]
    if (given === undefined || given === zero) draft[key] = typeof value === 'object' ? copy(value) : value
  }
  for (const { key, fill: fillNested } of nested) {
    const value = draft[key]
    if (value !== undefined) fillNested(value)
  }
}

const copy = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(copy)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]))
      : value
