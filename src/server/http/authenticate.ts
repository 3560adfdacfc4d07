import type { IncomingHttpHeaders } from 'node:http'
import { unauthorized } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { Clock } from '../../base/clock.ts'
import type { Peer } from './exchange.ts'

/** Tells whose a bearer token is; undefined when it is not a good one of its own. Throws 401 only to say to whoever holds the secret why it no longer serves. */
export interface TokenVerifier {
  verify(token: string): User | undefined | Promise<User | undefined>
}

/** Says who makes a request; undefined: nobody in particular. Throws 401 for credentials that are not valid. */
export interface Authenticator {
  authenticate(headers: IncomingHttpHeaders, peer: Peer): User | undefined | Promise<User | undefined>
}

export const AUTHENTICATED = 'system:authenticated'
export const ANONYMOUS: User = Object.freeze({ name: 'system:anonymous', groups: Object.freeze(['system:unauthenticated']) })

const withAuthenticated = (user: User): User =>
  user.groups.includes(AUTHENTICATED) ? user : Object.freeze({ ...user, groups: Object.freeze([...user.groups, AUTHENTICATED]) })

/**
 * Client certificates of our authority (common name = user, organizations = groups), then bearer tokens. A token that
 * nobody knows is refused, never taken for an anonymous request; so is a certificate of another authority without a token.
 */
export function authenticator({ clock, tokens }: { readonly clock: Clock; readonly tokens: readonly TokenVerifier[] }): Authenticator {
  const users = new WeakMap<Peer, User>()
  const byToken = async (token: string): Promise<User> => {
    for (const verifier of tokens) {
      const user = await verifier.verify(token)
      if (user) return withAuthenticated(user)
    }
    throw unauthorized()
  }
  return {
    authenticate(headers, peer) {
      const { certificate } = peer
      if (certificate?.trusted && certificate.notAfter > clock.now()) {
        let user = users.get(peer)
        if (!user) {
          user = withAuthenticated({ name: certificate.commonName, groups: certificate.organizations })
          users.set(peer, user)
        }
        return user
      }
      const token = bearerToken(headers)
      if (token !== undefined) return byToken(token)
      if (certificate) throw unauthorized()
      return undefined
    },
  }
}

export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return undefined
  const [scheme = '', token = ''] = authorization.trim().split(/\s+/, 2)
  if (scheme.toLowerCase() !== 'bearer' || token === '') throw unauthorized()
  return token
}
