import { type FieldError, invalid } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import { finalizerName, report } from '../../meta/object-meta.ts'
import type { Namespace } from '../../types/core/namespace.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'

export function defaultNamespace(namespace: Draft<Namespace>): void {
  const { name } = namespace.metadata
  if (name && namespace.metadata.labels?.[NAME_LABEL] !== name) namespace.metadata.labels = { ...namespace.metadata.labels, [NAME_LABEL]: name }
}

/** A new namespace is active, and held until its contents are gone. */
export function prepareNamespaceForCreate(namespace: Draft<Namespace>): void {
  defaultNamespace(namespace)
  namespace.status = { phase: 'Active' }
  const finalizers = namespace.spec.finalizers ?? []
  namespace.spec.finalizers = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes']
}

/** What holds the namespace is changed through `finalize` alone. */
export function prepareNamespaceForUpdate(namespace: Draft<Namespace>, old: Namespace): void {
  namespace.spec = old.spec as Draft<Namespace>['spec']
  namespace.status = old.status as Draft<Namespace>['status']
}

export function validateNamespace(namespace: Namespace): readonly FieldError[] {
  const errors: FieldError[] = []
  namespace.spec.finalizers?.forEach(name => {
    report(errors, 'spec.finalizers', name, finalizerName(name))
  })
  return errors
}

export function validateNamespaceStatusUpdate({ metadata, status }: Namespace): readonly FieldError[] {
  if (!metadata.deletionTimestamp) {
    return status.phase === 'Active' ? [] : [invalid('status.Phase', status.phase ?? '', "may only be 'Active' if `deletionTimestamp` is empty")]
  }
  return status.phase === 'Terminating' ? [] : [invalid('status.Phase', status.phase ?? '', "may only be 'Terminating' if `deletionTimestamp` is not empty")]
}
