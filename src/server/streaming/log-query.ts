import { type FieldError, forbiddenField, invalid, invalidObject, notSupported } from '../../api/meta/field-error.ts'
import { truthy, wholeNumber } from '../http/query.ts'

const FLAGS = ['follow', 'previous', 'timestamps'] as const
const NUMBERS = ['sinceSeconds', 'tailLines', 'limitBytes'] as const
const STREAMS = ['All', 'Stdout', 'Stderr']

/** The options of a log request in one spelling: `true` for flags. 422 for those that make no sense. */
export function logQuery(pod: string, query: URLSearchParams): Readonly<Record<string, readonly string[]>> {
  const errors: FieldError[] = []
  const out: Record<string, readonly string[]> = {}
  for (const flag of FLAGS) if (truthy(query.get(flag))) out[flag] = ['true']
  for (const name of NUMBERS) {
    const value = wholeNumber(query, name)
    if (value === undefined) continue
    const least = name === 'tailLines' ? 0 : 1
    if (value < least) errors.push(invalid(name, value, `must be greater than or equal to ${least}`))
    out[name] = [String(value)]
  }
  const since = query.get('sinceTime')
  if (since) {
    if (Number.isNaN(Date.parse(since))) errors.push(invalid('sinceTime', since, 'must be a time as RFC 3339 writes it'))
    if (out['sinceSeconds']) errors.push(forbiddenField('sinceTime', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
    out['sinceTime'] = [since]
  }
  const stream = query.get('stream')
  if (stream) {
    if (!STREAMS.includes(stream)) errors.push(notSupported('stream', stream, STREAMS))
    else if (stream !== 'All' && out['tailLines']) errors.push(forbiddenField('', '`tailLines` and specific `stream` are mutually exclusive for now'))
    out['stream'] = [stream]
  }
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, pod, errors)
  return out
}
