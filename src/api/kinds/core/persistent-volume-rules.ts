import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import { isNegative } from '../../meta/quantity.ts'
import { differences, semanticEqual } from '../../meta/semantic-equal.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../types/core/persistent-volume.ts'
import { checkChoice, checkOptionalChoice } from '../choice.ts'
import { checkImmutable, IMMUTABLE } from '../immutable.ts'
import { checkClassName, checkModes, checkPositive, VOLUME_MODES } from './claim-spec-rules.ts'
import { checkVolumeSource } from './persistent-volume-source-rules.ts'
import { checkNodeSelector } from './pod-spec/affinity.ts'

const INLINE = 'may not be specified in the context of inline volumes'
/** Fields of a volume's spec that do not say where it is. */
const NOT_SOURCES: ReadonlySet<string> = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

const sourcesOf = (spec: PersistentVolumeSpec): readonly (keyof PersistentVolumeSpec)[] =>
  (Object.keys(spec) as (keyof PersistentVolumeSpec)[]).filter(field => !NOT_SOURCES.has(field) && spec[field])

export function prepareVolumeForCreate(volume: Draft<PersistentVolume>): void {
  volume.status = { phase: 'Pending', lastPhaseTransitionTime: volume.metadata.creationTimestamp! }
}

export function validateVolume({ metadata, spec }: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = []
  checkVolumeSpec(spec, 'spec', { name: metadata.name }, errors)
  return errors
}

/** The spec of a volume; one that stands inside an attachment says where it is and little else. */
export function checkVolumeSpec(
  spec: PersistentVolumeSpec,
  path: string,
  { name = '', inline = false }: { readonly name?: string; readonly inline?: boolean },
  errors: FieldError[],
): void {
  if (inline) {
    for (const field of ['claimRef', 'capacity'] as const) if (spec[field]) errors.push(forbiddenField(`${path}.${field}`, INLINE))
    if (!spec.csi) errors.push(required(`${path}.csi`, 'has to be specified in the context of inline volumes'))
  }
  if (!spec.accessModes?.length) errors.push(required(`${path}.accessModes`))
  checkModes(spec.accessModes ?? [], `${path}.accessModes`, errors)
  if (!inline) checkCapacity(spec.capacity ?? {}, `${path}.capacity`, errors)
  checkReclaimPolicy(spec, path, inline, errors)
  if (spec.nodeAffinity && inline) errors.push(forbiddenField(`${path}.nodeAffinity`, INLINE))
  else if (spec.nodeAffinity?.required) checkNodeSelector(spec.nodeAffinity.required, `${path}.nodeAffinity.required`, errors)
  else if (spec.nodeAffinity) errors.push(required(`${path}.nodeAffinity.required`, 'must specify required node constraints'))
  checkSources(spec, path, name, errors)
  checkClasses(spec, path, inline, errors)
}

function checkCapacity(capacity: Readonly<Record<string, string>>, path: string, errors: FieldError[]): void {
  const names = Object.keys(capacity)
  if (names.length === 0) errors.push(required(path))
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(path, capacity, ['storage']))
  for (const name of names) {
    const amount = capacity[name] as string
    if (isNegative(amount)) errors.push(invalid(`${path}[${name}]`, Number(amount) || amount, 'must be a valid resource quantity'))
    checkPositive(amount, `${path}[${name}]`, errors)
  }
}

function checkReclaimPolicy(
  { persistentVolumeReclaimPolicy: policy, hostPath }: PersistentVolumeSpec,
  path: string,
  inline: boolean,
  errors: FieldError[],
): void {
  const at = `${path}.persistentVolumeReclaimPolicy`
  if (inline && policy && policy !== 'Retain') errors.push(forbiddenField(at, 'may only be Retain in the context of inline volumes'))
  else if (!inline) checkChoice(policy, ['Delete', 'Recycle', 'Retain'], at, errors)
  if (policy === 'Recycle' && hostPath && /^\/+(?:\.?\/*)*$/.test(hostPath.path)) {
    errors.push(forbiddenField(at, "may not be 'recycle' for a hostPath mount of '/'"))
  }
}

function checkSources(spec: PersistentVolumeSpec, path: string, name: string, errors: FieldError[]): void {
  const sources = sourcesOf(spec)
  const [source] = sources
  if (!source) errors.push(required(path, 'must specify a volume type'))
  else checkVolumeSource(spec, source, path, name, errors)
  for (const extra of sources.slice(1)) errors.push(forbiddenField(`${path}.${extra}`, 'may not specify more than 1 volume type'))
}

function checkClasses(spec: PersistentVolumeSpec, path: string, inline: boolean, errors: FieldError[]): void {
  if (spec.storageClassName && inline) errors.push(forbiddenField(`${path}.storageClassName`, INLINE))
  else checkClassName(spec.storageClassName, `${path}.storageClassName`, errors)
  if (!inline) checkOptionalChoice(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors)
  else if (spec.volumeMode != null && spec.volumeMode !== 'Filesystem') {
    errors.push(forbiddenField(`${path}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes'))
  }
  if (spec.volumeAttributesClassName == null) return
  if (spec.volumeAttributesClassName === '') errors.push(required(`${path}.volumeAttributesClassName`, 'an empty string is disallowed'))
  else checkClassName(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
  if (!spec.csi) errors.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'))
}

/** Where a volume is stays; only a secret for growing it may come later. */
export function validateVolumeUpdate(now: PersistentVolume, old: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = []
  const where = (spec: PersistentVolumeSpec) => Object.fromEntries(sourcesOf(spec).map(source => [source, spec[source]]))
  const said = where(now.spec)
  if (old.spec.csi && !old.spec.csi.controllerExpandSecretRef && now.spec.csi) {
    const { controllerExpandSecretRef: _, ...csi } = now.spec.csi
    said['csi'] = csi
  }
  if (!semanticEqual(said, where(old.spec))) {
    const changed = differences(where(old.spec), said, 'spec').join(', ')
    errors.push(forbiddenField('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\nchanged: ${changed}`))
  }
  checkImmutable(now.spec.volumeMode, old.spec.volumeMode, 'volumeMode', errors)
  if (old.spec.nodeAffinity) {
    checkImmutable(now.spec.nodeAffinity, old.spec.nodeAffinity, 'nodeAffinity', errors, `${IMMUTABLE}, except for updating from beta label to GA`)
  }
  if (old.spec.volumeAttributesClassName != null && now.spec.volumeAttributesClassName == null) {
    errors.push(forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return errors
}
