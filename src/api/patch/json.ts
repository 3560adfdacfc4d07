import { equal } from '../../base/equal.ts'
import { StatusError } from '../meta/status.ts'
import { setOwn } from '../schema/plain.ts'
import { cannotApply, isPlainObject, MAX_PATCH_DEPTH, malformedPatch, type PlainObject, shortJson } from './refuse.ts'

const MAX_OPERATIONS = 10_000
/** What `copy` operations may add up to, in JSON characters. */
const MAX_COPIED = 3 * 1024 * 1024

interface Operation {
  readonly op: string
  readonly path: readonly string[]
  readonly shown: string
  readonly from?: readonly string[]
  readonly value?: unknown
}

/**
 * JSON patch (RFC 6902) on own properties only. Returns a new value and leaves `current` as it is. A patch that is none is
 * a BadRequest, one that does not apply (a failed test, a missing path) Invalid, one too large RequestEntityTooLarge.
 */
export function jsonPatch(current: unknown, patch: unknown): PlainObject {
  if (!Array.isArray(patch)) throw malformedPatch('a JSON patch must be an array of operations')
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`)
  }
  const operations = patch.map(parseOperation)
  const root: { document: unknown } = { document: copy(current) }
  const copied = { left: MAX_COPIED }
  for (const operation of operations) apply(root, operation, copied)
  if (!isPlainObject(root.document)) throw cannotApply('the patched document is not an object')
  return root.document
}

function parseOperation(json: unknown, index: number): Operation {
  const at = `operation ${index}`
  if (!isPlainObject(json)) throw malformedPatch(`${at} is not an object`)
  const { op, path, from, value } = json
  if (typeof op !== 'string') throw malformedPatch(`${at} has no "op"`)
  if (!['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op)) throw cannotApply(`Unexpected kind: ${op.slice(0, 40)}`)
  if (typeof path !== 'string') throw malformedPatch(`${at} (${op}) has no "path"`)
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') throw malformedPatch(`${at} (${op} ${path}) has no "from"`)
  if (['add', 'replace', 'test'].includes(op) && !Object.hasOwn(json, 'value')) throw malformedPatch(`${at} (${op} ${path}) has no "value"`)
  return { op, path: pointer(path, at), shown: path, ...(typeof from === 'string' && { from: pointer(from, at) }), value }
}

function pointer(text: string, at: string): readonly string[] {
  if (text === '') return []
  if (!text.startsWith('/')) throw malformedPatch(`${at}: the path ${shortJson(text)} does not start with /`)
  const parts = text.slice(1).split('/')
  if (parts.length > MAX_PATCH_DEPTH) throw malformedPatch(`${at}: the path is deeper than ${MAX_PATCH_DEPTH}`)
  if (!text.includes('~')) return parts
  if (/~(?![01])/.test(text)) throw malformedPatch(`${at}: the path ${shortJson(text)} has a ~ that is neither ~0 nor ~1`)
  return parts.map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function apply(root: { document: unknown }, operation: Operation, copied: { left: number }): void {
  const { op, path, from, value } = operation
  const refuse = (why: string) => cannotApply(`${op} operation does not apply: ${why}`)
  switch (op) {
    case 'add':
      put(root, path, copy(value), refuse)
      return
    case 'replace':
      replace(root, path, copy(value), refuse)
      return
    case 'remove':
      remove(root, path, refuse)
      return
    case 'test': {
      const found = find(root.document, path)
      if (found ? equal(found.value, value) : value === null) return
      throw cannotApply(found ? `testing value ${operation.shown} failed: test failed` : `testing path ${operation.shown} failed: missing value`)
    }
    case 'move': {
      if (from!.length < path.length && from!.every((part, i) => part === path[i])) throw refuse('a value cannot be moved into itself')
      const found = find(root.document, from!)
      if (!found) throw refuse(missing(from!))
      if (from!.length === path.length && from!.every((part, i) => part === path[i])) return
      remove(root, from!, refuse)
      put(root, path, found.value, refuse)
      return
    }
    case 'copy': {
      const found = find(root.document, from!)
      if (!found) throw refuse(missing(from!))
      copied.left -= JSON.stringify(found.value).length
      if (copied.left < 0) throw new StatusError('RequestEntityTooLarge', `the copy operations of a JSON patch may add at most ${MAX_COPIED} bytes`)
      put(root, path, copy(found.value), refuse)
      return
    }
  }
}

const badIndex = (index: string): string => `unable to access invalid index: ${shortJson(index)}: invalid index referenced`
const missing = (path: readonly string[]): string => `doc is missing path: ${shortJson(`/${path.join('/')}`)}: missing value`

/** The index that a path segment names in a list of this length; the length itself is "behind the last". */
function indexIn(part: string, length: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(part)) return undefined
  const index = Number(part)
  return index <= length ? index : undefined
}

function find(document: unknown, path: readonly string[]): { readonly value: unknown } | undefined {
  let value = document
  for (const part of path) {
    if (Array.isArray(value)) {
      const index = indexIn(part, value.length)
      if (index === undefined || index === value.length) return undefined
      value = value[index]
    } else if (isPlainObject(value) && Object.hasOwn(value, part)) value = value[part]
    else return undefined
  }
  return { value }
}

type Refuse = (why: string) => StatusError

function parentOf(document: unknown, path: readonly string[], refuse: Refuse): { readonly parent: unknown[] | PlainObject; readonly last: string } {
  const parent = find(document, path.slice(0, -1))?.value
  if (typeof parent !== 'object' || parent === null) throw refuse(missing(path))
  return { parent: parent as unknown[] | PlainObject, last: path[path.length - 1]! }
}

function put(root: { document: unknown }, path: readonly string[], value: unknown, refuse: Refuse): void {
  if (path.length === 0) {
    root.document = value
    return
  }
  const { parent, last } = parentOf(root.document, path, refuse)
  if (!Array.isArray(parent)) {
    setOwn(parent, last, value)
    return
  }
  const index = last === '-' ? parent.length : indexIn(last, parent.length)
  if (index === undefined) throw refuse(badIndex(last))
  parent.splice(index, 0, value)
}

function replace(root: { document: unknown }, path: readonly string[], value: unknown, refuse: Refuse): void {
  if (path.length === 0) {
    root.document = value
    return
  }
  if (!find(root.document, path)) throw refuse(missing(path))
  const { parent, last } = parentOf(root.document, path, refuse)
  if (Array.isArray(parent)) parent[Number(last)] = value
  else setOwn(parent, last, value)
}

function remove(root: { document: unknown }, path: readonly string[], refuse: Refuse): void {
  if (path.length === 0) throw refuse('the document itself cannot be removed')
  const { parent, last } = parentOf(root.document, path, refuse)
  if (Array.isArray(parent)) {
    const index = indexIn(last, parent.length)
    if (index === undefined || index === parent.length) throw refuse(badIndex(last))
    parent.splice(index, 1)
  } else {
    if (!Object.hasOwn(parent, last)) throw refuse(missing(path))
    delete parent[last]
  }
}

function copy(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`a value is nested deeper than ${MAX_PATCH_DEPTH}`)
  if (Array.isArray(value)) return value.map(item => copy(item, depth + 1))
  const out: PlainObject = {}
  for (const key of Object.keys(value)) setOwn(out, key, copy((value as PlainObject)[key], depth + 1))
  return out
}
