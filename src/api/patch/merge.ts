import { setOwn } from '../schema/plain.ts'
import { isPlainObject, MAX_PATCH_DEPTH, malformedPatch, type PlainObject } from './refuse.ts'

/**
 * JSON merge patch (RFC 7386): objects merge, `null` deletes, everything else replaces. Returns a new object; what the
 * patch does not touch is shared with `current`.
 */
export function mergePatch(current: unknown, patch: unknown): PlainObject {
  if (!isPlainObject(patch)) throw malformedPatch('a merge patch must be a JSON object')
  return merged(current, patch, 0)
}

function merged(current: unknown, patch: Readonly<PlainObject>, depth: number): PlainObject {
  if (depth > MAX_PATCH_DEPTH) throw malformedPatch(`it is nested deeper than ${MAX_PATCH_DEPTH}`)
  const out: PlainObject = isPlainObject(current) ? { ...current } : {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) delete out[key]
    else if (!isPlainObject(value)) setOwn(out, key, value)
    else setOwn(out, key, merged(Object.hasOwn(out, key) ? out[key] : undefined, value, depth + 1))
  }
  return out
}
