import type { JsonSchema, Message } from '../schema/build.ts'
import { setOwn } from '../schema/plain.ts'
import { cannotApply, isPlainObject, MAX_PATCH_DEPTH, malformedPatch, type PlainObject, shortJson } from './refuse.ts'
import { inOrder, Keys, keyOf, type ListKey } from './strategic-order.ts'

const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
const ORDER = '$setElementOrder/'
const DELETE = '$deleteFromPrimitiveList/'
const isDirective = (key: string): boolean =>
  key.charCodeAt(0) === 0x24 && (key === PATCH || key === RETAIN_KEYS || key.startsWith(ORDER) || key.startsWith(DELETE))

/** What the schema knows of the place a value stands in; undefined where it knows nothing. */
type Place = { readonly schema?: JsonSchema | undefined; readonly message?: Message | undefined }

/**
 * Strategic merge patch: merges by the patch strategies and merge keys of the schema, with the directives of the wire
 * (`$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`). Changes neither: what the patch does not
 * change is that of `current`, what is new may be that of the patch. A malformed patch is a BadRequest.
 */
export function strategicMergePatch(current: unknown, patch: unknown, message: Message): PlainObject {
  if (!isPlainObject(patch)) throw malformedPatch('a strategic merge patch must be a JSON object')
  return mergeMap(isPlainObject(current) ? current : {}, patch, { message }, 0)
}

function placeOf(at: Place, key: string): Place {
  if (at.message) {
    const schema = at.message.properties[key]
    return { schema, message: schema?.ref }
  }
  const values = at.schema?.additionalProperties
  return { schema: values, message: values?.ref }
}
const strategies = (at: Place): readonly string[] => at.schema?.['x-kubernetes-patch-strategy']?.split(',') ?? []

function mergeMap(original: Readonly<PlainObject>, patch: Readonly<PlainObject>, at: Place, depth: number): Readonly<PlainObject> {
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`it is nested deeper than ${MAX_PATCH_DEPTH}`)
  return Object.keys(patch).some(isDirective) ? mergeDirected(original, patch, at, depth) : mergeMembers(original, patch, at, depth)
}

/** Of a patch that says nothing but values. */
function mergeMembers(original: Readonly<PlainObject>, patch: Readonly<PlainObject>, at: Place, depth: number): Readonly<PlainObject> {
  let out: PlainObject | undefined
  for (const key of Object.keys(patch)) {
    const present = Object.hasOwn(original, key) ? original[key] : undefined
    const merged = mergedField(present, patch[key], placeOf(at, key), key, depth)
    if (merged === present && (merged !== undefined || !Object.hasOwn(original, key))) continue
    out ??= { ...original }
    if (merged === undefined) delete out[key]
    else setOwn(out, key, merged)
  }
  return out ?? original
}

function mergeDirected(original: Readonly<PlainObject>, patch: Readonly<PlainObject>, at: Place, depth: number): PlainObject {
  switch (patch[PATCH]) {
    case undefined:
    case 'merge':
      break
    case 'replace':
      return withoutDirectives(patch, depth) as PlainObject
    case 'delete':
      return {}
    default:
      throw malformedPatch(`unknown patch type ${shortJson(patch[PATCH])} in map ${shortJson(patch)}`)
  }
  const out = retained(original, patch)
  const done = new Set<string>()
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ORDER)) continue
    const field = key.slice(ORDER.length)
    done.add(field)
    const merged = mergeOrdered(listAt(out, field), listAt(patch, field), patch[key], placeOf(at, field), field, depth)
    if (merged) setOwn(out, field, merged)
    else if (patch[field] === null) delete out[field]
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(DELETE)) {
      const field = key.slice(DELETE.length)
      const values = patch[key]
      if (!Array.isArray(values)) throw malformedPatch(`${key} must be a list`)
      if (Array.isArray(out[field])) {
        const gone = new Set(values.map(keyOf))
        setOwn(
          out,
          field,
          (out[field] as unknown[]).filter(value => !gone.has(keyOf(value))),
        )
      }
    } else if (!isDirective(key) && !done.has(key)) {
      const merged = mergedField(Object.hasOwn(out, key) ? out[key] : undefined, patch[key], placeOf(at, key), key, depth)
      if (merged === undefined) delete out[key]
      else setOwn(out, key, merged)
    }
  }
  return out
}

/** What becomes of a member; undefined: it goes. */
function mergedField(present: unknown, value: unknown, at: Place, key: string, depth: number): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object') return value
  if (isPlainObject(present) && isPlainObject(value)) {
    return strategies(at).includes('replace') ? withoutDirectives(value, depth) : mergeMap(present, value, at, depth + 1)
  }
  if (Array.isArray(present) && Array.isArray(value) && mergesLists(at)) return mergeLists(present, value, at, key, depth)
  return withoutDirectives(value, depth) ?? present
}

const mergesLists = (at: Place): boolean => strategies(at).includes('merge')

/** The members of `original` that `$retainKeys` leaves; all of them when the patch has none. */
function retained(original: Readonly<PlainObject>, patch: Readonly<PlainObject>): PlainObject {
  const keys = patch[RETAIN_KEYS]
  if (keys === undefined) return { ...original }
  if (!Array.isArray(keys)) throw malformedPatch('$retainKeys must be a list of field names')
  const keep = new Set(keys)
  for (const key of Object.keys(patch)) {
    if (patch[key] !== null && !isDirective(key) && !keep.has(key)) {
      throw cannotApply(`the patch sets ${shortJson(key)}, which its $retainKeys list ${shortJson(keys)} does not contain`)
    }
  }
  const out: PlainObject = {}
  for (const key of Object.keys(original)) if (keep.has(key)) setOwn(out, key, original[key])
  return out
}

function listAt(map: Readonly<PlainObject>, field: string): readonly unknown[] | undefined {
  const value = Object.hasOwn(map, field) ? map[field] : undefined
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw malformedPatch(`${ORDER}${field} orders a list, but ${field} is none`)
  return value
}

/** A list together with its `$setElementOrder`: merged, then brought into that order. */
function mergeOrdered(
  present: readonly unknown[] | undefined,
  patch: readonly unknown[] | undefined,
  order: unknown,
  at: Place,
  field: string,
  depth: number,
): readonly unknown[] | undefined {
  if (!Array.isArray(order)) throw malformedPatch(`${ORDER}${field} must be a list`)
  const by = listKey(at, field)
  if (patch) checkAgainstOrder(patch, order, by, field)
  if (!present && !patch) return undefined
  const merged = !patch
    ? present!
    : present && mergesLists(at)
      ? mergeLists(present, patch, at, field, depth)
      : (withoutDirectives(patch, depth) as readonly unknown[])
  return inOrder(merged, order, present ?? [], by)
}

/** The patch list must be a subsequence of the order list. */
function checkAgainstOrder(patch: readonly unknown[], order: readonly unknown[], by: ListKey, field: string): void {
  const wanted = patch.filter(item => !isPlainObject(item) || item[PATCH] === undefined)
  let found = 0
  for (const item of order) if (found < wanted.length && by(wanted[found]) === by(item)) found++
  if (found < wanted.length) {
    throw malformedPatch(`the order in patch list ${shortJson(wanted)} doesn't match the ${ORDER}${field} list ${shortJson(order)}`)
  }
}

/** How the elements of a list are told apart: by their merge key, or by value where they are scalars. */
function listKey(at: Place, field: string): ListKey {
  const mergeKey = at.schema?.['x-kubernetes-patch-merge-key']
  return item => {
    if (Array.isArray(item)) throw cannotApply(`lists of lists are not supported (in ${field})`)
    if (!isPlainObject(item)) {
      if (mergeKey) throw malformedPatch(`expected a map with the merge key ${mergeKey} in ${field}, found ${shortJson(item)}`)
      return keyOf(item)
    }
    if (!mergeKey) throw malformedPatch(`cannot merge lists without merge key (in ${field})`)
    const value = item[mergeKey]
    if (value === undefined || value === null) throw malformedPatch(`map: ${shortJson(item)} does not contain declared merge key: ${mergeKey} (in ${field})`)
    return keyOf(value)
  }
}

function mergeLists(present: readonly unknown[], patch: readonly unknown[], at: Place, field: string, depth: number): readonly unknown[] {
  if (patch.length === 0) return present
  const by = listKey(at, field)
  if (!at.schema?.['x-kubernetes-patch-merge-key']) {
    const seen = new Map<string, unknown>()
    for (const item of [...present, ...patch]) {
      const key = by(item)
      if (!seen.has(key)) seen.set(key, item)
    }
    return inOrder([...seen.values()], patch, present, by)
  }
  let base = present
  const items: Readonly<PlainObject>[] = []
  const gone = new Set<string>()
  let replace = false
  for (const item of patch) {
    if (!isPlainObject(item)) {
      by(item)
      continue
    }
    const directive = item[PATCH]
    if (directive === undefined) items.push(item)
    else if (directive === 'delete') gone.add(by(item))
    else if (directive === 'replace') replace = true
    else if (directive === 'merge') throw malformedPatch('merging lists cannot yet be specified in the patch')
    else throw malformedPatch(`unknown patch type ${shortJson(directive)} in map ${shortJson(item)}`)
  }
  if (replace) return items.map(item => withoutDirectives(item, depth))
  if (gone.size > 0) base = base.filter(item => !gone.has(by(item)))
  const element: Place = { schema: at.schema?.items, message: at.schema?.items?.ref }
  const merged = [...base]
  const keys = new Keys(base, by)
  for (const item of items) {
    const index = keys.place(by(item))
    merged[index] = index < merged.length ? mergeMap(merged[index] as PlainObject, item, element, depth + 1) : withoutDirectives(item, depth)
  }
  return inOrder(merged, items, base, by)
}

/** A value of the patch that has nothing to merge with: no directives, no nulls, nothing that only deletes. Itself, where it has none of these. */
function withoutDirectives(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`it is nested deeper than ${MAX_PATCH_DEPTH}`)
  if (Array.isArray(value)) {
    const items: unknown[] = []
    let same = true
    for (const item of value as readonly unknown[]) {
      const fresh = isPlainObject(item) && item[PATCH] !== undefined && Object.keys(item).length === 1 ? undefined : withoutDirectives(item, depth + 1)
      if (fresh !== undefined) items.push(fresh)
      if (fresh !== item) same = false
    }
    return same ? value : items
  }
  if ((value as PlainObject)[PATCH] === 'delete') return undefined
  let out: PlainObject | undefined
  for (const key of Object.keys(value)) {
    const member = (value as PlainObject)[key]
    const fresh = member === null || isDirective(key) ? undefined : withoutDirectives(member, depth + 1)
    if (fresh === member && fresh !== undefined) continue
    out ??= { ...value }
    if (fresh === undefined) delete out[key]
    else setOwn(out, key, fresh)
  }
  return out ?? value
}
