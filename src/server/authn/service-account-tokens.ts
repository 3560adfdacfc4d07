import { createHash } from 'node:crypto'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, conflict, notFound } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { TokenRequest, TokenRequestSpec } from '../../api/types/authentication.ts'
import type { Clock } from '../../base/clock.ts'
import type { TokenVerifier } from '../http/authenticate.ts'
import type { SigningKey } from './signing-keys.ts'

/** Reads what a token is bound to: the newest state. */
export type Lookup = (resource: 'serviceaccounts' | 'pods' | 'secrets' | 'nodes', namespace: string | undefined, name: string) => KubeObject | undefined

export interface TokenOptions {
  readonly keys: readonly SigningKey[]
  /** The `iss` claim: the URL of the server inside the cluster. */
  readonly issuer: string
  /** Audiences that this server answers to; the first is what a token gets when none is asked for. */
  readonly audiences: readonly string[]
  readonly lookup: Lookup
  readonly clock: Clock
  /** A fresh identity for a token. */
  readonly uuid: () => string
}

interface Reference {
  readonly name: string
  readonly uid: string
}
interface Claims {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly jti?: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: Reference
    readonly pod?: Reference
    readonly node?: Reference
    readonly secret?: Reference
  }
}

const SHORTEST_SECONDS = 600
const LONGEST_SECONDS = 2 ** 32
/** Once its pod is being deleted a token is good for this much longer, so that the pod can say goodbye (upstream). */
const AFTER_DELETION_MS = 60_000
/** Signatures checked once are not checked again while they are remembered. */
const REMEMBERED = 10_000

/** What a token says, if it says all that ours do; undefined otherwise. */
function claimsOf(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const { aud, exp, sub, 'kubernetes.io': bound } = payload as { [member in keyof Claims]?: unknown }
  const audiences = typeof aud === 'string' ? [aud] : aud
  if (typeof exp !== 'number' || !Array.isArray(audiences)) return undefined
  const { namespace, serviceaccount } = (bound ?? {}) as Partial<Claims['kubernetes.io']>
  if (!serviceaccount?.uid || sub !== `system:serviceaccount:${namespace}:${serviceaccount.name}`) return undefined
  return { ...payload, aud: audiences } as unknown as Claims
}

/** Issues and verifies the tokens of ServiceAccounts: ES256 JWTs bound to an account and, where asked, to a pod, a secret or a node. */
export class ServiceAccountTokens implements TokenVerifier {
  readonly #options: TokenOptions
  readonly #checked = new Map<string, Claims>()

  constructor(options: TokenOptions) {
    this.#options = options
  }

  /** Answers a TokenRequest for an account. Errors are those of upstream's `serviceaccounts/token`. */
  async issue(namespace: string, name: string, request: TokenRequest): Promise<TokenRequest> {
    const { clock, issuer, keys, lookup, uuid } = this.#options
    const account = lookup('serviceaccounts', namespace, name)
    if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
    const audiences = request.spec.audiences?.length ? request.spec.audiences : [this.#options.audiences[0]!]
    const seconds = this.#lifetime(request.spec)
    const now = Math.floor(clock.now() / 1000)
    const { SignJWT } = await import('jose')
    const key = keys[0]!
    const token = await new SignJWT({
      'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid }, ...this.#binding(namespace, name, request.spec) },
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.id })
      .setIssuer(issuer)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience([...audiences])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + seconds)
      .setJti(uuid())
      .sign(key.privateKey)
    const expirationTimestamp = `${new Date((now + seconds) * 1000).toISOString().slice(0, 19)}Z`
    return { ...request, spec: { ...request.spec, audiences, expirationSeconds: seconds }, status: { token, expirationTimestamp } }
  }

  async verify(token: string): Promise<User | undefined> {
    return (await this.review(token, this.#options.audiences))?.user
  }

  /** Whose token it is, and for which of `audiences`; undefined when it is not good (any more) or not one of ours. */
  async review(token: string, audiences: readonly string[]): Promise<{ readonly user: User; readonly audiences: readonly string[] } | undefined> {
    const claims = await this.#claims(token)
    if (!claims || claims.exp * 1000 <= this.#options.clock.now()) return undefined
    const shared = claims.aud.filter(audience => audiences.includes(audience))
    if (shared.length === 0) return undefined
    const user = this.#userOf(claims)
    return user && { user, audiences: shared }
  }

  #lifetime({ expirationSeconds = 3600 }: TokenRequestSpec): number {
    if (expirationSeconds < SHORTEST_SECONDS)
      throw badRequest(`spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`)
    if (expirationSeconds > LONGEST_SECONDS)
      throw badRequest(`spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration larger than 2^32 seconds`)
    return expirationSeconds
  }

  #binding(namespace: string, account: string, { boundObjectRef: bound }: TokenRequestSpec): Partial<Claims['kubernetes.io']> {
    if (!bound?.kind) return {}
    const { kind, name = '', uid } = bound
    const resource = kind === 'Pod' ? 'pods' : kind === 'Secret' ? 'secrets' : kind === 'Node' ? 'nodes' : undefined
    if (!resource) throw badRequest(`cannot bind token to object of type ${bound.apiVersion ?? 'v1'}, Kind=${kind}: only Pod, Secret and Node are possible`)
    const object = this.#options.lookup(resource, kind === 'Node' ? undefined : namespace, name)
    if (!object) throw notFound({ group: '', resource }, name)
    if (uid && uid !== object.metadata.uid)
      throw conflict(
        { group: '', resource },
        name,
        `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      )
    const reference = { name, uid: object.metadata.uid }
    if (kind !== 'Pod') return kind === 'Secret' ? { secret: reference } : { node: reference }
    const { spec } = object as KubeObject & { spec: { serviceAccountName?: string; nodeName?: string } }
    if (spec.serviceAccountName !== account)
      throw badRequest(`cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`)
    const node = spec.nodeName && this.#options.lookup('nodes', undefined, spec.nodeName)
    return { pod: reference, ...(node && { node: { name: node.metadata.name, uid: node.metadata.uid } }) }
  }

  /** What a token says, if one of our keys signed it. */
  async #claims(token: string): Promise<Claims | undefined> {
    const hash = createHash('sha256').update(token).digest('base64')
    const known = this.#checked.get(hash)
    if (known) return known
    const { decodeProtectedHeader, jwtVerify } = await import('jose')
    try {
      const { kid, alg } = decodeProtectedHeader(token)
      const key = this.#options.keys.find(k => k.id === kid)
      if (!key || alg !== 'ES256') return undefined
      const { payload } = await jwtVerify(token, key.publicKey, {
        issuer: this.#options.issuer,
        algorithms: ['ES256'],
        currentDate: new Date(this.#options.clock.now()),
      })
      const claims = claimsOf(payload)
      if (!claims) return undefined
      this.#checked.set(hash, claims)
      if (this.#checked.size > REMEMBERED) this.#checked.delete(this.#checked.keys().next().value!)
      return claims
    } catch {
      return undefined
    }
  }

  /** The user of valid claims, while the account and what the token is bound to are still the same. */
  #userOf({ sub, jti, 'kubernetes.io': bound }: Claims): User | undefined {
    const { namespace, serviceaccount, pod, node, secret } = bound
    const { lookup, clock } = this.#options
    const stillThere = (resource: Parameters<Lookup>[0], within: string | undefined, reference: Reference | undefined): boolean => {
      if (!reference) return true
      const { metadata } = lookup(resource, within, reference.name) ?? {}
      if (metadata?.uid !== reference.uid) return false
      return !metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) + AFTER_DELETION_MS > clock.now()
    }
    if (!stillThere('serviceaccounts', namespace, serviceaccount) || !stillThere('pods', namespace, pod) || !stillThere('secrets', namespace, secret))
      return undefined
    if (!pod && !stillThere('nodes', undefined, node)) return undefined
    return {
      name: sub,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      extra: {
        ...(jti && { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] }),
        ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
        ...(node && { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
      },
    }
  }
}
