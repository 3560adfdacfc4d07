import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { dnsLabel } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { PersistentVolumeSpec } from '../../types/core/persistent-volume.ts'
import type { SecretReference } from '../../types/core/reference.ts'
import { need } from './pod-spec/files.ts'
import { checkSharedSource } from './pod-spec/volumes.ts'

const LONGEST_SESSION = 64

/** A secret of any namespace; both halves are needed. */
function checkSecretRef(ref: SecretReference | undefined, path: string, errors: FieldError[]): void {
  if (ref) need(ref, ['name', 'namespace'], path, errors)
}

/** What a source needs that only a PersistentVolume has, or has in another form than a pod. */
const OWN: {
  readonly [K in keyof PersistentVolumeSpec]?: (source: NonNullable<PersistentVolumeSpec[K]>, path: string, errors: FieldError[], name: string) => void
} = {
  csi(source, path, errors) {
    checkSharedSource('csi', { driver: source.driver }, path, errors)
    need(source, ['volumeHandle'], path, errors)
    for (const ref of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const) {
      checkSecretRef(source[ref], `${path}.${ref}`, errors)
    }
  },
  local(source, path, errors) {
    need(source, ['path'], path, errors)
    if (source.path.split('/').includes('..')) errors.push(invalid(`${path}.path`, source.path, "must not contain '..'"))
  },
  iscsi(source, path, errors, name) {
    if (source.initiatorName != null && `${name}:${source.targetPortal}`.length > LONGEST_SESSION) {
      errors.push(
        invalid(
          `${path}.targetportal`,
          source.targetPortal,
          'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
        ),
      )
    }
    checkSharedSource('iscsi', source, path, errors)
  },
  glusterfs(source, path, errors) {
    checkSharedSource('glusterfs', source, path, errors)
    const namespace = source.endpointsNamespace
    if (namespace === '') errors.push(invalid(`${path}.endpointsNamespace`, '', 'if the endpointnamespace is set, it must be a valid namespace name'))
    else if (namespace != null) report(errors, `${path}.endpointsNamespace`, namespace, dnsLabel(namespace))
  },
  cinder(source, path, errors) {
    checkSharedSource('cinder', source, path, errors)
    checkSecretRef(source.secretRef, `${path}.secretRef`, errors)
  },
  azureFile(source, path, errors) {
    checkSharedSource('azureFile', source, path, errors)
    if (source.secretNamespace === '') errors.push(required(`${path}.secretNamespace`))
  },
  storageos(source, path, errors) {
    checkSharedSource('storageos', source, path, errors)
    if (source.volumeNamespace) report(errors, `${path}.volumeNamespace`, source.volumeNamespace, dnsLabel(source.volumeNamespace))
    if (source.secretRef) need(source.secretRef, ['name', 'namespace'], `${path}.secretRef`, errors)
  },
}

/** The one source of a volume: the rules of a pod's, and those that only a volume on its own has. */
export function checkVolumeSource(spec: PersistentVolumeSpec, source: keyof PersistentVolumeSpec, path: string, name: string, errors: FieldError[]): void {
  const own = OWN[source] as ((source: unknown, path: string, errors: FieldError[], name: string) => void) | undefined
  if (own) own(spec[source], `${path}.${source}`, errors, name)
  else checkSharedSource(source, spec[source], `${path}.${source}`, errors)
  if (source === 'local' && !spec.nodeAffinity) errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
}
