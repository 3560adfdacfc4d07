import {
  LocalSubjectAccessReviews,
  SelfSubjectAccessReviews,
  SelfSubjectReviews,
  SelfSubjectRulesReviews,
  SubjectAccessReviews,
  TokenRequestBody,
  TokenReviews,
} from '../../api/kinds/reviews.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { forbidden } from '../../api/meta/status.ts'
import { nodeOfUser } from '../../api/meta/user.ts'
import type { SelfSubjectReview, TokenRequest, TokenReview } from '../../api/types/authentication.ts'
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '../../api/types/authorization.ts'
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts'
import type { Authorizer } from '../registry/authorizer.ts'
import type { Registry } from '../registry/registry.ts'
import type { Posted } from '../registry/virtual.ts'
import type { NodeGraph } from './node-graph.ts'
import type { RbacIndex } from './rbac.ts'
import { selfSubjectAccessReview, selfSubjectReview, selfSubjectRulesReview, subjectAccessReview, tokenReview } from './reviews.ts'

const bodyOf = <T extends KubeObject>(posted: Posted): T => posted.body as unknown as T

/** Has the registry answer the reviews, and issue tokens for ServiceAccounts. */
export function addReviews(
  registry: Registry,
  {
    authorizer,
    rbac,
    graph,
    tokens,
    audiences,
  }: {
    readonly authorizer: Authorizer
    readonly rbac: RbacIndex
    readonly graph: NodeGraph
    readonly tokens: ServiceAccountTokens
    readonly audiences: readonly string[]
  },
): void {
  registry.addVirtual({ kind: SelfSubjectReviews, create: posted => selfSubjectReview(bodyOf<SelfSubjectReview>(posted), posted.caller.user) })
  registry.addVirtual({
    kind: TokenReviews,
    create: posted => tokenReview(bodyOf<TokenReview>(posted), (token, asked) => tokens.review(token, asked ?? audiences)),
  })
  registry.addVirtual({
    kind: SelfSubjectAccessReviews,
    create: posted => selfSubjectAccessReview(bodyOf<SelfSubjectAccessReview>(posted), posted.caller.user, authorizer),
  })
  registry.addVirtual({ kind: SubjectAccessReviews, create: posted => subjectAccessReview(bodyOf<SubjectAccessReview>(posted), authorizer) })
  registry.addVirtual({
    kind: LocalSubjectAccessReviews,
    create: posted => subjectAccessReview(bodyOf<LocalSubjectAccessReview>(posted), authorizer, posted.namespace ?? ''),
  })
  registry.addVirtual({
    kind: SelfSubjectRulesReviews,
    create: posted => selfSubjectRulesReview(bodyOf<SelfSubjectRulesReview>(posted), posted.caller.user, rbac),
  })
  registry.addPost({
    group: '',
    on: 'serviceaccounts/token',
    bodies: [TokenRequestBody],
    create: posted => {
      const request = bodyOf<TokenRequest>(posted)
      refuseForeignToken(posted, request, graph)
      return tokens.issue(posted.namespace ?? '', posted.name, request)
    },
  })
}

/** An agent gets tokens only for pods on its own node, bound to that very pod. */
function refuseForeignToken({ caller, namespace = '', name }: Posted, { spec }: TokenRequest, graph: NodeGraph): void {
  const node = nodeOfUser(caller.user)
  if (node === undefined) return
  const bound = spec.boundObjectRef
  const refuse = (why: string) => forbidden({ group: '', resource: 'serviceaccounts' }, name, why)
  if (bound?.kind !== 'Pod' || !bound.name || !bound.uid) throw refuse('a node may only request tokens bound to a pod, by name and uid')
  if (graph.nodeOf(namespace, bound.name) !== node) throw refuse(`pod "${bound.name}" is not on node "${node}"`)
}
