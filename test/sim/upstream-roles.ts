import type { PolicyRule } from '../../src/api/types/rbac.ts'

/** `VERBS GROUP/RESOURCES`: `get,list apps/daemonsets,replicasets`; the core group is empty. */
export function rulesOf(lines: readonly string[]): readonly PolicyRule[] {
  return lines.map(line => {
    const [verbs = '', what = ''] = line.split(' ')
    const slash = what.indexOf('/')
    return { verbs: verbs.split(','), apiGroups: [what.slice(0, slash)], resources: what.slice(slash + 1).split(',') }
  })
}

const READ = 'get,list,watch'
const EVENTS = ['create,patch,update /events', 'create,patch,update events.k8s.io/events']

/** What upstream's default roles (kubernetes 1.36, bootstrappolicy) let those controllers do that are here too. */
export const UPSTREAM: Readonly<Record<string, readonly string[]>> = {
  'system:kube-controller-manager': ['list,watch */*'],
  'system:kube-scheduler': [
    ...EVENTS,
    'create coordination.k8s.io/leases',
    'get,update coordination.k8s.io/leases',
    `${READ} /nodes,namespaces,persistentvolumes,persistentvolumeclaims,replicationcontrollers,services`,
    `${READ},delete /pods`,
    'create /bindings,pods/binding',
    'patch,update /pods/status',
    `${READ} apps/replicasets,statefulsets`,
    `${READ} policy/poddisruptionbudgets`,
    `${READ} storage.k8s.io/csinodes,csidrivers,csistoragecapacities,storageclasses,volumeattachments`,
  ],
  'system:controller:daemon-set-controller': [
    `${READ} apps/daemonsets`,
    'update apps/daemonsets/status,daemonsets/finalizers',
    'list,watch /nodes',
    'list,watch,create,delete,patch /pods',
    'create /pods/binding',
    `${READ},create,delete,patch,update apps/controllerrevisions`,
    ...EVENTS,
  ],
  'system:controller:deployment-controller': [
    `${READ},update apps/deployments`,
    'update apps/deployments/status,deployments/finalizers',
    `${READ},create,delete,patch,update apps/replicasets`,
    `${READ},update /pods`,
    ...EVENTS,
  ],
  'system:controller:replicaset-controller': [
    `${READ},update apps/replicasets`,
    'update apps/replicasets/status,replicasets/finalizers',
    'list,watch,create,delete,patch /pods',
    ...EVENTS,
  ],
  'system:controller:node-controller': [`${READ},delete,patch,update /nodes`, 'patch,update /nodes/status,pods/status', `${READ},delete /pods`, ...EVENTS],
  'system:controller:pod-garbage-collector': ['list,watch,delete /pods', `${READ} /nodes`, 'patch /pods/status'],
  'system:controller:generic-garbage-collector': [`${READ},delete,patch,update */*`, ...EVENTS],
  'system:controller:namespace-controller': [
    `${READ},delete /namespaces`,
    'update /namespaces/finalize,namespaces/status',
    `${READ},delete,deletecollection */*`,
  ],
  'system:controller:service-account-controller': ['create /serviceaccounts', ...EVENTS],
  'system:controller:root-ca-cert-publisher': ['create,update /configmaps', ...EVENTS],
  'system:controller:endpoint-controller': [`${READ} /pods,services`, `${READ},create,delete,update /endpoints`, 'create /endpoints/restricted', ...EVENTS],
  'system:controller:endpointslice-controller': [
    `${READ} /nodes,pods,services`,
    'update /services/finalizers',
    `${READ},create,delete,update discovery.k8s.io/endpointslices`,
    ...EVENTS,
  ],
  'system:controller:disruption-controller': [
    `${READ} apps/deployments,replicasets,statefulsets`,
    `${READ} /replicationcontrollers`,
    `${READ} policy/poddisruptionbudgets`,
    'update policy/poddisruptionbudgets/status',
    'patch,update /pods/status',
    'get */*/scale',
    ...EVENTS,
  ],
  'system:controller:clusterrole-aggregation-controller': [`${READ},patch,update,escalate rbac.authorization.k8s.io/clusterroles`],
  'system:controller:certificate-controller': [
    `${READ},delete certificates.k8s.io/certificatesigningrequests`,
    'update certificates.k8s.io/certificatesigningrequests/approval,certificatesigningrequests/status',
    // For its own signers by name, as ours.
    'approve,sign certificates.k8s.io/signers',
    'create authorization.k8s.io/subjectaccessreviews',
    ...EVENTS,
  ],
}
