import { type FieldError, forbiddenField, invalid, required } from '../../../meta/field-error.ts'
import type { ProjectedVolumeSource, VolumeProjection } from '../../../types/core/volume.ts'
import { checkLabelSelector } from '../../label-selector.ts'
import { checkDownwardItems, checkItems, checkMode } from './files.ts'
import { checkFilePath } from './paths.ts'

const TEN_MINUTES = 600
const LONGEST = 2 ** 32

/** The sources of a projected volume: one type each, and no file from two of them. */
export function checkProjected(source: ProjectedVolumeSource, path: string, errors: FieldError[]): void {
  checkMode(source.defaultMode, `${path}.defaultMode`, errors)
  const files = new Set<string>()
  const claim = (file: string, name: string, at: string) => {
    if (files.has(file)) errors.push(invalid(at, name, 'conflicting duplicate paths'))
    files.add(file)
  }
  source.sources?.forEach((projection, i) => {
    checkProjection(projection, `${path}.sources[${i}]`, claim, errors)
  })
}

type Claim = (file: string, name: string, at: string) => void

function checkProjection(projection: VolumeProjection, path: string, claim: Claim, errors: FieldError[]): void {
  const types = Object.keys(projection).filter(type => projection[type as keyof VolumeProjection])
  if (types.length > 1) errors.push(forbiddenField(path, 'may not specify more than 1 volume type'))
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection
  for (const [type, keyed] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const) {
    if (!keyed) continue
    if (!keyed.name) errors.push(required(`${path}.${type}.name`))
    checkItems(keyed.items, `${path}.${type}.items`, errors)
    for (const item of keyed.items ?? []) if (item.path) claim(item.path, keyed.name ?? '', `${path}.${type}`)
  }
  if (downwardAPI) {
    checkDownwardItems(downwardAPI.items, `${path}.downwardAPI.items`, errors)
    for (const item of downwardAPI.items ?? []) if (item.path) claim(item.path, item.path, `${path}.downwardAPI`)
  }
  if (serviceAccountToken) {
    const at = `${path}.serviceAccountToken`
    const seconds = serviceAccountToken.expirationSeconds ?? 3600
    if (seconds < TEN_MINUTES) errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
    if (seconds > LONGEST) errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
    if (!serviceAccountToken.path) errors.push(required(`${at}.path`))
    else checkFilePath(serviceAccountToken.path, `${at}.path`, errors)
  }
  if (clusterTrustBundle) {
    const at = `${path}.clusterTrustBundle`
    if (clusterTrustBundle.name != null && clusterTrustBundle.signerName != null) {
      errors.push(invalid(at, clusterTrustBundle, 'only one of name and signerName may be used'))
    } else if (clusterTrustBundle.name == null && clusterTrustBundle.signerName == null) {
      errors.push(required(at, 'either name or signerName must be specified'))
    }
    checkLabelSelector(clusterTrustBundle.labelSelector, `${at}.labelSelector`, errors)
    checkFile(clusterTrustBundle.path, `${at}.path`, at, claim, errors)
  }
  if (podCertificate) {
    const at = `${path}.podCertificate`
    const { signerName, keyType, credentialBundlePath, keyPath, certificateChainPath } = podCertificate
    if (!signerName) errors.push(required(`${at}.signerName`))
    if (!keyType) errors.push(required(`${at}.keyType`))
    const named = [credentialBundlePath, keyPath, certificateChainPath].filter(Boolean) as string[]
    if (named.length === 0) errors.push(required(at, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
    for (const file of named) checkFile(file, at, at, claim, errors)
  }
}

function checkFile(file: string, path: string, at: string, claim: Claim, errors: FieldError[]): void {
  if (!file) {
    errors.push(required(path))
    return
  }
  checkFilePath(file, path, errors)
  claim(file, file, at)
}
