/** Objects of any kind as the server takes them in, for tables of rules. */
import type { FieldError } from '../meta/field-error.ts'
import type { Draft, KubeObject } from '../meta/object.ts'
import type { MessageOf } from '../schema/build.ts'
import { decode } from '../schema/decode.ts'
import { fill } from '../schema/fill.ts'
import { kindOf } from './all.ts'
import { apiVersionOf, type Kind } from './kind.ts'
import { validateCreate, validateUpdate } from './validate.ts'

const context = { now: 0 }

/** `Pod`, or `Role@rbac.authorization.k8s.io`. */
export function kindNamed(name: string): Kind {
  const [kind = '', group = ''] = name.split('@')
  const found = kindOf(group, kind)
  if (!found) throw new Error(`no kind ${name}`)
  return found
}

/** As the server takes it in: decoded, filled, defaulted and prepared. */
export function read(kind: Kind, said: object, old?: KubeObject): Draft<KubeObject> {
  const metadata = { name: 'x', ...(kind.namespaced && { namespace: 'default' }), ...(said as { metadata?: object }).metadata }
  const json = { ...said, metadata, apiVersion: apiVersionOf(kind), kind: kind.kind }
  const { value } = decode(kind.schema as MessageOf<KubeObject>, json, { unknown: 'strict' })
  fill(kind.schema as MessageOf<KubeObject>, value)
  kind.defaults?.(value)
  value.metadata.resourceVersion = '1'
  value.metadata.uid = 'u'
  if (old) kind.prepareForUpdate?.(value, old)
  else kind.prepareForCreate?.(value)
  return value
}

export const problemsOfNew = (name: string, said: object): readonly FieldError[] => {
  const kind = kindNamed(name)
  return validateCreate(kind, read(kind, said) as KubeObject, context)
}

export const problemsOfUpdate = (name: string, before: object, after: object): readonly FieldError[] => {
  const kind = kindNamed(name)
  const old = read(kind, before) as KubeObject
  return validateUpdate(kind, read(kind, after, old) as KubeObject, old, context)
}

export const warningsOf = (name: string, said: object, before?: object): readonly string[] => {
  const kind = kindNamed(name)
  const old = before && (read(kind, before) as KubeObject)
  return kind.warnings?.(read(kind, said, old) as KubeObject, old) ?? []
}
