/** What tells a pull secret and what it held, without telling that. */
export interface SecretMark {
  readonly namespace: string
  readonly name: string
  /** Absent when the secret could not be asked for. */
  readonly uid?: string
  readonly hash?: string
}

/** Who may use an image of a repository that was pulled here. */
export interface Access {
  /** It was pulled without a secret: everybody. */
  readonly open: boolean
  /** Whoever has one of these, or what one of these held. */
  readonly secrets: readonly SecretMark[]
}

/** By repository, since an image that one registry gives to everybody may be a secret of another. */
export type PulledImage = Readonly<Record<string, Access>>

/** Remembers, over restarts, how images came here. */
export interface PulledImages {
  load(id: string): Promise<PulledImage | undefined>
  save(id: string, image: PulledImage): Promise<void>
  remove(id: string): Promise<void>
}

const MOST_SECRETS = 100

/** A name of an image without tag and digest. */
export function repositoryOf(name: string): string {
  const tagged = name.replace(/@.*$/, '')
  const slash = tagged.lastIndexOf('/')
  return tagged.slice(0, slash + 1) + tagged.slice(slash + 1).replace(/:.*$/, '')
}

/**
 * Whether a pod with these pull secrets may use an image that is here. One that nobody pulled, but somebody imported, is everybody's.
 * A secret that could not be asked for, as when the server is away, counts as what it was.
 */
export function mayUse(image: PulledImage | undefined, repository: string, held: readonly SecretMark[]): boolean {
  if (!image) return true
  const access = Object.hasOwn(image, repository) ? image[repository] : undefined
  if (!access) return false
  return access.open || held.some(mark => access.secrets.some(known => isSame(mark, known)))
}

function isSame(mark: SecretMark, known: SecretMark): boolean {
  if (mark.hash !== undefined && mark.hash === known.hash) return true
  return mark.namespace === known.namespace && mark.name === known.name && (mark.uid === undefined || mark.uid === known.uid)
}

/** The image after a pull with this secret, or with none. */
export function withPull(image: PulledImage | undefined, repository: string, secret: SecretMark | undefined): PulledImage {
  const { open, secrets } = (image && Object.hasOwn(image, repository) ? image[repository] : undefined) ?? { open: false, secrets: [] }
  if (!secret) return { ...image, [repository]: { open: true, secrets } }
  const others = secrets.filter(({ namespace, name, uid }) => namespace !== secret.namespace || name !== secret.name || uid !== secret.uid)
  return { ...image, [repository]: { open, secrets: [...others, secret].slice(-MOST_SECRETS) } }
}
