/** What an answer may be: a Status or one of the codes that a request of any kind can be answered with. */
import type { FuzzRequest } from './requests.ts'

export interface FuzzAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** The answer went on beyond the time or size that is read: watches and logs do. */
  readonly cut: boolean
}

const GOOD = new Set([200, 201, 202])
const REFUSED = new Set([400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429])
const EVENTS = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

/** Why an answer is not allowed; undefined when it is. */
export function wrongWith(request: FuzzRequest, answer: FuzzAnswer): string | undefined {
  const { code, headers, body, cut } = answer
  if (body.includes('"InternalError"')) return 'an internal error'
  if (GOOD.has(code)) return wrongBody(request, answer)
  if (request.method === 'HEAD') return REFUSED.has(code) || code === 504 ? undefined : `code ${code}`
  if (code === 404 && body === '404 page not found\n') return undefined
  let status: { kind?: unknown; code?: unknown; status?: unknown; reason?: unknown; message?: unknown }
  try {
    status = JSON.parse(body)
  } catch {
    return `code ${code} without a Status: ${cut ? 'cut' : 'whole'}`
  }
  if (status.kind !== 'Status' || status.code !== code || status.status !== 'Failure') return `code ${code} with something else than its Status`
  if (typeof status.message !== 'string' || status.message === '') return 'a Status without a message'
  if (REFUSED.has(code)) return undefined
  if (code === 504 && status.message.includes('Too large resource version')) return undefined
  if (code === 503 && headers['retry-after'] !== undefined) return undefined
  if (code === 500 && /\/eviction/.test(request.url) && /more than one PodDisruptionBudget/.test(status.message)) return undefined
  return `code ${code}, reason ${String(status.reason)}`
}

function wrongBody({ method }: FuzzRequest, { headers, body, cut }: FuzzAnswer): string | undefined {
  if (method === 'HEAD' || !String(headers['content-type']).startsWith('application/json')) return undefined
  try {
    JSON.parse(body)
    return undefined
  } catch {
    // Not one object: the events of a watch.
  }
  const lines = body.split('\n')
  if (cut || lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    try {
      const event = JSON.parse(line) as { type?: string; object?: unknown }
      if (!EVENTS.has(event.type ?? '') || typeof event.object !== 'object') return 'a line of a watch that is no event'
    } catch {
      return cut ? undefined : 'a body that is not JSON'
    }
  }
  return undefined
}
