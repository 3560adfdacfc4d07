import type { Group, GroupVersion, ResourceEntry } from './resources.ts'

const gv = (group: string, version: string): string => (group ? `${group}/${version}` : version)
const some = <T>(key: string, list: readonly T[]): Record<string, readonly T[]> => (list.length ? { [key]: list } : {})

/** `/api`: the versions of the core group. `address` is where clients reach the server. */
export const apiVersions = (core: Group | undefined, address: string) => ({
  kind: 'APIVersions',
  versions: core?.versions.map(v => v.version) ?? [],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
})

const groupBody = (group: Group) => {
  const versions = group.versions.map(({ version }) => ({ groupVersion: gv(group.name, version), version }))
  return { name: group.name, versions, preferredVersion: versions[0] }
}
/** `/apis`. */
export const apiGroupList = (groups: readonly Group[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(group => group.name).map(groupBody),
})
/** `/apis/GROUP`. */
export const apiGroup = (group: Group) => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) })

/** The order of the members is what scripts look for. */
const resourceBody = (resource: ResourceEntry) => ({
  name: resource.name,
  singularName: resource.singular,
  namespaced: resource.namespaced,
  kind: resource.kind,
  verbs: resource.verbs,
  ...some('shortNames', resource.shortNames),
  ...some('categories', resource.categories),
  ...(resource.verbs.includes('get') && { storageVersionHash: resource.storageVersionHash }),
})

/** `/api/v1`, `/apis/GROUP/VERSION`. */
export const apiResourceList = ({ group, version, resources }: GroupVersion) => ({
  kind: 'APIResourceList',
  ...(group && { apiVersion: 'v1' }),
  groupVersion: gv(group, version),
  resources: resources.flatMap(resource => [
    // A resource without verbs is only the place of its subresources.
    ...(resource.verbs.length > 0 ? [resourceBody(resource)] : []),
    ...resource.subresources.map(({ name, kind, verbs }) => ({
      name: `${resource.name}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...((kind.group !== group || kind.version !== version) && { ...(kind.group && { group: kind.group }), version: kind.version }),
      kind: kind.kind,
      verbs,
    })),
  ]),
})

/** `/api` and `/apis` for those who ask for everything at once. */
export const aggregated = (groups: readonly Group[], version: 'v2' | 'v2beta1') => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(group => ({
    metadata: group.name ? { name: group.name, creationTimestamp: null } : { creationTimestamp: null },
    versions: group.versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(resource => ({
        resource: resource.name,
        ...(resource.verbs.length > 0 && { responseKind: { group: group.name, version, kind: resource.kind } }),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singular,
        verbs: resource.verbs,
        ...some('shortNames', resource.shortNames),
        ...some('categories', resource.categories),
        ...(resource.subresources.length && {
          subresources: resource.subresources.map(({ name, kind, verbs }) => ({
            subresource: name,
            responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
            verbs,
          })),
        }),
      })),
      freshness: 'Current',
    })),
  })),
})
