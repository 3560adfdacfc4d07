import type { Draft } from '../meta/object.ts'
import type { JsonSchema, Message, MessageOf } from './build.ts'
import { zeroOf } from './decode.ts'

type Fields = Record<string, unknown>

/**
 * Gives a draft the zeros back that its former self spelled out (`hostNetwork: false`) and the client did not send: Go
 * clients drop them when they read and write an object, and without this their write would look like a change. Only
 * fields whose zero says nothing are touched. Changes only the draft.
 */
export function restoreUnsaid<T>(message: MessageOf<T>, draft: Draft<T>, old: T): void {
  restore(message, draft as Fields, old as Readonly<Fields>)
}

function restore(message: Message, draft: Fields, old: Readonly<Fields>): void {
  for (const key of Object.keys(old)) {
    const schema = message.properties[key]
    const before = old[key]
    if (!schema || before === undefined) continue
    const now = draft[key]
    if (now === undefined) {
      if (typeof before !== 'object' && !schema.explicit && before === zeroOf(schema)) draft[key] = before
    } else if (typeof now === 'object') descend(schema, now, before)
  }
}

function descend(schema: JsonSchema, now: unknown, before: unknown): void {
  if (schema.ref) restore(schema.ref, now as Fields, before as Fields)
  else if (schema.items?.ref && Array.isArray(now) && Array.isArray(before)) {
    const message = schema.items.ref
    const keys = schema['x-kubernetes-list-map-keys']
    if (!keys) {
      if (now.length === before.length) for (let i = 0; i < now.length; i++) restore(message, now[i] as Fields, before[i] as Fields)
      return
    }
    const identity = (item: unknown): string => JSON.stringify(keys.map(key => (item as Fields)[key]))
    const known = new Map(before.map(item => [identity(item), item as Fields]))
    for (const item of now) {
      const former = known.get(identity(item))
      if (former) restore(message, item as Fields, former)
    }
  }
}

/** A copy without the zeros that say nothing; what is alike without them means the same. */
export function withoutUnsaid(message: Message, value: object): Fields {
  const out: Fields = {}
  for (const [key, member] of Object.entries(value)) {
    const schema = message.properties[key]
    if (!schema) out[key] = member
    else if (typeof member === 'object' && member !== null) out[key] = within(schema, member)
    else if (schema.explicit || message.required.includes(key) || member !== zeroOf(schema)) out[key] = member
  }
  return out
}

function within(schema: JsonSchema, value: object): unknown {
  if (schema.ref) return withoutUnsaid(schema.ref, value)
  const { ref } = schema.items ?? {}
  return ref && Array.isArray(value) ? value.map(item => (typeof item === 'object' && item !== null ? withoutUnsaid(ref, item) : item)) : value
}
