import { StatusError, unavailable } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'

/** The error that an answer with a code of 300 or more stands for. */
export function failureOf(code: number, text: string): StatusError {
  try {
    const status = JSON.parse(text) as Status
    if (status.kind === 'Status') return StatusError.from(status)
  } catch {
    // No Status: what upstream clients make of a plain answer follows.
  }
  if (code === 404) return new StatusError('NotFound', 'the server could not find the requested resource', undefined, 404)
  if (code === 503) return unavailable('the server is unavailable')
  return new StatusError('InternalError', `the server answered ${code}: ${text.slice(0, 200)}`, undefined, code)
}
