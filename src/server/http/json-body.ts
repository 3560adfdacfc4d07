import type { Json } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'
import { duplicateFields, readJson as parseJson } from '../../api/schema/read-json.ts'

/** Nesting beyond this is refused before anything walks the value. */
const MAX_DEPTH = 512

/**
 * Reads a JSON body. `problems` names members that an object has twice (the last one counts): `duplicate field "spec.x"`.
 * 400 for malformed JSON and for nesting deeper than 512.
 */
export function readJsonBody(body: Buffer): { readonly value: Json; readonly problems: readonly string[] } {
  const text = body.toString('utf8')
  const members = countMembers(text)
  const value = parseJson(text) as Json
  return { value, problems: members === membersOf(value) ? [] : duplicateFields(text) }
}

const BACKSLASH = 0x5c

/** How many members the objects of a JSON text have: its colons outside strings. Checks the depth on the way. */
function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        // Strings are most of a body: find their end natively.
        let end = text.indexOf('"', i + 1)
        while (end > 0 && escaped(text, end)) end = text.indexOf('"', end + 1)
        if (end < 0) return members
        i = end
        break
      }
      case 0x3a:
        members++
        break
      case 0x7b:
      case 0x5b:
        if (++depth > MAX_DEPTH) throw badRequest(`the body is nested deeper than ${MAX_DEPTH} levels`)
        break
      case 0x7d:
      case 0x5d:
        depth--
        break
    }
  }
  return members
}
function escaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}

function membersOf(value: Json): number {
  if (typeof value === 'number' && !Number.isFinite(value)) throw badRequest('a number in the body is larger than a number can be')
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) for (const item of value) members += membersOf(item)
  else for (const key of Object.keys(value)) members += 1 + membersOf(value[key]!)
  return members
}
