/** Kinds that are created, answered and never stored. */
import type { KubeObject } from '../meta/object.ts'
import type { Message } from '../schema/build.ts'
import { SelfSubjectReview, TokenRequest, TokenReview } from '../types/authentication.ts'
import { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '../types/authorization.ts'
import type { Kind } from './kind.ts'

const review = (group: string, kind: string, schema: Message, namespaced = false): Kind<KubeObject> => ({
  group,
  version: 'v1',
  kind,
  resource: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  namespaced,
  schema,
  verbs: ['create'],
  columns: [],
})

const AUTHENTICATION = 'authentication.k8s.io'
const AUTHORIZATION = 'authorization.k8s.io'

export const SelfSubjectReviews = review(AUTHENTICATION, 'SelfSubjectReview', SelfSubjectReview)
export const TokenReviews = review(AUTHENTICATION, 'TokenReview', TokenReview)
export const LocalSubjectAccessReviews = review(AUTHORIZATION, 'LocalSubjectAccessReview', LocalSubjectAccessReview, true)
export const SelfSubjectAccessReviews = review(AUTHORIZATION, 'SelfSubjectAccessReview', SelfSubjectAccessReview)
export const SelfSubjectRulesReviews = review(AUTHORIZATION, 'SelfSubjectRulesReview', SelfSubjectRulesReview)
export const SubjectAccessReviews = review(AUTHORIZATION, 'SubjectAccessReview', SubjectAccessReview)

/** The body of `serviceaccounts/token`. */
export const TokenRequestBody = { group: AUTHENTICATION, version: 'v1', kind: 'TokenRequest', schema: TokenRequest } as const
