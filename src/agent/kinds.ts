import type { KindRef } from '../api/kinds/kind.ts'
import type { Lease } from '../api/types/coordination.ts'
import type { ConfigMap, Secret } from '../api/types/core/config.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { Service } from '../api/types/core/service.ts'
import type { ServiceAccount } from '../api/types/core/service-account.ts'

/** The kinds an agent speaks of, without their schemas: an idle agent loads nothing it does not need. */
const core = (kind: string, resource: string, namespaced = true) => ({ group: '', version: 'v1', kind, resource, namespaced })

export const Pods: KindRef<Pod> = core('Pod', 'pods')
export const Nodes: KindRef<Node> = core('Node', 'nodes', false)
export const ConfigMaps: KindRef<ConfigMap> = core('ConfigMap', 'configmaps')
export const Secrets: KindRef<Secret> = core('Secret', 'secrets')
export const Services: KindRef<Service> = core('Service', 'services')
export const ServiceAccounts: KindRef<ServiceAccount> = core('ServiceAccount', 'serviceaccounts')
export const Leases: KindRef<Lease> = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', namespaced: true }
