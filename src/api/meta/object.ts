import type { ObjectMeta } from '../types/meta.ts'

/** Metadata of an object that the server has stored: what it always sets is there. */
export type Meta = ObjectMeta & {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

/** Any stored object. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Meta
}

/** The static type of a kind: `spec` and `status` are always there, `{}` if nothing was said (decoding fills them). */
export type ObjectOf<T> = KubeObject & {
  readonly [K in keyof T as K extends 'metadata' ? never : K extends 'spec' | 'status' ? never : K]: T[K]
} & {
  readonly [K in keyof T as K extends 'spec' | 'status' ? K : never]-?: Exclude<T[K], undefined>
}

/** What a client hands in to create a `T`. */
export type NewObject<T extends KubeObject> = Omit<T, keyof KubeObject | 'status'> & {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly status?: T extends { readonly status: infer S } ? S : never
}

/** An object of any shape, as it came off the wire. */
export type JsonObject = { [key: string]: Json }
export type Json = string | number | boolean | null | Json[] | JsonObject
/** A deep-mutable copy that one step of the pipeline owns alone. */
export type Draft<T> = T extends readonly (infer E)[] ? Draft<E>[] : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T
