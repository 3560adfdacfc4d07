import { controllerOf, formatOwner } from '../../meta/owner.ts'
import { ControllerRevision } from '../../types/apps/controller-revision.ts'
import { AGE, NAME, NONE, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateControllerRevision, validateControllerRevisionUpdate } from './controller-revision-validation.ts'

export const ControllerRevisions: Kind<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema: ControllerRevision,
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
  columns: [
    NAME,
    text('Controller', 'The object whose state this is.', revision => {
      const owner = controllerOf(revision)
      return owner ? formatOwner(owner) : NONE
    }),
    text('Revision', 'Number of the revision; the newest has the highest.', revision => revision.revision ?? 0),
    AGE,
  ],
}
