/** One request of the fuzzer, from a seed and its number alone: real requests of every route, most of them bent somewhere. */
import { KINDS, LATER_KINDS } from '../../src/api/kinds/all.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import type { Kind } from '../../src/api/kinds/kind.ts'
import {
  LocalSubjectAccessReviews,
  SelfSubjectAccessReviews,
  SelfSubjectReviews,
  SelfSubjectRulesReviews,
  SubjectAccessReviews,
  TokenReviews,
} from '../../src/api/kinds/reviews.ts'
import { Random } from '../sim/random.ts'
import { bodyOf } from './bodies.ts'
import { upgradeBytes } from './upgrades.ts'
import { nameOf, oddText } from './values.ts'
import { ACCEPTS, HEADERS, PLACES, QUERIES, SUBRESOURCES } from './words.ts'

export interface FuzzRequest {
  /** How it travels: HTTP/2, HTTP/1.1, or as bytes on a TLS socket. */
  readonly wire: 'h2' | 'h1' | 'bytes'
  /** It comes without a certificate: with nothing, or a token. */
  readonly nobody?: boolean
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Of a request in bytes: everything that is sent, in these pieces. */
  readonly pieces?: readonly Buffer[]
}

const REVIEWS: readonly Kind[] = [
  LocalSubjectAccessReviews,
  SelfSubjectAccessReviews,
  SelfSubjectReviews,
  SelfSubjectRulesReviews,
  SubjectAccessReviews,
  TokenReviews,
]
/** As the fuzzer's own definition says it, while there is one; made up with the members of another kind, of which it knows none. */
const Things: Kind = { ...ConfigMaps, group: 'example.org', kind: 'Thing', resource: 'things', singular: 'thing', shortNames: [] }
const ALL: readonly Kind[] = [...KINDS, ...LATER_KINDS, ...REVIEWS, Things]
const WEIGHTED = ['daemonsets', 'pods', 'nodes', 'configmaps', 'secrets', 'services', 'clusterroles', 'controllerrevisions', 'events', 'leases', 'things']
/** The request with this number of a seed's row. */
export function requestOf(seed: number, number: number): FuzzRequest {
  const random = new Random((Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0)
  random.next()
  const nobody = random.chance(0.04)
  if (random.chance(0.03)) return { wire: 'bytes', method: 'GET', url: '', headers: {}, pieces: upgradeBytes(random), nobody }
  const kind = kindOf(random)
  const place = random.chance(0.06) ? random.pick(PLACES) : undefined
  const method = place && random.chance(0.9) ? 'GET' : methodOf(random)
  const headers: Record<string, string> = {}
  if (random.chance(0.2)) headers['accept'] = random.pick(ACCEPTS)
  for (const [name, values] of HEADERS) if (random.chance(0.015)) headers[name] = random.pick(values)
  if (nobody && random.chance(0.7)) headers['authorization'] = tokenOf(random)
  const path = place ?? pathOf(kind, method, random)
  const url = withQuery(path, method, random)
    .toWellFormed()
    .replace(/[^!-~]/gu, encodeURIComponent)
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(kind, path, method, headers, random)
  return { wire: random.chance(0.75) ? 'h2' : 'h1', method, url, headers, nobody, ...(body && { body }) }
}

/** A bearer token that nobody issued. */
function tokenOf(random: Random): string {
  const part = (value: object | string): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const head = {
    alg: random.pick(['ES256', 'none', 'HS256', 'RS256', '', 'x']),
    ...(random.chance(0.6) && { kid: random.pick(['x', '../../key', '__proto__', '']) }),
  }
  const claims = {
    iss: 'https://kubernetes.default.svc.cluster.local',
    aud: random.pick<unknown>([['https://kubernetes.default.svc.cluster.local'], 'x', null, {}]),
    sub: random.pick(['system:serviceaccount:default:default', 'kubernetes-admin', '']),
    exp: random.pick<unknown>([9e9, 0, -1, 'x', 1e300]),
    'kubernetes.io': random.pick<unknown>([{ namespace: 'default', serviceaccount: { name: 'default', uid: 'x' } }, null, 'x', { namespace: {} }]),
  }
  const jwt = [part(head), part(random.chance(0.8) ? claims : oddText(random)), random.pick(['', 'AAAA', part('x'.repeat(64))])].join('.')
  const bent = random.chance(0.3) ? jwt.slice(0, random.below(jwt.length)) : jwt
  return `${random.pick(['Bearer', 'Bearer', 'bearer', 'Basic'])} ${random.pick([bent, bent, 'abcdef.0123456789abcdef', 'x'.repeat(5000)])}`
}

function kindOf(random: Random): Kind {
  if (random.chance(0.5)) {
    const resource = random.pick(WEIGHTED)
    const found = ALL.find(kind => kind.resource === resource)
    if (found) return found
  }
  return random.pick(ALL)
}

function methodOf(random: Random): string {
  const at = random.below(100)
  if (at < 30) return 'GET'
  if (at < 52) return 'POST'
  if (at < 62) return 'PUT'
  if (at < 88) return 'PATCH'
  if (at < 97) return 'DELETE'
  return random.pick(['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'HEAD'])
}

function pathOf(kind: Kind, method: string, random: Random): string {
  const at = kind.alsoServed && random.chance(0.1) ? random.pick(kind.alsoServed) : kind
  const parts = at.group ? ['apis', at.group, at.version] : ['api', at.version]
  if (kind.namespaced && random.chance(0.95)) parts.push('namespaces', random.chance(0.85) ? 'default' : nameOf(random))
  parts.push(kind.resource)
  const named =
    method === 'POST'
      ? random.chance(0.15)
      : method === 'PUT' || method === 'PATCH'
        ? random.chance(0.98)
        : method === 'DELETE'
          ? random.chance(0.9)
          : random.chance(0.5)
  if (named) {
    parts.push(kind.resource === 'nodes' && random.chance(0.7) ? random.pick(['sim-1', 'sim-2', 'sim-3']) : nameOf(random))
    const own = Object.keys(kind.subresources?.other ?? {})
    const subresources = random.chance(0.4) && own.length > 0 ? own : SUBRESOURCES
    if (random.chance(method === 'POST' ? 0.95 : 0.25)) parts.push(method !== 'POST' && random.chance(0.4) ? 'status' : random.pick(subresources))
  }
  if (random.chance(0.01)) parts.push(oddText(random))
  if (random.chance(0.01)) parts[random.below(parts.length)] = random.pick(['..', '__proto__', '', 'constructor', 'watch'])
  const path = `/${parts.map(part => encodeURIComponent(part.toWellFormed())).join('/')}`
  return random.chance(0.01) ? `${path}${random.pick(['/', '//', '%', '%00', '%2e%2e', '%ff', '%2f'])}` : path
}

function withQuery(path: string, method: string, random: Random): string {
  const parts: string[] = []
  for (let n = random.chance(0.5) ? 0 : 1 + random.below(3); n > 0; n--) {
    const name = random.pick(Object.keys(QUERIES))
    const value = random.chance(0.95) ? random.pick(QUERIES[name]!) : oddText(random)
    parts.push(name === '%' ? value : `${name}=${encodeURIComponent(value.toWellFormed())}`)
  }
  if (method === 'GET' && random.chance(0.12)) {
    parts.push('watch=true', 'timeoutSeconds=1')
    for (const name of ['resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks'])
      if (random.chance(0.5)) parts.push(`${name}=${encodeURIComponent(random.pick(QUERIES[name]!))}`)
  }
  // What the object holds is kept often enough to go on with; a third is only tried.
  if (method !== 'GET' && random.chance(0.25)) parts.push('dryRun=All')
  if (parts.some(part => part.startsWith('watch=')) && random.chance(0.8)) parts.push('timeoutSeconds=1')
  if (parts.length === 0) return path.slice(0, 15_000)
  return `${path}${path.includes('?') ? '&' : '?'}${parts.join('&')}`.slice(0, 40_000)
}
