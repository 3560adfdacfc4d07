import { badRequest, StatusError } from '../meta/status.ts'

/** Deeper patches are refused; also bounds recursion. */
export const MAX_PATCH_DEPTH = 500

/** The patch cannot be applied to this object: 422. */
export const cannotApply = (why: string): StatusError => new StatusError('Invalid', `the server rejected our request due to an error in our request: ${why}`)

/** The patch is no patch: 400. */
export const malformedPatch = (why: string): StatusError => badRequest(`the patch is malformed: ${why}`)

export type PlainObject = Record<string, unknown>
export const isPlainObject = (value: unknown): value is Readonly<PlainObject> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `"name"` quoted, and long values cut, for messages. */
export const shortJson = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'null'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
