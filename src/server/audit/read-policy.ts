import { readYaml } from '../../api/yaml/read.ts'
import { type AuditRule, LEVELS, STAGES } from './policy.ts'

/** Reads an audit.k8s.io/v1 Policy, YAML or JSON. Throws an `Error` that names the place in it that is wrong. */
export async function readAuditPolicy(text: string): Promise<readonly AuditRule[]> {
  const [document, ...more] = (await readYaml(text)).documents
  if (!document || more.length > 0) throw new Error('one Policy is wanted, in one document')
  if (document.error !== undefined) throw new Error(document.error)
  const policy = members('', document.value, ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'])
  const { apiVersion, kind, rules } = policy
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') throw new Error(`a Policy of audit.k8s.io/v1 is wanted, not a ${kind} of ${apiVersion}`)
  if (!Array.isArray(rules) || rules.length === 0) throw new Error('rules: at least one is wanted')
  const omitStages = texts('omitStages', policy['omitStages'], STAGES)
  const omitManagedFields = flag('omitManagedFields', policy['omitManagedFields'])
  return rules.map((rule, i) => readRule(`rules[${i}]`, rule, omitStages, omitManagedFields))
}

const RULE = ['level', 'users', 'userGroups', 'verbs', 'namespaces', 'resources', 'nonResourceURLs', 'omitStages', 'omitManagedFields']

function readRule(at: string, value: unknown, omitStages: readonly (typeof STAGES)[number][], omitManagedFields: boolean | undefined): AuditRule {
  const rule = members(at, value, RULE)
  const level = LEVELS.find(l => l === rule['level'])
  if (level === undefined) throw new Error(`${at}.level: ${JSON.stringify(rule['level'])} is none of ${LEVELS.join(', ')}`)
  const { resources } = rule
  if (resources !== undefined && !Array.isArray(resources)) throw new Error(`${at}.resources: a list is wanted`)
  const nonResourceURLs = texts(`${at}.nonResourceURLs`, rule['nonResourceURLs'])
  if (nonResourceURLs.length > 0 && (resources?.length || texts(`${at}.namespaces`, rule['namespaces']).length > 0))
    throw new Error(`${at}: a rule is about nonResourceURLs, or about resources and namespaces`)
  const leaveOut = flag(`${at}.omitManagedFields`, rule['omitManagedFields']) ?? omitManagedFields
  return {
    level,
    users: texts(`${at}.users`, rule['users']),
    userGroups: texts(`${at}.userGroups`, rule['userGroups']),
    verbs: texts(`${at}.verbs`, rule['verbs']),
    namespaces: texts(`${at}.namespaces`, rule['namespaces']),
    nonResourceURLs,
    resources: (resources ?? []).map((one: unknown, i: number) => readResources(`${at}.resources[${i}]`, one)),
    omitStages: [...omitStages, ...texts(`${at}.omitStages`, rule['omitStages'], STAGES)],
    ...(leaveOut !== undefined && { omitManagedFields: leaveOut }),
  }
}

function readResources(at: string, value: unknown): NonNullable<AuditRule['resources']>[number] {
  const { group = '', ...lists } = members(at, value, ['group', 'resources', 'resourceNames'])
  if (typeof group !== 'string') throw new Error(`${at}.group: a text is wanted`)
  return {
    group,
    resources: texts(`${at}.resources`, lists['resources']),
    resourceNames: texts(`${at}.resourceNames`, lists['resourceNames']),
  }
}

function members(at: string, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at || 'the policy'}: an object is wanted`)
  const strange = Object.keys(value).find(key => !known.includes(key))
  if (strange !== undefined) throw new Error(`${at && `${at}.`}${strange}: there is no such field; there are ${known.join(', ')}`)
  return value as Record<string, unknown>
}

function texts<T extends string = string>(at: string, value: unknown, known?: readonly T[]): readonly T[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some(one => typeof one !== 'string')) throw new Error(`${at}: a list of texts is wanted`)
  const strange = known && value.find(one => !known.includes(one))
  if (strange !== undefined) throw new Error(`${at}: ${JSON.stringify(strange)} is none of ${known?.join(', ')}`)
  return value
}

function flag(at: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw new Error(`${at}: true or false is wanted`)
  return value
}
