import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../../meta/field-error.ts'
import { dnsSubdomain, qualifiedName } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { NOT_NEGATIVE, report } from '../../meta/object-meta.ts'
import type { CSIDriver, CSINode } from '../../types/storage/csi.ts'
import { checkOptionalChoice } from '../choice.ts'
import { checkImmutable } from '../immutable.ts'

const LONGEST_DRIVER = 63
const LONGEST_NODE_ID = 256
const TEN_MINUTES = 600
const MODES = ['Persistent', 'Ephemeral']

export function defaultCSIDriver({ spec }: Draft<CSIDriver>): void {
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
}

/** The name of a driver, wherever it is referred to. */
export function checkDriverName(name: string, path: string, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path))
    return
  }
  if (name.length > LONGEST_DRIVER) errors.push(tooLong(path, LONGEST_DRIVER))
  report(errors, path, name, dnsSubdomain(name.toLowerCase()))
}

export function validateCSIDriver({ spec }: CSIDriver): readonly FieldError[] {
  const errors: FieldError[] = []
  checkOptionalChoice(spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], 'spec.fsGroupPolicy', errors)
  checkTokenRequests(spec.tokenRequests ?? [], errors)
  for (const mode of spec.volumeLifecycleModes ?? []) if (!MODES.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, MODES))
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  if (period != null && period < 10) errors.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  if (spec.serviceAccountTokenInSecrets != null && !spec.tokenRequests?.length) {
    errors.push(
      invalid('spec.serviceAccountTokenInSecrets', spec.serviceAccountTokenInSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'),
    )
  }
  return errors
}

function checkTokenRequests(requests: NonNullable<CSIDriver['spec']['tokenRequests']>, errors: FieldError[]): void {
  const again = repeats(requests, ({ audience }) => audience)
  requests.forEach(({ audience, expirationSeconds: seconds }, i) => {
    const path = `spec.tokenRequests[${i}]`
    if (again.has(i)) errors.push(duplicate(`${path}.audience`, audience))
    else if (seconds == null) return
    else if (seconds < TEN_MINUTES) errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
    else if (seconds > 2 ** 32) errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
  })
}

export function validateCSIDriverUpdate(now: CSIDriver, old: CSIDriver): readonly FieldError[] {
  const errors: FieldError[] = []
  checkImmutable(now.spec.attachRequired, old.spec.attachRequired, 'spec.attachedRequired', errors)
  checkImmutable(now.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes', errors)
  return errors
}

export function validateCSINode({ spec }: CSINode): readonly FieldError[] {
  const errors: FieldError[] = []
  const drivers = spec.drivers ?? []
  const again = repeats(drivers, ({ name }) => name)
  drivers.forEach(({ name, nodeID, allocatable, topologyKeys = [] }, i) => {
    const path = `spec.drivers[${i}]`
    checkDriverName(name, `${path}.name`, errors)
    if (!nodeID) errors.push(required(`${path}.nodeID`))
    else if (nodeID.length > LONGEST_NODE_ID) errors.push(invalid(`${path}.nodeID`, nodeID, `must be ${LONGEST_NODE_ID} characters or less`))
    if (allocatable?.count != null && allocatable.count < 0) errors.push(invalid(`${path}.allocatable.count`, allocatable.count, NOT_NEGATIVE))
    if (again.has(i)) errors.push(duplicate(`${path}.name`, name))
    const sameKey = repeats(topologyKeys, key => key)
    topologyKeys.forEach((key, k) => {
      if (key === '') errors.push(required(path))
      if (sameKey.has(k)) errors.push(duplicate(path, key))
      report(errors, path, key, qualifiedName(key))
    })
  })
  return errors
}

/** Of a driver that stays, only how many volumes the node takes may change. */
export function validateCSINodeUpdate(now: CSINode, old: CSINode): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const before of old.spec.drivers ?? []) {
    for (const driver of now.spec.drivers ?? []) {
      if (driver.name !== before.name) continue
      const { allocatable: _, ...said } = driver
      const { allocatable: __, ...was } = before
      checkImmutable(said, was, 'spec.drivers', errors)
    }
  }
  return errors
}
