import { forbidden, notFound, StatusError } from '../../api/meta/status.ts'
import type { AdmissionPlugin } from './plugin.ts'

const NAMESPACES = { group: '', resource: 'namespaces' }
/** Namespaces that are always there. */
const PROTECTED = new Set(['default', 'kube-system', 'kube-public'])

/** Objects are created in namespaces that exist and are not being removed; the system's own namespaces stay. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  on: ['*'],
  operations: ['create', 'delete'],
  mutate({ kind, namespace, name }, view) {
    if (!kind.namespaced || namespace === undefined) return
    const found = view.get(NAMESPACES, undefined, namespace)
    if (!found) throw notFound(NAMESPACES, namespace)
    if (found.metadata.deletionTimestamp === undefined) return
    const refused = forbidden(kind, name, `unable to create new content in namespace ${namespace} because it is being terminated`)
    const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
    throw new StatusError('Forbidden', refused.message, { ...refused.status.details, causes: [cause] })
  },
  check({ operation, kind, name }) {
    if (operation !== 'delete' || kind.resource !== 'namespaces' || kind.group !== '' || !PROTECTED.has(name)) return
    throw forbidden(NAMESPACES, name, 'this namespace may not be deleted')
  },
}
