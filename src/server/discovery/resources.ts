import { createHash } from 'node:crypto'
import { apiVersionOf, type Kind, type KindRef } from '../../api/kinds/kind.ts'

/** A kind at one version, as discovery wants to know it. */
export interface ServedKind {
  readonly kind: Kind
  readonly at: KindRef
  /** Present when `at` is not the stored version. */
  readonly version?: object | undefined
}

export interface SubresourceEntry {
  readonly name: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly verbs: readonly string[]
}
/** One resource of one group and version. */
export interface ResourceEntry {
  readonly name: string
  readonly singular: string
  readonly namespaced: boolean
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly storageVersionHash: string
  readonly subresources: readonly SubresourceEntry[]
}
export interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly ResourceEntry[]
}
export interface Group {
  readonly name: string
  /** Preferred first. */
  readonly versions: readonly GroupVersion[]
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** Everything that is served, as groups: core first, then groups whose kinds are stored, those that only repeat others last. */
export function groupsOf(served: readonly ServedKind[]): readonly Group[] {
  const groups = new Map<string, Map<string, ResourceEntry[]>>()
  const first = new Map<string, boolean>()
  for (const one of [...served].sort((a, b) => Number(a.at.group !== '') - Number(b.at.group !== '') || rank(a) - rank(b))) {
    const { group, version } = one.at
    let versions = groups.get(group)
    if (!versions) {
      versions = new Map()
      groups.set(group, versions)
    }
    const entries = versions.get(version) ?? []
    versions.set(version, entries)
    entries.push(entryOf(one))
    first.set(group, true)
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .sort(([a], [b]) => compareVersions(a, b))
      .map(([version, resources]) => ({ group: name, version, resources: resources.sort(byName) })),
  }))
}
/** Stable versions first, then betas and alphas, newer ones before older; anything else last, by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(text => /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text))
  if (!left || !right) return Number(!left) - Number(!right) || (a < b ? -1 : a > b ? 1 : 0)
  const stability = ([, , stage]: readonly (string | undefined)[]) => (stage === undefined ? 0 : stage === 'beta' ? 1 : 2)
  return stability(left) - stability(right) || Number(right[1]) - Number(left[1]) || Number(right[3] ?? 0) - Number(left[3] ?? 0)
}

const rank = (one: ServedKind): number => (one.version === undefined ? 0 : 1)

function entryOf({ kind, at, version }: ServedKind): ResourceEntry {
  const named = version === undefined || at.group === kind.group
  return {
    name: at.resource,
    singular: kind.singular,
    namespaced: at.namespaced,
    kind: at.kind,
    verbs: [...(kind.verbs ?? ALL_VERBS)].sort(),
    // A kind that another group repeats must not compete for short names, nor be listed twice by `get all`.
    shortNames: named ? (kind.shortNames ?? []) : [],
    categories: named ? (kind.categories ?? []) : [],
    storageVersionHash: createHash('sha256')
      .update(`${apiVersionOf(kind)}/${kind.kind}`)
      .digest()
      .subarray(0, 8)
      .toString('base64'),
    subresources: subresourcesOf(kind, at),
  }
}

function subresourcesOf({ subresources = {} }: Kind, at: KindRef): SubresourceEntry[] {
  const entries: SubresourceEntry[] = []
  if (subresources.status) entries.push({ name: 'status', kind: at, verbs: ['get', 'patch', 'update'] })
  if (subresources.scale) entries.push({ name: 'scale', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] })
  for (const [name, { verbs, kind }] of Object.entries(subresources.other ?? {})) entries.push({ name, kind, verbs: [...verbs].sort() })
  return entries.sort(byName)
}
