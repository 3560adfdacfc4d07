import type { ObjectOf } from '../../meta/object.ts'
import { anyObject, int64, message, opt, req, type Static } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'

export const ControllerRevision = message(
  'apps.v1.ControllerRevision',
  {
    data: opt(2, anyObject, 'The template as a patch; cannot be changed.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    revision: req(3, int64, 'Number of the revision; grows with each change.'),
  },
  { kind: true, doc: 'One revision of a template, kept so that it can be returned to.' },
)
export type ControllerRevision = ObjectOf<Static<typeof ControllerRevision>>
