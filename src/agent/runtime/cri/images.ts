import type { EventRecorder } from '../../../api/access.ts'
import type { Secret } from '../../../api/types/core/config.ts'
import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { Clock } from '../../../base/clock.ts'
import { Slots } from '../../../base/slots.ts'
import { containerReference } from '../../pod-events.ts'
import { StepError } from '../runtime.ts'
import { ChannelError, rpcError } from './channel.ts'
import type { CriClient } from './client.ts'
import type { AuthConfig, Image } from './messages.ts'

export interface ImagesOptions {
  readonly client: CriClient
  readonly clock: Clock
  readonly recorder?: EventRecorder | undefined
  /** Pulls at the same time. */
  readonly parallel?: number
  readonly secret: (pod: Pod, name: string) => Promise<Secret | undefined>
}

const PARALLEL = 5
const PULL_MS = 30 * 60_000

/** Gets images onto the node as pull policies ask. */
export class Images {
  readonly #options: ImagesOptions
  readonly #slots: Slots

  constructor(options: ImagesOptions) {
    this.#options = options
    this.#slots = new Slots(options.parallel ?? PARALLEL)
  }

  /** The image of a container, pulled if its policy asks for that. Throws `StepError` in the kubelet's reasons. */
  async ensure(pod: Pod, container: Container, signal: AbortSignal): Promise<Image> {
    const { recorder } = this.#options
    const name = container.image ?? ''
    const about = containerReference(pod, container.name)
    if (!isReference(name)) {
      const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`
      recorder?.event(about, 'Warning', 'InspectFailed', message)
      throw new StepError('InvalidImageName', message)
    }
    const policy = container.imagePullPolicy ?? (/:latest$|^[^:@]*$/.test(name.slice(name.lastIndexOf('/') + 1)) ? 'Always' : 'IfNotPresent')
    const present = await this.#find(name, signal)
    if (present && policy !== 'Always') {
      recorder?.event(about, 'Normal', 'Pulled', `Container image "${name}" already present on machine`)
      return present
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`
      recorder?.event(about, 'Warning', 'ErrImageNeverPull', message)
      throw new StepError('ErrImageNeverPull', message)
    }
    return this.#pull(pod, container, name, signal)
  }

  async #pull(pod: Pod, container: Container, name: string, signal: AbortSignal): Promise<Image> {
    const { clock, recorder } = this.#options
    const about = containerReference(pod, container.name)
    const asked = clock.now()
    recorder?.event(about, 'Normal', 'Pulling', `Pulling image "${name}"`)
    await this.#slots.take(signal)
    const begun = clock.now()
    try {
      await this.#pullWithAny(await this.#credentials(pod, name), name, signal)
      const image = await this.#find(name, signal)
      if (!image) throw new Error('the engine says that it pulled the image and does not have it')
      const seconds = (since: number) => `${((clock.now() - since) / 1000).toFixed(3)}s`
      const size = `Image size: ${image.size ?? 0} bytes.`
      recorder?.event(about, 'Normal', 'Pulled', `Successfully pulled image "${name}" in ${seconds(begun)} (${seconds(asked)} including waiting). ${size}`)
      return image
    } catch (error) {
      if (signal.aborted) throw error
      throw new StepError('ErrImagePull', error instanceof ChannelError ? rpcError(error) : `failed to pull "${name}": ${(error as Error).message}`, {
        cause: error,
      })
    } finally {
      this.#slots.give()
    }
  }

  async #find(name: string, signal: AbortSignal): Promise<Image | undefined> {
    return (await this.#options.client.imageStatus({ image: { image: name } }, { signal })).image
  }

  /** Tries one after the other; fails with what the last was refused for. */
  async #pullWithAny(credentials: readonly AuthConfig[], name: string, signal: AbortSignal): Promise<void> {
    let failure: unknown
    for (const auth of credentials.length > 0 ? credentials : [undefined]) {
      try {
        await this.#options.client.pullImage({ image: { image: name }, ...(auth && { auth }) }, { signal, timeoutMs: PULL_MS })
        return
      } catch (error) {
        if (signal.aborted) throw error
        failure = error
      }
    }
    throw failure
  }

  async #credentials(pod: Pod, image: string): Promise<readonly AuthConfig[]> {
    const found: AuthConfig[] = []
    for (const { name } of pod.spec.imagePullSecrets ?? []) {
      const secret = name ? await this.#options.secret(pod, name) : undefined
      const auth = secret && authOf(secret, image)
      if (auth) found.push(auth)
    }
    return found
  }
}

/** Whether a name can be an image's: registry, path in lower case, tag, digest. */
export function isReference(name: string): boolean {
  return /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+|\/)[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/.test(
    name,
  )
}

interface Entry {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

/** The credentials for an image in a secret of type dockerconfigjson or dockercfg: the longest matching registry wins. */
export function authOf(secret: Secret, image: string): AuthConfig | undefined {
  const text = secret.data?.['.dockerconfigjson'] ?? secret.data?.['.dockercfg']
  if (!text) return undefined
  let entries: Record<string, Entry>
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64').toString()) as { auths?: Record<string, Entry> } & Record<string, Entry>
    entries = parsed.auths ?? parsed
  } catch {
    return undefined
  }
  const [first = '', ...rest] = image.split('/')
  const named = rest.length > 0 && /[.:]|^localhost$/.test(first)
  const host = named ? first : 'docker.io'
  const path = `${host}/${(named ? rest : image.split('/')).join('/')}`
  let best: readonly [string, Entry] | undefined
  for (const [key, entry] of Object.entries(entries)) {
    const registry = key
      .replace(/^https?:\/\//, '')
      .replace(/\/(v1|v2)\/?$/, '')
      .replace(/\/$/, '')
      .replace(/^index\.docker\.io$/, 'docker.io')
    if (path !== registry && !path.startsWith(`${registry}/`) && host !== registry) continue
    if (!best || registry.length > best[0].length) best = [registry, entry]
  }
  if (!best) return undefined
  const [, { username, password, auth, identitytoken, registrytoken }] = best
  const [user = '', ...secretParts] = auth ? Buffer.from(auth, 'base64').toString().split(':') : []
  return {
    username: username ?? user,
    password: password ?? secretParts.join(':'),
    ...(identitytoken && { identity_token: identitytoken }),
    ...(registrytoken && { registry_token: registrytoken }),
  }
}
