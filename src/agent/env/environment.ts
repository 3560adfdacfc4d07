import { envVarName } from '../../api/meta/names.ts'
import type { ConfigMap, Secret } from '../../api/types/core/config.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { EnvVarSource } from '../../api/types/core/env.ts'
import { StepError } from '../runtime/runtime.ts'
import { expand } from './expand.ts'
import { fieldValue, type PodFacts } from './field-ref.ts'
import { type Allocatable, resourceValue } from './resource-ref.ts'

export interface EnvironmentSources extends PodFacts {
  readonly allocatable: Allocatable
  /** Objects of the pod's namespace; undefined when there is none of that name. */
  readonly configMap: (name: string) => ConfigMap | undefined
  readonly secret: (name: string) => Secret | undefined
  /** Variables that tell where services are. */
  readonly services: Readonly<Record<string, string>>
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>
  /** Keys of envFrom sources that cannot be names of variables. */
  readonly skipped: readonly string[]
}

/**
 * A container's environment: envFrom in order, then env in order with `$(NAME)` expanded from what came before and from the
 * services; services that nothing overrides come last. Throws `StepError` CreateContainerConfigError for what is missing.
 */
export function environmentOf(container: Container, sources: EnvironmentSources): Environment {
  const variables = new Map<string, string>()
  const skipped: string[] = []
  for (const from of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(sourceOf(from, sources))) {
      const name = `${from.prefix ?? ''}${key}`
      if (envVarName(name).length > 0) skipped.push(key)
      else variables.set(name, value)
    }
  }
  const lookUp = (name: string) => variables.get(name) ?? sources.services[name]
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const found = valueFrom ? variableFrom(valueFrom, container, sources) : expand(value, lookUp)
    if (found !== undefined) variables.set(name, found)
  }
  for (const [name, value] of Object.entries(sources.services)) if (!variables.has(name)) variables.set(name, value)
  return { variables, skipped }
}

type FromSource = NonNullable<Container['envFrom']>[number]

function sourceOf(from: FromSource, { configMap, secret, pod }: EnvironmentSources): Readonly<Record<string, string>> {
  if (from.configMapRef) {
    const { name = '', optional } = from.configMapRef
    const found = configMap(name)
    if (!found && !optional) throw missing(`configmap "${name}" not found`)
    return found?.data ?? {}
  }
  if (from.secretRef) {
    const { name = '', optional } = from.secretRef
    const found = secret(name)
    if (!found && !optional) throw missing(`secret "${name}" not found`)
    return mapValues(found?.data ?? {}, fromBase64)
  }
  throw missing(`an envFrom source of pod "${pod.metadata.name}" names neither a configmap nor a secret`)
}

function variableFrom(from: EnvVarSource, container: Container, sources: EnvironmentSources): string | undefined {
  const { pod, configMap, secret } = sources
  if (from.fieldRef) {
    const value = fieldValue(from.fieldRef.fieldPath, sources)
    if (value === undefined) throw missing(`unsupported fieldPath: ${from.fieldRef.fieldPath}`)
    return value
  }
  if (from.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef
    const about = containerName ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(c => c.name === containerName) : container
    const value = about && resourceValue(about, resource, divisor, sources.allocatable)
    if (value === undefined) throw missing(about ? `unsupported container resource: ${resource}` : `container ${containerName} not found`)
    return value
  }
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef
    const found = configMap(name)
    const value = found?.data?.[key]
    if (value !== undefined || optional) return value
    throw missing(found ? `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}` : `configmap "${name}" not found`)
  }
  if (from.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef
    const found = secret(name)
    const value = found?.data?.[key]
    if (value !== undefined) return fromBase64(value)
    if (optional) return undefined
    throw missing(found ? `couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}` : `secret "${name}" not found`)
  }
  if (from.fileKeyRef) throw missing('variables from files of a volume (fileKeyRef) are not supported by this node')
  return ''
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString()
const mapValues = (record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
const missing = (message: string): StepError => new StepError('CreateContainerConfigError', message)
