import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, map, message, opt, req, type Static, string, time } from '../../schema/build.ts'
import { PersistentVolumeSpec } from '../core/persistent-volume.ts'
import { ObjectMeta } from '../meta.ts'

export const VolumeAttachmentSource = message(
  'storage.v1.VolumeAttachmentSource',
  {
    inlineVolumeSpec: opt(2, PersistentVolumeSpec, 'A volume without an object of its own.'),
    persistentVolumeName: opt(1, explicit(string), 'Name of the volume.'),
  },
  { doc: 'The volume.' },
)
export type VolumeAttachmentSource = Static<typeof VolumeAttachmentSource>

export const VolumeAttachmentSpec = message(
  'storage.v1.VolumeAttachmentSpec',
  {
    attacher: req(1, string, 'Who attaches it.'),
    nodeName: req(3, string, 'The node.'),
    source: req(2, VolumeAttachmentSource, 'The volume.'),
  },
  { doc: 'What is to be attached, and where.' },
)
export type VolumeAttachmentSpec = Static<typeof VolumeAttachmentSpec>

export const VolumeError = message(
  'storage.v1.VolumeError',
  {
    errorCode: opt(3, explicit(int32), 'Number of the error.'),
    message: opt(2, string, 'What went wrong.'),
    time: opt(1, time, 'When.'),
  },
  { doc: 'What went wrong with a volume.' },
)
export type VolumeError = Static<typeof VolumeError>

export const VolumeAttachmentStatus = message(
  'storage.v1.VolumeAttachmentStatus',
  {
    attachError: opt(3, VolumeError, 'What went wrong with attaching.'),
    attached: req(1, boolean, 'Whether it is attached.'),
    attachmentMetadata: opt(2, map(string), 'What is needed to mount it.'),
    detachError: opt(4, VolumeError, 'What went wrong with detaching.'),
  },
  { doc: 'What was attached.' },
)
export type VolumeAttachmentStatus = Static<typeof VolumeAttachmentStatus>

export const VolumeAttachment = message(
  'storage.v1.VolumeAttachment',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, VolumeAttachmentSpec, 'What is wanted.'),
    status: opt(3, VolumeAttachmentStatus, 'What is.'),
  },
  { kind: true, doc: 'A volume attached to a node.' },
)
export type VolumeAttachment = ObjectOf<Static<typeof VolumeAttachment>>
