import type { JsonSchema, Message } from '../schema/build.ts'
import { setOwn } from '../schema/plain.ts'
import { cannotApply, isPlainObject, MAX_PATCH_DEPTH, malformedPatch, type PlainObject, shortJson } from './refuse.ts'
import { inOrder, keyOf, type ListKey, orderOf } from './strategic-order.ts'

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
 * (`$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`). Returns a new object; what the patch does
 * not touch is shared with `current`. A malformed patch is a BadRequest.
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

function mergeMap(original: Readonly<PlainObject>, patch: Readonly<PlainObject>, at: Place, depth: number): PlainObject {
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`it is nested deeper than ${MAX_PATCH_DEPTH}`)
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
    } else if (!isDirective(key) && !done.has(key)) mergeField(out, key, patch[key], placeOf(at, key), depth)
  }
  return out
}

function mergeField(out: PlainObject, key: string, value: unknown, at: Place, depth: number): void {
  if (value === null || value === undefined) {
    delete out[key]
    return
  }
  const present = Object.hasOwn(out, key) ? out[key] : undefined
  if (isPlainObject(present) && isPlainObject(value)) {
    setOwn(out, key, strategies(at).includes('replace') ? withoutDirectives(value, depth) : mergeMap(present, value, at, depth + 1))
  } else if (Array.isArray(present) && Array.isArray(value)) {
    setOwn(out, key, mergesLists(at) ? mergeLists(present, value, at, key, depth) : withoutDirectives(value, depth))
  } else {
    const fresh = withoutDirectives(value, depth)
    if (fresh !== undefined) setOwn(out, key, fresh)
  }
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
  const first = orderOf(base, by)
  for (const item of items) {
    const key = by(item)
    const index = first.get(key)
    if (index !== undefined) merged[index] = mergeMap(merged[index] as PlainObject, item, element, depth + 1)
    else {
      first.set(key, merged.length)
      merged.push(withoutDirectives(item, depth))
    }
  }
  return inOrder(merged, items, base, by)
}

/** A value of the patch that has nothing to merge with: no directives, no nulls, nothing that only deletes. */
function withoutDirectives(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`it is nested deeper than ${MAX_PATCH_DEPTH}`)
  if (Array.isArray(value)) {
    return value
      .filter(item => !isPlainObject(item) || item[PATCH] === undefined || Object.keys(item).length > 1)
      .map(item => withoutDirectives(item, depth + 1))
      .filter(item => item !== undefined)
  }
  if ((value as PlainObject)[PATCH] === 'delete') return undefined
  const out: PlainObject = {}
  for (const key of Object.keys(value)) {
    const member = (value as PlainObject)[key]
    if (member === null || isDirective(key)) continue
    const fresh = withoutDirectives(member, depth + 1)
    if (fresh !== undefined) setOwn(out, key, fresh)
  }
  return out
}
