import { truthy } from './query.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** A request for an object, a collection or a subresource, as its path says it; whether such a resource is served is not known here. */
export interface ResourceRequest {
  readonly type: 'resource'
  readonly verb: Verb
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** What follows the subresource: `proxy/metrics/cadvisor`. */
  readonly rest?: string
}
/** Any other path, decoded. */
export interface PathRequest {
  readonly type: 'path'
  readonly path: string
  readonly segments: readonly string[]
}
/** The path can be no request: it answers with this code. */
export interface NoRequest {
  readonly type: 'none'
  readonly code: 400 | 404 | 405
  readonly why: string
}

const NONE = (code: 400 | 404 | 405, why: string): NoRequest => ({ type: 'none', code, why })
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])

/** What a request line asks for. Percent escapes are decoded once, after the path was cut at its slashes. */
export function requestInfo(method: string, path: string, query: URLSearchParams): ResourceRequest | PathRequest | NoRequest {
  const segments: string[] = []
  for (const raw of path.split('/')) {
    if (raw === '') continue
    let segment = raw
    if (raw.includes('%')) {
      try {
        segment = decodeURIComponent(raw)
      } catch {
        return NONE(400, `the path has a malformed percent escape in ${JSON.stringify(raw)}`)
      }
    }
    if (segment === '.' || segment === '..' || segment.includes('/') || segment.includes('\0')) return NONE(404, 'no such path')
    segments.push(segment)
  }
  const parsed = resourcePath(segments)
  if (!parsed) return { type: 'path', path: `/${segments.join('/')}`, segments }
  const verb = verbOf(method, parsed.name !== undefined, parsed.subresource !== undefined, truthy(query.get('watch')))
  if (!verb) return NONE(405, 'the server does not allow this method on the requested resource')
  return { type: 'resource', verb, ...parsed }
}

type Place = Omit<ResourceRequest, 'type' | 'verb'>

function resourcePath(segments: readonly string[]): Place | undefined {
  const core = segments[0] === 'api'
  if (!core && segments[0] !== 'apis') return undefined
  const start = core ? 2 : 3
  if (segments.length <= start) return undefined
  const group = core ? '' : segments[1]!
  const version = segments[start - 1]!
  const rest = segments.slice(start)
  if (rest[0] !== 'namespaces') return place(group, version, undefined, rest)
  const name = rest[1]
  if (name === undefined || rest.length === 2 || NAMESPACE_SUBRESOURCES.has(rest[2]!)) {
    const at = place(group, version, undefined, rest)
    // A write to a namespace is a request in that namespace, as authorization sees it.
    return name === undefined ? at : { ...at, namespace: name }
  }
  return place(group, version, name, rest.slice(2))
}

function place(group: string, version: string, namespace: string | undefined, [resource, name, subresource, ...rest]: readonly string[]): Place {
  return {
    group,
    version,
    resource: resource!,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    ...(rest.length > 0 && { rest: rest.join('/') }),
  }
}

function verbOf(method: string, named: boolean, sub: boolean, watch: boolean): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watch && !sub) return 'watch'
      return named ? 'get' : 'list'
    case 'POST':
      return named && !sub ? undefined : 'create'
    case 'PUT':
      return named ? 'update' : undefined
    case 'PATCH':
      return named ? 'patch' : undefined
    case 'DELETE':
      return named ? 'delete' : 'deletecollection'
    default:
      return undefined
  }
}
