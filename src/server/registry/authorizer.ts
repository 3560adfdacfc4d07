import { forbidden, StatusError } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { FieldTerm } from './field-selector.ts'

/** What somebody wants to do: to a resource, or to a path that is none. */
export type Attributes = ResourceAttributes | PathAttributes

export interface ResourceAttributes {
  readonly user: User
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  /** Also from a `metadata.name` term of a field selector. */
  readonly name?: string | undefined
  /** What a list or watch is narrowed to, as it is read when it selects: all of these must hold. */
  readonly fieldTerms?: readonly FieldTerm[] | undefined
}
export interface PathAttributes {
  readonly user: User
  readonly verb: string
  readonly path: string
}

export interface Decision {
  readonly allowed: boolean
  /** Why, for audit and for whoever is refused. */
  readonly reason?: string | undefined
}

/** Decides who may; never throws. Synchronous where it can be: it stands in front of every request. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>
}

/** Everybody may everything: for tests, and until permissions are wired. */
export const allowAll: Authorizer = { authorize: () => ({ allowed: true }) }

/** The refusal in the words clients know. */
export function refusal(attributes: Attributes, reason = ''): StatusError {
  const why = reason && `: ${reason}`
  if ('path' in attributes)
    return new StatusError('Forbidden', `forbidden: User "${attributes.user.name}" cannot ${attributes.verb} path "${attributes.path}"${why}`, {})
  const { user, verb, group, resource, subresource, namespace, name = '' } = attributes
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  const error = forbidden({ group, resource }, name, `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${why}`)
  return name ? error : new StatusError('Forbidden', error.message.replace(' "" is', ' is'), error.status.details)
}
