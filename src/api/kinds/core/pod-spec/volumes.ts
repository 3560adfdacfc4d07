import { duplicate, type FieldError, forbiddenField, invalid, required, tooLong } from '../../../meta/field-error.ts'
import { dnsLabel, dnsSubdomain } from '../../../meta/names.ts'
import { checkAnnotations, checkLabels, report } from '../../../meta/object-meta.ts'
import { isNegative } from '../../../meta/quantity.ts'
import type { ISCSIVolumeSource } from '../../../types/core/storage-systems.ts'
import type { Volume } from '../../../types/core/volume.ts'
import { checkOptionalChoice } from '../../choice.ts'
import { checkClaimSpec } from '../claim-spec-rules.ts'
import { checkDownwardItems, checkItems, checkMode, need } from './files.ts'
import { checkDescendingPath, checkNoBacksteps } from './paths.ts'
import { checkProjected } from './projected.ts'

type Check<T> = (source: T, path: string, errors: FieldError[]) => void
type Sources = { readonly [K in Exclude<keyof Volume, 'name'>]-?: Check<NonNullable<Volume[K]>> }

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']

const needs =
  (...fields: readonly string[]): Check<object> =>
  (source, path, errors) =>
    need(source, fields, path, errors)

function checkPartition(partition: number | undefined, path: string, errors: FieldError[]): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) errors.push(invalid(path, partition, 'must be between 1 and 255, inclusive'))
}

function checkISCSI(source: ISCSIVolumeSource, path: string, errors: FieldError[]): void {
  need(source, ['targetPortal', 'iqn'], path, errors)
  if (source.iqn && !/^(iqn|eui|naa)\./.test(source.iqn)) errors.push(invalid(`${path}.iqn`, source.iqn, 'must be valid format'))
  if (source.lun < 0 || source.lun > 255) errors.push(invalid(`${path}.lun`, source.lun, 'must be between 0 and 255, inclusive'))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(`${path}.secretRef`))
}

const CSI_DRIVER_NAME = 63

const SOURCES: Sources = {
  emptyDir({ sizeLimit }, path, errors) {
    if (sizeLimit && isNegative(sizeLimit)) errors.push(forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
  },
  hostPath(source, path, errors) {
    need(source, ['path'], path, errors)
    if (source.path) checkNoBacksteps(source.path, `${path}.path`, errors)
    checkOptionalChoice(source.type, HOST_PATH_TYPES, `${path}.type`, errors)
  },
  gitRepo(source, path, errors) {
    need(source, ['repository'], path, errors)
    if (source.directory) checkDescendingPath(source.directory, `${path}.directory`, errors)
  },
  gcePersistentDisk(source, path, errors) {
    need(source, ['pdName'], path, errors)
    checkPartition(source.partition, `${path}.partition`, errors)
  },
  awsElasticBlockStore(source, path, errors) {
    need(source, ['volumeID'], path, errors)
    checkPartition(source.partition, `${path}.partition`, errors)
  },
  secret(source, path, errors) {
    need(source, ['secretName'], path, errors)
    checkMode(source.defaultMode, `${path}.defaultMode`, errors)
    checkItems(source.items, `${path}.items`, errors)
  },
  configMap(source, path, errors) {
    need(source, ['name'], path, errors)
    checkMode(source.defaultMode, `${path}.defaultMode`, errors)
    checkItems(source.items, `${path}.items`, errors)
  },
  nfs(source, path, errors) {
    need(source, ['server', 'path'], path, errors)
    if (!source.path?.startsWith('/')) errors.push(invalid(`${path}.path`, source.path, 'must be an absolute path'))
  },
  iscsi: checkISCSI,
  glusterfs: needs('endpoints', 'path'),
  persistentVolumeClaim: needs('claimName'),
  rbd: needs('monitors', 'image'),
  cinder: needs('volumeID'),
  cephfs: needs('monitors'),
  flexVolume: needs('driver'),
  flocker(source, path, errors) {
    if (!source.datasetName && !source.datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'))
    else if (source.datasetName && source.datasetUUID) errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
    if (source.datasetName?.includes('/')) errors.push(invalid(`${path}.datasetName`, source.datasetName, "must not contain '/'"))
  },
  downwardAPI(source, path, errors) {
    checkMode(source.defaultMode, `${path}.defaultMode`, errors)
    checkDownwardItems(source.items, `${path}.items`, errors)
  },
  fc(source, path, errors) {
    const byName = (source.targetWWNs ?? []).length > 0
    const byId = (source.wwids ?? []).length > 0
    if (!byName && !byId) errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
    else if (byName && byId) errors.push(invalid(`${path}.targetWWNs`, source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
    else if (byName && source.lun == null) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
    if (source.lun != null && (source.lun < 0 || source.lun > 255)) errors.push(invalid(`${path}.lun`, source.lun, 'must be between 0 and 255, inclusive'))
  },
  azureFile: needs('secretName', 'shareName'),
  azureDisk(source, path, errors) {
    need(source, ['diskName', 'diskURI'], path, errors)
    checkOptionalChoice(source.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], `${path}.cachingMode`, errors)
    checkOptionalChoice(source.kind, ['Dedicated', 'Managed', 'Shared'], `${path}.kind`, errors)
  },
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  quobyte: needs('registry', 'volume'),
  portworxVolume: needs('volumeID'),
  scaleIO: needs('gateway', 'system', 'volumeName'),
  storageos: needs('volumeName'),
  projected: checkProjected,
  csi(source, path, errors) {
    if (!source.driver) errors.push(required(`${path}.driver`))
    else {
      if (source.driver.length > CSI_DRIVER_NAME) errors.push(tooLong(`${path}.driver`, CSI_DRIVER_NAME))
      report(errors, `${path}.driver`, source.driver, dnsSubdomain(source.driver.toLowerCase()))
    }
    if (source.nodePublishSecretRef) {
      const { name } = source.nodePublishSecretRef
      if (!name) errors.push(required(`${path}.nodePublishSecretRef.name`))
      else report(errors, `${path}.nodePublishSecretRef.name`, name, dnsSubdomain(name))
    }
  },
  ephemeral(source, path, errors) {
    const template = source.volumeClaimTemplate
    if (!template) {
      errors.push(required(`${path}.volumeClaimTemplate`))
      return
    }
    checkLabels(template.metadata?.labels, `${path}.volumeClaimTemplate.metadata.labels`, errors)
    checkAnnotations(template.metadata?.annotations, `${path}.volumeClaimTemplate.metadata.annotations`, errors)
    checkClaimSpec(template.spec, `${path}.volumeClaimTemplate.spec`, errors)
  },
  image(source, path, errors) {
    checkOptionalChoice(source.pullPolicy, PULL_POLICIES, `${path}.pullPolicy`, errors)
  },
}
const TYPES = Object.keys(SOURCES) as (keyof Sources)[]

/** The volumes of a pod, or of a template, which may leave the image of one open; returns those by name that are well formed. */
export function checkVolumes(volumes: readonly Volume[] | undefined, isPod: boolean, path: string, errors: FieldError[]): ReadonlyMap<string, Volume> {
  const found = new Map<string, Volume>()
  if (!volumes) return found
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i] as Volume
    const at = `${path}[${i}]`
    const before = errors.length
    if (isPod && volume.image && !volume.image.reference) errors.push(required(`${at}.image.reference`))
    checkSource(volume, at, errors)
    if (!volume.name) errors.push(required(`${at}.name`))
    else report(errors, `${at}.name`, volume.name, dnsLabel(volume.name))
    if (found.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name))
    if (errors.length === before) found.set(volume.name, volume)
  }
  return found
}

function checkSource(volume: Volume, path: string, errors: FieldError[]): void {
  let sources = 0
  for (const key in volume) {
    if (key === 'name' || !Object.hasOwn(SOURCES, key)) continue
    const type = key as keyof Sources
    const source = volume[type]
    if (!source) continue
    if (sources > 0) {
      // Told of the later type in upstream's order, whatever the order in the document.
      if (sources === 1) errors.push(forbiddenField(`${path}.${laterOf(volume)}`, 'may not specify more than 1 volume type'))
    } else (SOURCES[type] as Check<unknown>)(source, `${path}.${type}`, errors)
    sources++
  }
  if (sources === 0) errors.push(required(path, 'must specify a volume type'))
}

/** What is wrong with the source of a PersistentVolume, as far as the rules of a pod's hold for it too. */
export function checkSharedSource(type: string, source: unknown, path: string, errors: FieldError[]): void {
  if (Object.hasOwn(SOURCES, type)) (SOURCES[type as keyof Sources] as Check<unknown>)(source, path, errors)
}

const laterOf = (volume: Volume): string => TYPES.filter(type => volume[type])[1] ?? ''
