import { VolumeAttachment } from '../../types/storage/volume-attachment.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { validateAttachment, validateAttachmentUpdate } from './volume-attachment-rules.ts'

export const VolumeAttachments: Kind<VolumeAttachment> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  schema: VolumeAttachment,
  requiresRevisionOnUpdate: true,
  subresources: { status: true },
  notEnforced: true,
  prepareForUpdate: keepStatus,
  validate: validateAttachment,
  validateUpdate: validateAttachmentUpdate,
  columns: [
    NAME,
    { ...text('Attacher', 'Who attaches.', attachment => attachment.spec.attacher), format: 'name' },
    text('PV', 'The volume.', attachment => attachment.spec.source.persistentVolumeName ?? ''),
    text('Node', 'The node.', attachment => attachment.spec.nodeName),
    { ...text('Attached', 'Whether it is attached.', attachment => attachment.status.attached ?? false), type: 'boolean' },
    AGE,
  ],
}
