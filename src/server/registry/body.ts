import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'
import type { Message } from '../../api/schema/build.ts'
import { type DecodeOptions, decode } from '../../api/schema/decode.ts'
import { fill } from '../../api/schema/fill.ts'
import { isSettled, Settling } from '../../api/schema/settled.ts'
import type { Working } from './metadata.ts'
import type { FieldValidation } from './options.ts'
import type { Body, Served } from './request.ts'
import type { World } from './world.ts'

/** What decoding a body needs to know beside it. */
export interface Reading {
  readonly served: Served
  readonly namespace: string | undefined
  /** The name that the path gives; the body must agree. */
  readonly name: string | undefined
  readonly fieldValidation: FieldValidation
  readonly warn: ((text: string) => void) | undefined
  /** The body must name the object itself. */
  readonly mustBeNamed?: boolean
  /** The draft may have frozen parts in common with the body, where the kind allows it. */
  readonly mayShare?: boolean
  /** What the body is a new state of, when the draft may share its parts. */
  readonly stored?: KubeObject
}

/**
 * From a JSON value at the version asked for to a draft at the stored version: types checked, unknown fields dropped (and
 * warned of, or refused), defaults filled, name and namespace those of the path.
 */
export function readObject(body: Body, reading: Reading): Working {
  const { served, warn, fieldValidation } = reading
  const { at, version, kind } = served
  const schema = version ? version.schema : kind.schema
  const settling = reading.mayShare && version === undefined && kind.sharesParts ? new Settling(schema) : undefined
  const shared = settling && { settling, stored: reading.stored }
  const draft = readMessage(schema, body, { kind: at.kind, version: at.version }, fieldValidation, warn, shared) as Working
  settleKind(draft, served)
  placeObject(draft, reading)
  if (version) {
    version.defaults?.(draft)
    const stored = version.toStored(draft) as Working
    stored.apiVersion = apiVersionOf(kind)
    stored.kind = kind.kind
    fill(kind.schema, stored)
    kind.defaults?.(stored)
    return stored
  }
  kind.defaults?.(draft)
  settling?.settle()
  return draft
}

/** Where drafts may have parts in common with others: puts those in the place of equal parts of what was read off the wire, so that nothing of them is done again. */
export function adopt({ caches }: Pick<World, 'caches'>, { kind, version }: Served, { value, json }: Body): void {
  if (json && kind.sharesParts && version === undefined && typeof value === 'object' && value !== null) caches.adopt(value)
}

/** Decodes a JSON value by a message and fills it; problems go to `warn` or are refused. */
export function readMessage(
  schema: Message,
  body: Body,
  as: { readonly kind: string; readonly version: string },
  fieldValidation: FieldValidation,
  warn: ((text: string) => void) | undefined,
  shared?: Pick<DecodeOptions, 'settling' | 'stored'>,
): object {
  const unknown = fieldValidation === 'Strict' ? 'strict' : fieldValidation === 'Warn' && warn ? 'warn' : 'drop'
  const options = { unknown, as, ...shared, ...(body.problems && { duplicates: body.problems }) } as const
  const { value, problems } = decode(schema, body.json ? body.value : asJson(body.value), options)
  if (warn) for (const problem of problems) warn(problem)
  fill(schema, value)
  return value as object
}

function settleKind(draft: Working, { at }: Served): void {
  const apiVersion = apiVersionOf(at)
  if (draft.kind && draft.kind !== at.kind) {
    throw badRequest(`${draft.kind} in version "${draft.apiVersion || at.version}" cannot be handled as a ${at.kind}: the path is that of ${at.resource}`)
  }
  if (draft.apiVersion && draft.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${draft.apiVersion}) does not match the expected API version (${apiVersion})`)
  }
  draft.apiVersion = apiVersion
  draft.kind = at.kind
}

function placeObject(draft: Working, { served, namespace, name, mustBeNamed }: Reading): void {
  const { metadata } = draft
  if (served.kind.namespaced) {
    if (!metadata.namespace) metadata.namespace = namespace ?? ''
    else if (metadata.namespace !== namespace) {
      throw badRequest(
        name === undefined
          ? 'the namespace of the provided object does not match the namespace sent on the request'
          : `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`,
      )
    }
  } else if (metadata.namespace !== undefined) {
    // Much that is in use says one all the same.
    delete metadata.namespace
  }
  if (name === undefined) return
  if (!metadata.name && mustBeNamed) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (!metadata.name) metadata.name = name
  else if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
}

/** A value as JSON would carry it: itself if it is plain, else what JSON makes of it (a Date becomes its text). */
export function asJson(value: unknown): unknown {
  if (isPlain(value, 0)) return value
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch (error) {
    throw badRequest(`the object is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** JSON and nothing else, members that are `undefined` aside; deeper than 600 is not looked at. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object': {
      if (value === null || depth > 600 || isSettled(value)) return true
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false
        return true
      }
      const prototype = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) return false
      if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
      for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false
      return true
    }
    default:
      return false
  }
}
