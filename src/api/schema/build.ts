/**
 * The schema builder: plain JSON Schema values in Kubernetes' form, each carrying its static type as a phantom.
 * One value per type drives decoding, pruning, defaults, validation of types, merge keys, OpenAPI, protobuf and `explain`.
 */

import type { JsonSchemaProps } from './custom/props.ts'

declare const type: unique symbol

/** Where a field stands in its protobuf message; a pair goes through an embedded message that JSON flattens. */
export type ProtobufNumber = number | readonly [outer: number, inner: number]

export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly format?: 'int32' | 'int64' | 'double' | 'byte' | 'date-time' | 'micro-time' | 'quantity' | 'int-or-string'
  readonly description?: string
  readonly default?: unknown
  /** A named message, by reference to its value; OpenAPI writes it as `$ref`. */
  readonly ref?: Message
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-preserve-unknown-fields'?: true
  /** Reads a copied JSON value that follows rules of its own; tells of members that it leaves out by their path in it. */
  readonly read?: (value: unknown, unknown: (path: readonly (string | number)[]) => void) => unknown
  /** Absent and zero are two different things (a pointer upstream); of other fields that may be absent the zero says nothing. */
  readonly explicit?: true
}

/** A schema whose values have the static type `T`. */
export interface Schema<T> extends JsonSchema {
  readonly [type]?: T
}

/** A property of a message: its schema and what only the place knows. */
export interface Property extends JsonSchema {
  readonly protobuf: ProtobufNumber
}

/** A named object type: one message of the wire. */
export interface Message {
  readonly name: string
  readonly type: 'object'
  readonly description?: string
  readonly properties: Readonly<Record<string, Property>>
  readonly required: readonly string[]
  /** Set on the outermost message of a kind. */
  readonly kind?: true
  readonly 'x-kubernetes-map-type'?: 'atomic'
  /** The schema of a custom object; `properties` then say only what every object has. */
  readonly structural?: JsonSchemaProps
}

/** A message whose values have the static type `T`. */
export interface MessageOf<T> extends Message {
  readonly [type]?: T
}

export type Static<S> = S extends { readonly [type]?: infer T } ? Exclude<T, undefined> : never

interface Field<T, Required extends boolean> {
  readonly schema: Schema<T>
  readonly protobuf: ProtobufNumber
  readonly required: Required
  readonly doc: string
}
type Fields = Readonly<Record<string, Field<unknown, boolean>>>
type Flat<T> = { [K in keyof T]: T[K] }
type StaticFields<F extends Fields> = Flat<
  { readonly [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: F[K] extends Field<infer T, boolean> ? T : never } & {
    readonly [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: F[K] extends Field<infer T, boolean> ? T | undefined : never
  }
>

type Input<T> = Schema<T> | MessageOf<T>
const asSchema = <T>(input: Input<T>): Schema<T> => ('properties' in input ? ({ ref: input } as Schema<T>) : (input as Schema<T>))

/** A field that must be given. */
export const req = <T>(protobuf: ProtobufNumber, schema: Input<T>, doc = ''): Field<T, true> => ({ schema: asSchema(schema), protobuf, required: true, doc })
/** A field that may be absent. */
export const opt = <T>(protobuf: ProtobufNumber, schema: Input<T>, doc = ''): Field<T, false> => ({ schema: asSchema(schema), protobuf, required: false, doc })

export const string: Schema<string> = { type: 'string' }
export const boolean: Schema<boolean> = { type: 'boolean' }
export const int32: Schema<number> = { type: 'integer', format: 'int32' }
export const int64: Schema<number> = { type: 'integer', format: 'int64' }
/** Bytes, base64 in JSON. */
export const bytes: Schema<string> = { type: 'string', format: 'byte' }
/** RFC 3339 with seconds. */
export const time: Schema<string> = { type: 'string', format: 'date-time' }
/** RFC 3339 with microseconds. */
export const microTime: Schema<string> = { type: 'string', format: 'micro-time' }
export const quantity: Schema<string> = { type: 'string', format: 'quantity' }
export const intOrString: Schema<number | string> = { type: 'string', format: 'int-or-string' }
/** Any JSON object, kept as it is. */
export const anyObject: Schema<Readonly<Record<string, unknown>>> = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

export interface ListMarks {
  readonly list?: 'atomic' | 'set' | 'map'
  readonly keys?: readonly string[]
  readonly patch?: string
  readonly mergeKey?: string
}

/** A list, with its merge marks: `list`/`keys` for server-side apply, `patch`/`mergeKey` for strategic merge. */
export const list = <T>(items: Input<T>, marks: ListMarks = {}): Schema<readonly T[]> => ({
  type: 'array',
  items: asSchema(items),
  ...(marks.list && { 'x-kubernetes-list-type': marks.list }),
  ...(marks.keys && { 'x-kubernetes-list-map-keys': marks.keys }),
  ...(marks.patch && { 'x-kubernetes-patch-strategy': marks.patch }),
  ...(marks.mergeKey && { 'x-kubernetes-patch-merge-key': marks.mergeKey }),
})

/** A map from strings. */
export const map = <T>(values: Input<T>, marks: { readonly map?: 'atomic' } = {}): Schema<Readonly<Record<string, T>>> => ({
  type: 'object',
  additionalProperties: asSchema(values),
  ...(marks.map && { 'x-kubernetes-map-type': marks.map }),
})

/** The same schema with a strategic-merge mark of the place it stands in. */
export const patched = <T>(schema: Input<T>, patch: string): Schema<T> => ({ ...asSchema(schema), 'x-kubernetes-patch-strategy': patch })

/** The same message, of which appliers own the members one by one in this place, although it is atomic elsewhere. */
export const granular = <T>(schema: Input<T>): Schema<T> => ({ ...asSchema(schema), 'x-kubernetes-map-type': 'granular' })

/** The same schema where the zero value says something that absence does not. */
export const explicit = <T>(schema: Input<T>): Schema<T> => ({ ...asSchema(schema), explicit: true })

/** The same schema with a default that filling sets where nothing was said. */
export const withDefault = <T>(schema: Input<T>, value: NoInfer<T> | Record<string, never>): Schema<T> => ({ ...asSchema(schema), default: value })

export function message<const F extends Fields>(
  name: string,
  fields: F,
  marks: { readonly map?: 'atomic'; readonly doc?: string; readonly kind?: true } = {},
): MessageOf<StaticFields<F>> {
  const properties: Record<string, Property> = Object.create(null)
  for (const [key, field] of Object.entries(fields)) {
    properties[key] = { ...field.schema, protobuf: field.protobuf, ...(field.doc && { description: field.doc }) }
  }
  return Object.freeze({
    name,
    type: 'object' as const,
    properties: Object.freeze(properties),
    required: Object.freeze(Object.keys(fields).filter(key => fields[key]?.required)),
    ...(marks.map && { 'x-kubernetes-map-type': marks.map }),
    ...(marks.doc && { description: marks.doc }),
    ...(marks.kind && { kind: true as const }),
  })
}
