import type { ObjectOf } from '../meta/object.ts'
import { boolean, explicit, int64, list, map, message, opt, req, type Static, string, time, withDefault } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

export const UserInfo = message('authentication.v1.UserInfo', {
  extra: opt(4, map(list(string))),
  groups: opt(3, list(string, { list: 'atomic' })),
  uid: opt(2, string),
  username: opt(1, string),
})
export type UserInfo = Static<typeof UserInfo>

export const SelfSubjectReviewStatus = message('authentication.v1.SelfSubjectReviewStatus', {
  userInfo: opt(1, withDefault(UserInfo, {})),
})
export type SelfSubjectReviewStatus = Static<typeof SelfSubjectReviewStatus>

export const SelfSubjectReview = message(
  'authentication.v1.SelfSubjectReview',
  {
    metadata: opt(1, ObjectMeta),
    status: opt(2, SelfSubjectReviewStatus),
  },
  { kind: true },
)
export type SelfSubjectReview = ObjectOf<Static<typeof SelfSubjectReview>>

export const BoundObjectReference = message('authentication.v1.BoundObjectReference', {
  apiVersion: opt(2, string),
  kind: opt(1, string),
  name: opt(3, string),
  uid: opt(4, string),
})
export type BoundObjectReference = Static<typeof BoundObjectReference>

export const TokenRequestSpec = message('authentication.v1.TokenRequestSpec', {
  audiences: opt(1, list(string, { list: 'atomic' })),
  boundObjectRef: opt(3, BoundObjectReference),
  expirationSeconds: opt(4, withDefault(explicit(int64), 3600)),
})
export type TokenRequestSpec = Static<typeof TokenRequestSpec>

export const TokenRequestStatus = message('authentication.v1.TokenRequestStatus', {
  expirationTimestamp: opt(2, time),
  token: opt(1, string),
})
export type TokenRequestStatus = Static<typeof TokenRequestStatus>

export const TokenRequest = message(
  'authentication.v1.TokenRequest',
  {
    metadata: opt(1, ObjectMeta),
    spec: opt(2, TokenRequestSpec),
    status: opt(3, TokenRequestStatus),
  },
  { kind: true },
)
export type TokenRequest = ObjectOf<Static<typeof TokenRequest>>

export const TokenReviewSpec = message('authentication.v1.TokenReviewSpec', {
  audiences: opt(2, list(string, { list: 'atomic' })),
  token: req(1, string),
})
export type TokenReviewSpec = Static<typeof TokenReviewSpec>

export const TokenReviewStatus = message('authentication.v1.TokenReviewStatus', {
  audiences: opt(4, list(string, { list: 'atomic' })),
  authenticated: opt(1, boolean),
  error: opt(3, string),
  user: opt(2, withDefault(UserInfo, {})),
})
export type TokenReviewStatus = Static<typeof TokenReviewStatus>

export const TokenReview = message(
  'authentication.v1.TokenReview',
  {
    metadata: opt(1, ObjectMeta),
    spec: req(2, TokenReviewSpec),
    status: opt(3, TokenReviewStatus),
  },
  { kind: true },
)
export type TokenReview = ObjectOf<Static<typeof TokenReview>>
