import type { Api } from '../../api/access.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import { ServiceAccounts } from '../kinds.ts'
import { StepError } from '../runtime/runtime.ts'

interface Issued {
  readonly token: string
  readonly at: number
  readonly expires: number
}

const DAY_MS = 86_400_000

/** The tokens that pods find in their files: issued by the server, bound to the pod, kept in memory only, renewed before they expire. */
export class Tokens {
  readonly #api: Api
  readonly #clock: Clock
  readonly #issued = new Map<string, Issued>()
  /** Pods that go without. */
  readonly #missing = new Set<string>()

  constructor({ api, clock }: { readonly api: Api; readonly clock: Clock }) {
    this.#api = api
    this.#clock = clock
  }

  /**
   * Renewed when 80 % of its life, or a day, has passed. While the server is away an old one is better than none, and none
   * (undefined) better than a daemon that does not start: it gets its token when the server answers.
   */
  async of(pod: Pod, audience: string, expirationSeconds: number): Promise<string | undefined> {
    const { uid } = pod.metadata
    const key = `${uid} ${expirationSeconds} ${audience}`
    const known = this.#issued.get(key)
    if (known && this.#clock.now() < renewAt(known)) return known.token
    try {
      const issued = await this.#issue(pod, audience, expirationSeconds)
      this.#issued.set(key, issued)
      this.#missing.delete(uid)
      return issued.token
    } catch (error) {
      if (known && this.#clock.now() < known.expires) return known.token
      if (!isStatus(error) || error.code >= 500) {
        this.#missing.add(uid)
        return undefined
      }
      throw new StepError('FailedMount', `no token for service account "${pod.spec.serviceAccountName}": ${(error as Error).message}`)
    }
  }

  /** Pods with a token that is due, or without one. */
  due(): ReadonlySet<string> {
    const now = this.#clock.now()
    return new Set([...this.#missing, ...[...this.#issued].filter(([, issued]) => renewAt(issued) <= now).map(([key]) => key.split(' ')[0]!)])
  }

  release(uid: string): void {
    this.#missing.delete(uid)
    for (const key of this.#issued.keys()) if (key.startsWith(`${uid} `)) this.#issued.delete(key)
  }

  async #issue(pod: Pod, audience: string, expirationSeconds: number): Promise<Issued> {
    const { name, namespace, uid } = pod.metadata
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: audience ? [audience] : [], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
    }
    const at = this.#clock.now()
    const account = { kind: ServiceAccounts, namespace, name: pod.spec.serviceAccountName || 'default', subresource: 'token' }
    const answer = (await this.#api.post(account, body)) as unknown as { status?: { token?: string; expirationTimestamp?: string } }
    if (!answer.status?.token) throw new Error('the server issued none')
    return { token: answer.status.token, at, expires: Date.parse(answer.status.expirationTimestamp ?? '') || at + expirationSeconds * 1000 }
  }
}

const renewAt = ({ at, expires }: Issued): number => Math.min(at + (expires - at) * 0.8, at + DAY_MS)
