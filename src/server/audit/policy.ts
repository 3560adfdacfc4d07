import type { User } from '../../api/meta/user.ts'

/** How much of a request is written down; each level holds the ones before it. */
export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type AuditLevel = (typeof LEVELS)[number]

/** When a line is written: streams are told of when they begin and when they are over, watches when they begin, all else at its end. */
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type AuditStage = (typeof STAGES)[number]

/** What a request is about, as a rule sees it: a resource, or a path that is none. */
export interface Audited {
  readonly user: User
  readonly verb: string
  readonly path?: string | undefined
  readonly group?: string | undefined
  readonly resource?: string | undefined
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** One rule of an audit.k8s.io/v1 Policy; what is absent matches everything. */
export interface AuditRule {
  readonly level: AuditLevel
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly resources?: readonly { readonly group?: string; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly AuditStage[]
  readonly omitManagedFields?: boolean
}

const READ = ['get', 'list', 'watch']

/** Everything at Metadata but what only says that somebody is alive, and what agents and controllers read all the time. */
export const DEFAULT_POLICY: readonly AuditRule[] = [
  { level: 'None', verbs: READ, userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'], resources: [{ group: '*' }] },
  { level: 'None', users: ['system:apiserver', 'system:kube-scheduler', 'system:kube-controller-manager'], verbs: READ },
  { level: 'None', verbs: ['get', 'head'], nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/version/'] },
  { level: 'None', verbs: ['get', 'head'], userGroups: ['system:authenticated'], nonResourceURLs: ['/api*', '/metrics*', '/openapi*'] },
  {
    level: 'None',
    resources: [
      { group: 'coordination.k8s.io', resources: ['leases'] },
      { group: '', resources: ['events'] },
    ],
  },
  { level: 'Metadata' },
]

const has = (list: readonly string[] | undefined, value: string | undefined): boolean => !list?.length || (value !== undefined && list.includes(value))

const UNSAID: AuditRule = { level: 'None' }

/** The first rule that fits. Bodies of Secrets, ConfigMaps and tokens are never written, whatever the rule. */
export function auditRule(policy: readonly AuditRule[], audited: Audited): AuditRule {
  const rule = policy.find(r => fits(r, audited)) ?? UNSAID
  return LEVELS.indexOf(rule.level) > LEVELS.indexOf('Metadata') && isSecret(audited) ? { ...rule, level: 'Metadata' } : rule
}

/** As `auditRule`, for one policy: what the rules say of a user and a resource is found out once, where no rule looks at names. */
export function auditRules(policy: readonly AuditRule[]): (audited: Audited) => AuditRule {
  if (policy.some(({ namespaces, resources }) => namespaces?.length || resources?.some(({ resourceNames }) => resourceNames?.length))) {
    return audited => auditRule(policy, audited)
  }
  const found = new WeakMap<User, Map<string, AuditRule>>()
  return audited => {
    const { user, verb, group, resource, subresource } = audited
    if (resource === undefined) return auditRule(policy, audited)
    let rules = found.get(user)
    if (!rules) {
      rules = new Map()
      found.set(user, rules)
    }
    const key = `${verb} ${group}/${resource}/${subresource ?? ''}`
    let rule = rules.get(key)
    if (!rule) {
      rule = auditRule(policy, audited)
      if (rules.size < MOST_KEPT) rules.set(key, rule)
    }
    return rule
  }
}
const MOST_KEPT = 512

function fits({ users, userGroups, verbs, namespaces, resources, nonResourceURLs }: AuditRule, audited: Audited): boolean {
  if (!has(users, audited.user.name) || !has(verbs, audited.verb)) return false
  if (userGroups?.length && !userGroups.some(group => audited.user.groups.includes(group))) return false
  const { path } = audited
  if (path !== undefined) {
    if (namespaces?.length || resources?.length) return false
    return !nonResourceURLs?.length || nonResourceURLs.some(url => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path))
  }
  if (nonResourceURLs?.length || !has(namespaces, audited.namespace ?? '')) return false
  return !resources?.length || resources.some(r => fitsResource(r, audited))
}

function fitsResource({ group = '', resources, resourceNames }: NonNullable<AuditRule['resources']>[number], audited: Audited): boolean {
  if (group !== '*' && group !== audited.group) return false
  const { resource, subresource } = audited
  const whole = subresource ? `${resource}/${subresource}` : resource!
  const wanted = [whole, '*', `${resource}/*`, ...(subresource ? [`*/${subresource}`] : [])]
  return (!resources?.length || resources.some(r => wanted.includes(r))) && has(resourceNames, audited.name)
}

const isSecret = ({ group, resource, subresource }: Audited): boolean =>
  (group === '' && (resource === 'secrets' || resource === 'configmaps' || (resource === 'serviceaccounts' && subresource === 'token'))) ||
  (group === 'authentication.k8s.io' && resource === 'tokenreviews')
