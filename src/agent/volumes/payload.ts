import type { ConfigMap, Secret } from '../../api/types/core/config.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Volume } from '../../api/types/core/volume.ts'
import type { EnvironmentSources } from '../env/environment.ts'
import { fieldValue } from '../env/field-ref.ts'
import { resourceValue } from '../env/resource-ref.ts'
import { StepError } from '../runtime/runtime.ts'

export interface PayloadFile {
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
  /** Whose it is; root's when absent. */
  readonly owner?: number | undefined
}
/** Files of a volume by their path within it. */
export type Payload = ReadonlyMap<string, PayloadFile>

export interface PayloadSources extends Omit<EnvironmentSources, 'services'> {
  /** A token for the pod's service account; the audience '' is the API's own. Undefined while the server is away: the file comes later. */
  readonly token: (audience: string, expirationSeconds: number) => string | undefined
}

const DEFAULT_MODE = 0o644
const OWNERS_MODE = 0o600
const DEFAULT_TOKEN_SECONDS = 3600

export type PayloadVolume = Pick<Volume, 'name' | 'configMap' | 'secret' | 'downwardAPI' | 'projected'>

export const hasPayload = (volume: Volume): boolean => Boolean(volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected)
/** Whether its files must not reach a disk. */
export const isSecretive = (volume: Volume): boolean => Boolean(volume.secret ?? volume.projected?.sources?.some(s => s.secret ?? s.serviceAccountToken))

/** The files of a volume that is made from API objects. Throws `StepError` FailedMount for what is missing. */
export function payloadOf(volume: PayloadVolume, sources: PayloadSources): Payload {
  const files = new Map<string, PayloadFile>()
  if (volume.configMap) addConfigMap(files, volume.configMap, volume.configMap.defaultMode ?? DEFAULT_MODE, sources)
  if (volume.secret) {
    const { secretName, ...rest } = volume.secret
    addSecret(files, { ...rest, name: secretName }, volume.secret.defaultMode ?? DEFAULT_MODE, sources)
  }
  if (volume.downwardAPI) addDownward(files, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode ?? DEFAULT_MODE, sources)
  const mode = volume.projected?.defaultMode ?? DEFAULT_MODE
  for (const source of volume.projected?.sources ?? []) {
    if (source.configMap) addConfigMap(files, source.configMap, mode, sources)
    else if (source.secret) addSecret(files, source.secret, mode, sources)
    else if (source.downwardAPI) addDownward(files, source.downwardAPI.items ?? [], mode, sources)
    else if (source.serviceAccountToken) {
      const { audience = '', expirationSeconds = DEFAULT_TOKEN_SECONDS, path } = source.serviceAccountToken
      const token = sources.token(audience, expirationSeconds)
      if (token !== undefined) files.set(path, { content: Buffer.from(token), ...heldBy(sources.pod, mode) })
    } else throw failed(`volume "${volume.name}" projects a source that this node cannot provide: ${Object.keys(source).join(', ')}`)
  }
  return files
}

/**
 * How a token is kept, as upstream: where all containers run as one user it is that user's, and where they have that user or a group
 * for files in common nobody else may read it.
 */
function heldBy({ spec }: Pod, mode: number): Pick<PayloadFile, 'mode' | 'owner'> {
  const users = [...spec.containers, ...(spec.initContainers ?? [])].map(c => c.securityContext?.runAsUser ?? spec.securityContext?.runAsUser)
  const owner = users.every(user => user === users[0]) ? users[0] : undefined
  const isPrivate = owner !== undefined || spec.securityContext?.fsGroup !== undefined
  return { mode: isPrivate ? OWNERS_MODE : mode, owner }
}

interface FromObject {
  readonly name?: string | undefined
  readonly items?: readonly { readonly key: string; readonly path: string; readonly mode?: number | undefined }[] | undefined
  readonly optional?: boolean | undefined
}

function addConfigMap(files: Map<string, PayloadFile>, from: FromObject, mode: number, sources: PayloadSources): void {
  const found: ConfigMap | undefined = sources.configMap(from.name ?? '')
  if (!found && !from.optional) throw failed(`configmap "${from.name}" not found`)
  const contents = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(found?.data ?? {})) contents.set(key, Buffer.from(text))
  for (const [key, base64] of Object.entries(found?.binaryData ?? {})) contents.set(key, Buffer.from(base64, 'base64'))
  add(files, contents, from, mode, 'config')
}

function addSecret(files: Map<string, PayloadFile>, from: FromObject, mode: number, sources: PayloadSources): void {
  const found: Secret | undefined = sources.secret(from.name ?? '')
  if (!found && !from.optional) throw failed(`secret "${from.name}" not found`)
  const contents = new Map(Object.entries(found?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64') as Uint8Array]))
  add(files, contents, from, mode, 'secret')
}

function add(files: Map<string, PayloadFile>, contents: ReadonlyMap<string, Uint8Array>, from: FromObject, mode: number, what: string): void {
  if (!from.items?.length) {
    for (const [key, content] of contents) files.set(key, { content, mode })
    return
  }
  for (const item of from.items) {
    const content = contents.get(item.key)
    if (content) files.set(item.path, { content, mode: item.mode ?? mode })
    else if (!from.optional) throw failed(`references non-existent ${what} key: ${item.key}`)
  }
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>

function addDownward(files: Map<string, PayloadFile>, items: DownwardItems, mode: number, sources: PayloadSources): void {
  for (const item of items) {
    const container = item.resourceFieldRef && sources.pod.spec.containers.find(c => c.name === item.resourceFieldRef?.containerName)
    const value = item.fieldRef
      ? fieldValue(item.fieldRef.fieldPath, sources)
      : container && resourceValue(container, item.resourceFieldRef?.resource ?? '', item.resourceFieldRef?.divisor, sources.allocatable)
    if (value === undefined) throw failed(`the downward API has no ${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource}`)
    files.set(item.path, { content: Buffer.from(value), mode: item.mode ?? mode })
  }
}

const failed = (message: string): StepError => new StepError('FailedMount', message)
