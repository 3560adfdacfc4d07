import { addAll } from '../../base/add-all.ts'
import type { FieldError } from '../meta/field-error.ts'
import { pathSegment } from '../meta/names.ts'
import type { KubeObject } from '../meta/object.ts'
import { checkMeta, checkMetaUpdate, type MetaRules, subdomainName } from '../meta/object-meta.ts'
import type { Kind, ValidationContext } from './kind.ts'

/** Built-in kinds whose finalizers need no prefix; those of custom kinds need none either. */
const ANY_FINALIZER: ReadonlySet<string> = new Set(['customresourcedefinitions', 'events', 'leases', 'poddisruptionbudgets', 'runtimeclasses'])

const rulesOf = (kind: Kind): MetaRules => ({
  namespaced: kind.namespaced,
  name: kind.validateName?.bind(kind),
  anyFinalizer: kind.schema.structural !== undefined || ANY_FINALIZER.has(kind.resource),
})

/** All that is wrong with a new object; empty when nothing is. */
export function validateCreate(kind: Kind, object: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOf(kind), errors)
  if (kind.validate) addAll(errors, kind.validate(object, context))
  return errors
}

/** Kinds of which upstream judges the whole metadata anew with every update. */
const JUDGED_WHOLE: ReadonlySet<string> = new Set([
  'configmaps',
  'controllerrevisions',
  'csinodes',
  'endpoints',
  'endpointslices',
  'ingressclasses',
  'ingresses',
  'jobs',
  'namespaces',
  'nodes',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'runtimeclasses',
  'secrets',
  'serviceaccounts',
  'storageclasses',
  'volumeattachments',
])

/** Of other kinds, what generated a name once need not fit their rule any more. */
const rulesOfUpdate = (kind: Kind) => {
  const rules = rulesOf(kind)
  if (JUDGED_WHOLE.has(kind.resource)) return rules
  const { name = subdomainName } = rules
  return { ...rules, name: (text: string, prefix: boolean) => (prefix ? pathSegment(text, true) : name(text, false)) }
}

/** All that is wrong with an update; `object` has its resourceVersion, the stored one where the client named none. */
export function validateUpdate(kind: Kind, object: KubeObject, old: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOfUpdate(kind), errors)
  checkMetaUpdate(object.metadata, old.metadata, errors)
  const known = { ...context, old }
  if (kind.validate) addAll(errors, kind.validate(object, known))
  if (kind.validateUpdate) addAll(errors, kind.validateUpdate(object, old, known))
  return errors
}

/** All that is wrong with an update of the status alone. */
export function validateStatusUpdate(kind: Kind, object: KubeObject, old: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOfUpdate(kind), errors)
  checkMetaUpdate(object.metadata, old.metadata, errors)
  if (kind.validateStatusUpdate) addAll(errors, kind.validateStatusUpdate(object, old, { ...context, old }))
  return errors
}
