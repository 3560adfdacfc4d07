import { createHash } from 'node:crypto'
import type { EventRecorder } from '../../../api/access.ts'
import type { Secret } from '../../../api/types/core/config.ts'
import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { Clock } from '../../../base/clock.ts'
import { Slots } from '../../../base/slots.ts'
import { mayUse, type PulledImages, repositoryOf, type SecretMark, withPull } from '../../images/pulled.ts'
import { duration } from '../../plan.ts'
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
  readonly pulled: PulledImages
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
    if (present && policy !== 'Always' && (await this.#mayUse(pod, name, present))) {
      recorder?.event(about, 'Normal', 'Pulled', `Container image "${name}" already present on machine and can be accessed by the pod`)
      return present
    }
    if (policy === 'Never') {
      const message = present
        ? `Container image "${name}" is present with pull policy of "Never" but does not have the proper credentials to access the image`
        : `Container image "${name}" is not present with pull policy of Never`
      recorder?.event(about, 'Warning', 'ErrImageNeverPull', message)
      throw new StepError('ErrImageNeverPull', message)
    }
    return this.#pull(pod, container, name, signal)
  }

  async #pull(pod: Pod, container: Container, name: string, signal: AbortSignal): Promise<Image> {
    const { clock, recorder, pulled } = this.#options
    const about = containerReference(pod, container.name)
    const asked = clock.now()
    recorder?.event(about, 'Normal', 'Pulling', `Pulling image "${name}"`)
    await this.#slots.take(signal)
    const begun = clock.now()
    try {
      // Whoever finds the image and nothing else about it knows that it was not imported.
      await pulled.save(pulling(name), {})
      const used = await this.#pullWithAny(await this.#credentials(pod, name), name, signal)
      const image = await this.#find(name, signal)
      if (!image) throw new Error('the engine says that it pulled the image and does not have it')
      await this.#remember(image, name, used)
      await pulled.remove(pulling(name))
      const took = (since: number) => duration((clock.now() - since) / 1000)
      const size = `Image size: ${image.size ?? 0} bytes.`
      recorder?.event(about, 'Normal', 'Pulled', `Successfully pulled image "${name}" in ${took(begun)} (${took(asked)} including waiting). ${size}`)
      return image
    } catch (error) {
      if (signal.aborted) throw error
      await pulled.remove(pulling(name))
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

  /** What one pod pulled with a secret is not for another that has none. */
  async #mayUse(pod: Pod, name: string, { id = '' }: Image): Promise<boolean> {
    const { pulled } = this.#options
    const image = (await pulled.load(id)) ?? (await pulled.load(pulling(name)))
    const repository = repositoryOf(name)
    if (mayUse(image, repository, [])) return true
    return mayUse(image, repository, await this.#marks(pod, name))
  }

  async #marks(pod: Pod, name: string): Promise<readonly SecretMark[]> {
    try {
      return (await this.#credentials(pod, name)).map(({ mark }) => mark)
    } catch {
      const { namespace = '' } = pod.metadata
      return (pod.spec.imagePullSecrets ?? []).flatMap(secret => (secret.name ? { namespace, name: secret.name } : []))
    }
  }

  async #remember({ id = '' }: Image, name: string, secret: SecretMark | undefined): Promise<void> {
    const { pulled } = this.#options
    await pulled.save(id, withPull(await pulled.load(id), repositoryOf(name), secret))
  }

  /** Tries one after the other; fails with what the last was refused for. Resolves with the secret that was good. */
  async #pullWithAny(credentials: readonly Credential[], name: string, signal: AbortSignal): Promise<SecretMark | undefined> {
    let failure: unknown
    for (const credential of credentials.length > 0 ? credentials : [undefined]) {
      try {
        await this.#options.client.pullImage({ image: { image: name }, ...(credential && { auth: credential.auth }) }, { signal, timeoutMs: PULL_MS })
        return credential?.mark
      } catch (error) {
        if (signal.aborted) throw error
        failure = error
      }
    }
    throw failure
  }

  async #credentials(pod: Pod, image: string): Promise<readonly Credential[]> {
    const found: Credential[] = []
    for (const { name } of pod.spec.imagePullSecrets ?? []) {
      const secret = name ? await this.#options.secret(pod, name) : undefined
      const auth = secret && authOf(secret, image)
      if (auth) found.push({ auth, mark: markOf(secret, auth) })
    }
    return found
  }
}

const pulling = (name: string): string => `pulling ${name}`

interface Credential {
  readonly auth: AuthConfig
  readonly mark: SecretMark
}

const markOf = ({ metadata: { namespace = '', name, uid } }: Secret, auth: AuthConfig): SecretMark => ({
  namespace,
  name,
  uid,
  hash: createHash('sha256').update(JSON.stringify(auth)).digest('hex'),
})

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
