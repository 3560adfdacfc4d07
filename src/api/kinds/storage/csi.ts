import { equal } from '../../../base/equal.ts'
import type { Draft } from '../../meta/object.ts'
import { CSIDriver, CSINode } from '../../types/storage/csi.ts'
import { AGE, integer, NAME, text } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { defaultCSIDriver, validateCSIDriver, validateCSIDriverUpdate, validateCSINode, validateCSINodeUpdate } from './csi-rules.ts'

const flag = (name: string, description: string, cell: (driver: CSIDriver) => boolean): Column<CSIDriver> => ({
  ...text(name, description, cell),
  type: 'boolean',
})

/** A member behind a feature gate that is off. */
function dropDisabled({ spec }: Draft<CSIDriver>): void {
  if (spec.preventPodSchedulingIfMissing !== undefined) delete spec.preventPodSchedulingIfMissing
}

const IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

function csiDriverWarnings({ spec }: CSIDriver, old: CSIDriver | undefined): readonly string[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec
  const asked = tokenRequests.length > 0 && !(old && equal(old.spec.tokenRequests, tokenRequests))
  return asked && serviceAccountTokenInSecrets === undefined ? [IN_SECRETS] : []
}

export const CSIDrivers: Kind<CSIDriver> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  resource: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  schema: CSIDriver,
  requiresRevisionOnUpdate: true,
  notEnforced: true,
  defaults: defaultCSIDriver,
  prepareForCreate: dropDisabled,
  prepareForUpdate: dropDisabled,
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
  warnings: csiDriverWarnings,
  columns: [
    NAME,
    flag('AttachRequired', 'Whether volumes are attached before they are mounted.', driver => driver.spec.attachRequired ?? true),
    flag('PodInfoOnMount', 'Whether the driver is told of the pod.', driver => driver.spec.podInfoOnMount ?? false),
    flag('StorageCapacity', 'Whether the driver tells how much room there is.', driver => driver.spec.storageCapacity ?? false),
    text(
      'TokenRequests',
      'Audiences of the tokens the driver is given.',
      driver => (driver.spec.tokenRequests ?? []).map(t => t.audience).join(',') || '<unset>',
    ),
    flag('RequiresRepublish', 'Whether the driver is called again and again.', driver => driver.spec.requiresRepublish ?? false),
    text('Modes', 'Lifecycles of volumes it supports.', driver => (driver.spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    AGE,
  ],
}

export const CSINodes: Kind<CSINode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  resource: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  schema: CSINode,
  requiresRevisionOnUpdate: true,
  notEnforced: true,
  validate: validateCSINode,
  validateUpdate: validateCSINodeUpdate,
  columns: [NAME, integer('Drivers', 'Number of drivers on the node.', node => (node.spec.drivers ?? []).length), AGE],
}
