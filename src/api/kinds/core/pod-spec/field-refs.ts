import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts'
import { qualifiedName } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import { nanoValue } from '../../../meta/quantity.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../types/core/env.ts'

/** Fields of a pod that an environment variable can take its value from. */
export const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** Fields of a pod that a file of a downward API volume can hold. */
export const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

const KNOWN_FIELDS: ReadonlySet<string> = new Set([...ENV_FIELDS, ...FILE_FIELDS, 'spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'])
const SUBSCRIPTED: ReadonlySet<string> = new Set(['metadata.annotations', 'metadata.labels'])

/** `metadata.labels['app']` in its parts; undefined when there is no subscript. */
export function splitSubscript(path: string): { readonly path: string; readonly key: string } | undefined {
  const open = path.indexOf("['")
  return open > 0 && path.endsWith("']") ? { path: path.slice(0, open), key: path.slice(open + 2, -2) } : undefined
}

export function checkFieldRef(ref: ObjectFieldSelector, allowed: readonly string[], path: string, errors: FieldError[]): void {
  if (!ref.apiVersion) errors.push(required(`${path}.apiVersion`))
  else if (ref.apiVersion !== 'v1')
    errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: unsupported pod version: ${ref.apiVersion}`))
  else if (!ref.fieldPath) errors.push(required(`${path}.fieldPath`))
  else checkFieldPath(ref.fieldPath, allowed, `${path}.fieldPath`, errors)
}

function checkFieldPath(fieldPath: string, allowed: readonly string[], path: string, errors: FieldError[]): void {
  const subscripted = splitSubscript(fieldPath)
  if (subscripted) {
    if (!SUBSCRIPTED.has(subscripted.path)) {
      errors.push(invalid(path, fieldPath, `error converting fieldPath: field label does not support subscript: ${subscripted.path}`))
      return
    }
    const { key } = subscripted
    report(errors, path, fieldPath, qualifiedName(subscripted.path === 'metadata.annotations' ? key.toLowerCase() : key))
  } else if (!KNOWN_FIELDS.has(fieldPath)) errors.push(invalid(path, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`))
  else if (!allowed.includes(fieldPath)) errors.push(notSupported(path, fieldPath, allowed))
}

const RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const CPU_DIVISORS = ['1m', '1']
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const nanos = (texts: readonly string[]): ReadonlySet<bigint> => new Set(texts.map(nanoValue))
const CPU = nanos(CPU_DIVISORS)
const BYTES = nanos(BYTE_DIVISORS)

/** `volume`: the container must be named, since a file belongs to none. */
export function checkResourceRef(ref: ResourceFieldSelector, volume: boolean, path: string, errors: FieldError[]): void {
  if (volume && !ref.containerName) errors.push(required(`${path}.containerName`))
  else if (!ref.resource) errors.push(required(`${path}.resource`))
  else if (!RESOURCES.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource)) {
    errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCES))
    return
  }
  const divisor = ref.divisor === undefined ? 0n : nanoValue(ref.divisor)
  if (divisor === 0n || !ref.resource) return
  const cpu = ref.resource.endsWith('.cpu')
  if (!(cpu ? CPU : BYTES).has(divisor)) {
    const name = ref.resource.slice(ref.resource.indexOf('.') + 1)
    const known = cpu ? CPU_DIVISORS.join(' and ') : BYTE_DIVISORS.join(', ')
    errors.push(invalid(`${path}.divisor`, ref.divisor, `only divisor's values ${known} are supported with the ${name} resource`))
  }
}
