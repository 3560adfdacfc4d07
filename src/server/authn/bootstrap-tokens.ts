import { timingSafeEqual } from 'node:crypto'
import { unauthorized } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { Secret } from '../../api/types/core/config.ts'
import type { Clock } from '../../base/clock.ts'
import type { TokenVerifier } from '../http/authenticate.ts'

export const TOKEN_TYPE = 'bootstrap.kubernetes.io/token'
export const SPENT_GROUP = 'system:bootstrappers:everynode:spent'
const AFTER_LAST_USE_MS = 60_000
const FORM = /^([a-z0-9]{6})\.([a-z0-9]{16})$/

export const tokenSecretName = (id: string): string => `bootstrap-token-${id}`
const text = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()

/**
 * Join tokens: Secrets of kube-system that let a machine ask for a certificate and nothing else. Expired ones and those
 * whose uses are spent are refused, and say so to whoever knows the secret.
 */
export class BootstrapTokens implements TokenVerifier {
  readonly #secret: (name: string) => Secret | undefined
  readonly #clock: Clock

  constructor(options: { readonly clock: Clock; readonly secret: (name: string) => Secret | undefined }) {
    this.#secret = options.secret
    this.#clock = options.clock
  }

  verify(token: string): User | undefined {
    const [, id, given] = FORM.exec(token) ?? []
    if (id === undefined || given === undefined) return undefined
    const secret = this.#secret(tokenSecretName(id))
    if (!secret || secret.type !== TOKEN_TYPE || secret.metadata.deletionTimestamp) return undefined
    const wanted = text(secret, 'token-secret')
    if (text(secret, 'token-id') !== id || wanted.length !== given.length || !timingSafeEqual(Buffer.from(wanted), Buffer.from(given))) return undefined
    if (text(secret, 'usage-bootstrap-authentication') !== 'true') return undefined
    const expiration = text(secret, 'expiration')
    if (expiration && !(Date.parse(expiration) > this.#clock.now())) throw unauthorized(`the token expired at ${expiration}`)
    const uses = text(secret, 'everynode-uses-left')
    // Whoever used it last may still fetch the certificate, for a moment, and nothing more.
    if (uses && !(Number(uses) > 0)) {
      const spentAt = Date.parse(text(secret, 'everynode-spent-at'))
      if (spentAt + AFTER_LAST_USE_MS > this.#clock.now()) return { name: `system:bootstrap:${id}`, groups: [SPENT_GROUP] }
      throw unauthorized('the token has been used as often as it may be')
    }
    const groups = text(secret, 'auth-extra-groups')
      .split(',')
      .map(group => group.trim())
      .filter(group => group.startsWith('system:bootstrappers:'))
    const node = text(secret, 'everynode-node')
    return {
      name: `system:bootstrap:${id}`,
      groups: ['system:bootstrappers', ...groups],
      ...(node && { extra: { 'everynode.dev/node': [node] } }),
    }
  }
}
