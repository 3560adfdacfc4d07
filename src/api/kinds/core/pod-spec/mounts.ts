import { repeats } from '../../../../base/repeats.ts'
import { type FieldError, forbiddenField, invalid, missing, notSupported, required } from '../../../meta/field-error.ts'
import type { Container, VolumeDevice, VolumeMount } from '../../../types/core/container.ts'
import type { Volume } from '../../../types/core/volume.ts'
import { checkDescendingPath, checkNoBacksteps } from './paths.ts'

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible']

type Volumes = ReadonlyMap<string, Volume>

/** The mounts of one container: of volumes there are, at paths of their own. */
export function checkVolumeMounts(container: Container, volumes: Volumes, path: string, errors: FieldError[]): void {
  const mounts = container.volumeMounts
  if (!mounts) return
  const devices = container.volumeDevices ?? []
  const deviceNames = new Set(devices.map(({ name }) => name))
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath))
  const samePath = repeats(mounts, ({ mountPath }) => mountPath)
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i] as VolumeMount
    const at = `${path}[${i}]`
    if (!mount.name) errors.push(required(`${at}.name`))
    if (!volumes.has(mount.name)) errors.push(missing(`${at}.name`, mount.name))
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`))
    if (samePath.has(i)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    if (deviceNames.has(mount.name)) errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'))
    if (devicePaths.has(mount.mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'))
    }
    if (mount.subPath) checkDescendingPath(mount.subPath, `${at}.subPath`, errors)
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      checkDescendingPath(mount.subPathExpr, `${at}.subPathExpr`, errors)
    }
    if (mount.mountPropagation != null) checkPropagation(mount.mountPropagation, container, `${at}.mountPropagation`, errors)
    if (mount.recursiveReadOnly != null) checkRecursive(mount, `${at}.recursiveReadOnly`, errors)
  }
}

function checkPropagation(propagation: string, container: Container, path: string, errors: FieldError[]): void {
  if (!PROPAGATIONS.includes(propagation)) errors.push(notSupported(path, propagation, PROPAGATIONS))
  else if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(forbiddenField(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
}

function checkRecursive(mount: VolumeMount, path: string, errors: FieldError[]): void {
  const wanted = mount.recursiveReadOnly ?? ''
  if (!RECURSIVE.includes(wanted)) errors.push(notSupported(path, wanted, RECURSIVE))
  else if (wanted !== 'Disabled') {
    if (!mount.readOnly) errors.push(forbiddenField(path, 'may only be specified when readOnly is true'))
    if (mount.mountPropagation && mount.mountPropagation !== 'None') {
      errors.push(forbiddenField(path, 'may only be specified when mountPropagation is None or not specified'))
    }
  }
}

export function checkVolumeDevices(devices: readonly VolumeDevice[] | undefined, volumes: Volumes, path: string, errors: FieldError[]): void {
  const sameName = repeats(devices ?? [], ({ name }) => name)
  const samePath = repeats(devices ?? [], ({ devicePath }) => devicePath)
  devices?.forEach((device, i) => {
    const at = `${path}[${i}]`
    const volume = volumes.get(device.name)
    if (!device.name) errors.push(required(`${at}.name`))
    if (sameName.has(i)) errors.push(invalid(`${at}.name`, device.name, 'must be unique'))
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(invalid(`${at}.name`, device.name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    }
    if (!device.devicePath) errors.push(required(`${at}.devicePath`))
    if (samePath.has(i)) errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must be unique'))
    if (device.devicePath) checkNoBacksteps(device.devicePath, `${at}.devicePath`, errors)
    if (!volume) errors.push(missing(`${at}.name`, device.name))
  })
}
