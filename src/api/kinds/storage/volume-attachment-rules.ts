import { type FieldError, forbiddenField, required } from '../../meta/field-error.ts'
import { dnsSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { VolumeAttachment } from '../../types/storage/volume-attachment.ts'
import { checkVolumeSpec } from '../core/persistent-volume-rules.ts'
import { checkImmutable } from '../immutable.ts'
import { checkDriverName } from './csi-rules.ts'

const ONE_OF = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

export function validateAttachment({ spec }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = []
  checkDriverName(spec.attacher, 'spec.attacher', errors)
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = spec.source
  const path = 'spec.source'
  if (!inline && name == null) errors.push(required(path, ONE_OF))
  else if (inline && name != null) errors.push(forbiddenField(path, ONE_OF))
  else if (name === '') errors.push(required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'))
  else if (inline) checkVolumeSpec(inline, `${path}.inlineVolumeSpec`, { inline: true }, errors)
  report(errors, 'spec.nodeName', spec.nodeName, dnsSubdomain(spec.nodeName))
  if (name != null) report(errors, 'spec.source.persistentVolumeName', name, dnsSubdomain(name))
  return errors
}

export function validateAttachmentUpdate(now: VolumeAttachment, old: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = []
  checkImmutable(now.spec, old.spec, 'spec', errors)
  return errors
}
