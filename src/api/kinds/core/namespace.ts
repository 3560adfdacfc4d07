import { labelName } from '../../meta/object-meta.ts'
import { Namespace } from '../../types/core/namespace.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultNamespace, prepareNamespaceForCreate, prepareNamespaceForUpdate, validateNamespace, validateNamespaceStatusUpdate } from './namespace-rules.ts'

export const Namespaces: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  schema: Namespace,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: { status: true, other: { finalize: { verbs: ['update'], kind: { group: '', version: 'v1', kind: 'Namespace' } } } },
  selectableFields: { 'status.phase': namespace => namespace.status.phase ?? '' },
  defaults: defaultNamespace,
  prepareForCreate: prepareNamespaceForCreate,
  prepareForUpdate: prepareNamespaceForUpdate,
  validateName: labelName,
  validate: validateNamespace,
  validateStatusUpdate: validateNamespaceStatusUpdate,
  columns: [NAME, text('Status', 'Whether the namespace is active or being removed.', namespace => namespace.status.phase ?? ''), AGE],
}
