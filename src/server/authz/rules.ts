import type { PolicyRule } from '../../api/types/rbac.ts'
import type { Attributes, PathAttributes, ResourceAttributes } from '../registry/authorizer.ts'

const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes(value) === true || list?.includes('*') === true

/** Whether one rule of a role allows this (upstream's RBAC matching). */
export const ruleAllows = (rule: PolicyRule, attributes: Attributes): boolean =>
  'path' in attributes ? allowsPath(rule, attributes) : allowsResource(rule, attributes)

function allowsResource(rule: PolicyRule, { verb, group, resource, subresource, name }: ResourceAttributes): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false
  const whole = subresource ? `${resource}/${subresource}` : resource
  const named = rule.resources?.some(r => r === whole || r === '*' || (subresource !== undefined && r === `*/${subresource}`))
  if (!named) return false
  return !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name))
}

function allowsPath(rule: PolicyRule, { verb, path }: PathAttributes): boolean {
  if (!has(rule.verbs, verb)) return false
  return rule.nonResourceURLs?.some(url => url === path || url === '*' || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))) === true
}

/** One verb on one resource, or on one path: what a rule falls apart into for the escalation check. */
interface Atom {
  readonly verb: string
  readonly group?: string
  readonly resource?: string
  readonly name?: string
  readonly path?: string
}

function* atoms(rule: PolicyRule): Generator<Atom> {
  for (const verb of rule.verbs) {
    for (const path of rule.nonResourceURLs ?? []) yield { verb, path }
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? []) {
        if (rule.resourceNames?.length) for (const name of rule.resourceNames) yield { verb, group, resource, name }
        else yield { verb, group, resource }
      }
  }
}

function covers(rule: PolicyRule, atom: Atom): boolean {
  if (!has(rule.verbs, atom.verb)) return false
  if (atom.path !== undefined) {
    const { path } = atom
    return rule.nonResourceURLs?.some(url => url === path || url === '*' || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))) === true
  }
  if (!has(rule.apiGroups, atom.group!)) return false
  const resource = atom.resource!
  const slash = resource.indexOf('/')
  const sub = slash < 0 ? undefined : `*/${resource.slice(slash + 1)}`
  if (!rule.resources?.some(r => r === resource || r === '*' || r === sub)) return false
  return !rule.resourceNames?.length || (atom.name !== undefined && rule.resourceNames.includes(atom.name))
}

/** The part of `wanted` that `owned` does not cover: what somebody would gain who may not. */
export const uncovered = (owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] =>
  wanted.filter(rule => {
    for (const atom of atoms(rule)) if (!owned.some(own => covers(own, atom))) return true
    return false
  })

/** A rule as the refusal of an escalation shows it. */
export function formatRule(rule: PolicyRule): string {
  const part = (name: string, list: readonly string[] | undefined) => (list?.length ? [`${name}:[${list.map(v => JSON.stringify(v)).join(' ')}]`] : [])
  return `{${[
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('ResourceNames', rule.resourceNames),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('Verbs', rule.verbs),
  ].join(', ')}}`
}
