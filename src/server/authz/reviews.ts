import { badRequest } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { SelfSubjectReview, TokenReview, UserInfo } from '../../api/types/authentication.ts'
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
} from '../../api/types/authorization.ts'
import type { PolicyRule } from '../../api/types/rbac.ts'
import type { Attributes, Authorizer } from '../registry/authorizer.ts'
import { type FieldTerm, parseFieldSelector } from '../registry/field-selector.ts'
import type { RbacIndex } from './rbac.ts'

const AUTHENTICATED = 'system:authenticated'

/** A user as the reviews show one. */
export const userInfo = ({ name, uid, groups, extra }: User): UserInfo => ({ username: name, ...(uid && { uid }), groups, ...(extra && { extra }) })

/** Answers `auth whoami`. */
export const selfSubjectReview = (review: SelfSubjectReview, user: User): SelfSubjectReview => ({ ...review, status: { userInfo: userInfo(user) } })

/** Answers `auth can-i`. */
export async function selfSubjectAccessReview(review: SelfSubjectAccessReview, user: User, authorizer: Authorizer): Promise<SelfSubjectAccessReview> {
  return { ...review, status: await decide(authorizer, user, review.spec) }
}

/** Answers what somebody else may. */
export async function subjectAccessReview<T extends SubjectAccessReview | LocalSubjectAccessReview>(
  review: T,
  authorizer: Authorizer,
  namespace?: string,
): Promise<T> {
  const { spec } = review
  if (!spec.user && !spec.groups?.length) throw badRequest('spec.user: at least one of user or group must be specified')
  if (namespace !== undefined) {
    if (spec.nonResourceAttributes) throw badRequest('spec.nonResourceAttributes: disallowed on this kind of request')
    if (spec.resourceAttributes?.namespace !== namespace) throw badRequest(`spec.resourceAttributes.namespace: must match metadata.namespace (${namespace})`)
  }
  const user: User = { name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid && { uid: spec.uid }), ...(spec.extra && { extra: spec.extra }) }
  return { ...review, status: await decide(authorizer, user, spec) }
}

/** Answers `auth can-i --list`: the rules of RBAC; what the Node authorizer allows beside them makes the list incomplete. */
export function selfSubjectRulesReview(review: SelfSubjectRulesReview, user: User, rbac: RbacIndex): SelfSubjectRulesReview {
  const { namespace } = review.spec
  if (!namespace) throw badRequest('no namespace on request')
  const masters: readonly PolicyRule[] = user.groups.includes('system:masters')
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : []
  const rules = [...masters, ...rbac.rulesOf(user, namespace)]
  const resourceRules = rules
    .filter(rule => rule.resources?.length)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames?.length && { resourceNames }) }))
  const nonResourceRules = rules.filter(rule => rule.nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }))
  const isNode = user.groups.includes('system:nodes')
  return {
    ...review,
    status: {
      resourceRules,
      nonResourceRules,
      incomplete: isNode,
      ...(isNode && { evaluationError: 'node authorizer does not support user rule resolution' }),
    },
  }
}

/** Tells whose a token is. */
export async function tokenReview(
  review: TokenReview,
  verify: (token: string, audiences: readonly string[] | undefined) => Promise<{ readonly user: User; readonly audiences: readonly string[] } | undefined>,
): Promise<TokenReview> {
  if (!review.spec.token) throw badRequest('spec.token: Required value: token is required for TokenReview in authentication')
  const asked = review.spec.audiences?.length ? review.spec.audiences : undefined
  const found = await verify(review.spec.token, asked)
  if (!found) return { ...review, status: { authenticated: false, error: 'the token is not valid, has expired, or is for another audience' } }
  return { ...review, status: { authenticated: true, user: userInfo(found.user), audiences: found.audiences } }
}

interface Asked {
  readonly resourceAttributes?: ResourceAttributes | undefined
  readonly nonResourceAttributes?: NonResourceAttributes | undefined
}

async function decide(authorizer: Authorizer, user: User, { resourceAttributes, nonResourceAttributes }: Asked): Promise<SubjectAccessReviewStatus> {
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined))
    throw badRequest('spec: exactly one of nonResourceAttributes or resourceAttributes must be specified')
  const who = user.groups.includes(AUTHENTICATED) || user.name === 'system:anonymous' ? user : { ...user, groups: [...user.groups, AUTHENTICATED] }
  const { allowed, reason } = await authorizer.authorize(attributesOf(who, resourceAttributes, nonResourceAttributes))
  return { allowed, ...(reason && { reason }) }
}

function attributesOf(user: User, resource: ResourceAttributes | undefined, path: NonResourceAttributes | undefined): Attributes {
  if (!resource) return { user, verb: path?.verb ?? '', path: path?.path ?? '' }
  return {
    user,
    verb: resource.verb ?? '',
    group: resource.group ?? '',
    version: resource.version ?? '',
    resource: resource.resource ?? '',
    subresource: resource.subresource || undefined,
    namespace: resource.namespace || undefined,
    name: resource.name || undefined,
    fieldTerms: termsOf(resource.fieldSelector),
  }
}

/** What cannot be read, or is no comparison with one value, narrows nothing. */
function termsOf(selector: ResourceAttributes['fieldSelector']): readonly FieldTerm[] {
  const { rawSelector, requirements = [] } = selector ?? {}
  if (rawSelector) {
    try {
      return parseFieldSelector(rawSelector)
    } catch {
      return []
    }
  }
  return requirements.flatMap(({ key, operator, values = [] }) =>
    values.length === 1 && (operator === 'In' || operator === 'NotIn') ? [{ field: key, equal: operator === 'In', value: values[0]! }] : [],
  )
}
