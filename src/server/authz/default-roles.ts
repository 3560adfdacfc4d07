import type { AggregationRule, PolicyRule, Subject } from '../../api/types/rbac.ts'
import { CLIENT_SIGNER, NODE_SIGNER } from '../../judge/certificates/plan.ts'

/** A role that exists from the first start and is brought up to date at every start, as upstream reconciles its own. */
export interface DefaultRole {
  readonly name: string
  readonly rules: readonly PolicyRule[]
  readonly aggregationRule?: AggregationRule
  readonly labels?: Readonly<Record<string, string>>
  /** A role of this namespace alone, and bound there. */
  readonly namespace?: string
  /** Bound to these: cluster-wide unless it is of a namespace. */
  readonly subjects?: readonly Subject[]
}

const READ = ['get', 'list', 'watch']
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']
const ALL = ['*']
const can = (verbs: readonly string[], group: string, ...resources: readonly string[]): PolicyRule => ({ verbs, apiGroups: [group], resources })
const path = (...nonResourceURLs: readonly string[]): PolicyRule => ({ verbs: ['get'], nonResourceURLs })
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name })
const user = (name: string): Subject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', namespace: 'kube-system', name })

const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/']
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/']
const RBAC = 'rbac.authorization.k8s.io'
const CORE_VIEW = [
  'bindings',
  'configmaps',
  'endpoints',
  'events',
  'limitranges',
  'namespaces',
  'namespaces/status',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'pods',
  'pods/log',
  'pods/status',
  'replicationcontrollers',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'services/status',
]
const APPS_VIEW = [
  'controllerrevisions',
  'daemonsets',
  'daemonsets/status',
  'daemonsets/placement',
  'deployments',
  'deployments/scale',
  'deployments/status',
  'replicasets',
  'replicasets/scale',
  'replicasets/status',
]

const aggregate = (to: string): AggregationRule => ({ clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' } }] })
const aggregated = (to: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' })

const PEOPLE: readonly DefaultRole[] = [
  {
    name: 'cluster-admin',
    rules: [
      { verbs: ALL, apiGroups: ALL, resources: ALL },
      { verbs: ALL, nonResourceURLs: ALL },
    ],
    subjects: [group('system:masters')],
  },
  { name: 'admin', rules: [], aggregationRule: aggregate('admin') },
  { name: 'edit', rules: [], aggregationRule: aggregate('edit'), labels: aggregated('admin') },
  { name: 'view', rules: [], aggregationRule: aggregate('view'), labels: aggregated('edit') },
  {
    name: 'system:aggregate-to-admin',
    labels: aggregated('admin'),
    rules: [can(['create'], 'authorization.k8s.io', 'localsubjectaccessreviews'), can([...READ, ...WRITE], RBAC, 'roles', 'rolebindings')],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: aggregated('edit'),
    rules: [
      can(READ, '', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'),
      can(['impersonate'], '', 'serviceaccounts'),
      can(WRITE, '', 'pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'pods/ephemeralcontainers', 'pods/resize'),
      can(['create'], '', 'pods/eviction', 'serviceaccounts/token'),
      can(WRITE, '', 'configmaps', 'endpoints', 'events', 'persistentvolumeclaims', 'secrets', 'serviceaccounts', 'services', 'services/proxy'),
      can(WRITE, 'apps', 'daemonsets', 'deployments', 'deployments/rollback', 'deployments/scale', 'replicasets', 'replicasets/scale'),
      can(WRITE, 'batch', 'cronjobs', 'jobs'),
      can(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
      can(WRITE, 'networking.k8s.io', 'ingresses', 'networkpolicies'),
      can(WRITE, 'policy', 'poddisruptionbudgets'),
      can([...READ, ...WRITE], 'coordination.k8s.io', 'leases'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    labels: aggregated('view'),
    rules: [
      can(READ, '', ...CORE_VIEW),
      can(READ, 'apps', ...APPS_VIEW),
      can(READ, 'batch', 'cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'),
      can(READ, 'autoscaling', 'horizontalpodautoscalers', 'horizontalpodautoscalers/status'),
      can(READ, 'networking.k8s.io', 'ingresses', 'ingresses/status', 'networkpolicies'),
      can(READ, 'policy', 'poddisruptionbudgets', 'poddisruptionbudgets/status'),
      can(READ, 'discovery.k8s.io', 'endpointslices'),
      can(['get'], 'everynode.dev', 'daemonsets/placement'),
      can(['get', 'list'], 'metrics.k8s.io', 'nodes', 'pods'),
    ],
  },
  { name: 'system:discovery', rules: [path(...DISCOVERY)], subjects: [group('system:authenticated')] },
  { name: 'system:public-info-viewer', rules: [path(...HEALTH)], subjects: [group('system:authenticated'), group('system:unauthenticated')] },
  {
    name: 'system:basic-user',
    rules: [
      can(['create'], 'authorization.k8s.io', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'),
      can(['create'], 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
    subjects: [group('system:authenticated')],
  },
  {
    name: 'system:monitoring',
    rules: [path('/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/resource', '/metrics/slis', '/readyz', '/readyz/*')],
    subjects: [group('system:monitoring')],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [path('/.well-known/openid-configuration', '/openid/v1/jwks')],
    subjects: [group('system:serviceaccounts')],
  },
  {
    name: 'system:auth-delegator',
    rules: [can(['create'], 'authentication.k8s.io', 'tokenreviews'), can(['create'], 'authorization.k8s.io', 'subjectaccessreviews')],
  },
]

const NODES: readonly DefaultRole[] = [
  {
    name: 'system:node-bootstrapper',
    rules: [can(['create', 'get', 'list', 'watch'], 'certificates.k8s.io', 'certificatesigningrequests')],
    subjects: [group('system:bootstrappers')],
  },
  {
    name: 'system:node-bootstrapper-spent',
    rules: [can(['get'], 'certificates.k8s.io', 'certificatesigningrequests')],
    subjects: [group('system:bootstrappers:everynode:spent')],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [can(['create'], 'certificates.k8s.io', 'certificatesigningrequests/nodeclient')],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [can(['create'], 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient')],
  },
]

const EVENTS: readonly PolicyRule[] = [{ verbs: ['create', 'patch', 'update'], apiGroups: ['', 'events.k8s.io'], resources: ['events'] }]
/**
 * A controller runs as a ServiceAccount of kube-system and may do this much. What it looks at all the time it sees in the
 * copies that all controllers share, which are somebody else's reading.
 */
const controller = (name: string, ...rules: readonly PolicyRule[]): DefaultRole => ({ name: `system:controller:${name}`, rules, subjects: [account(name)] })

const CONTROLLERS: readonly DefaultRole[] = [
  {
    name: 'system:kube-controller-manager',
    rules: [{ verbs: ['list', 'watch'], apiGroups: ALL, resources: ALL }],
    subjects: [user('system:kube-controller-manager')],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      ...EVENTS,
      can(['create'], '', 'bindings', 'pods/binding'),
      can([...READ, 'delete'], '', 'pods'),
      can(['patch', 'update'], '', 'pods/status'),
      can(READ, '', 'nodes', 'namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'replicationcontrollers', 'services'),
      can(READ, 'apps', 'replicasets', 'statefulsets'),
      can(READ, 'policy', 'poddisruptionbudgets'),
      can(READ, 'storage.k8s.io', 'csinodes', 'csidrivers', 'storageclasses', 'volumeattachments'),
      can(['create'], 'coordination.k8s.io', 'leases'),
      { ...can(['get', 'update'], 'coordination.k8s.io', 'leases'), resourceNames: ['kube-scheduler'] },
    ],
    subjects: [user('system:kube-scheduler')],
  },
  controller(
    'daemon-set-controller',
    can(READ, 'apps', 'daemonsets'),
    can(['update'], 'apps', 'daemonsets/status', 'daemonsets/finalizers'),
    can(['list', 'watch'], '', 'nodes'),
    can(['list', 'watch', 'create', 'delete', 'patch'], '', 'pods'),
    can(['create'], '', 'pods/binding'),
    can([...READ, 'create', 'delete', 'patch', 'update'], 'apps', 'controllerrevisions'),
    ...EVENTS,
  ),
  controller(
    'deployment-controller',
    can([...READ, 'update'], 'apps', 'deployments'),
    can(['update'], 'apps', 'deployments/status', 'deployments/finalizers'),
    can(['patch'], 'apps', 'deployments/status'),
    can([...READ, 'create', 'delete', 'patch', 'update'], 'apps', 'replicasets'),
    can([...READ, 'update'], '', 'pods'),
    ...EVENTS,
  ),
  controller(
    'replicaset-controller',
    can([...READ, 'update'], 'apps', 'replicasets'),
    can(['update'], 'apps', 'replicasets/status', 'replicasets/finalizers'),
    can(['list', 'watch', 'create', 'delete', 'patch'], '', 'pods'),
    ...EVENTS,
  ),
  controller(
    'node-controller',
    can([...READ, 'delete', 'patch', 'update'], '', 'nodes'),
    can(['patch', 'update'], '', 'nodes/status', 'pods/status'),
    can([...READ, 'delete'], '', 'pods'),
    ...EVENTS,
  ),
  controller('pod-garbage-collector', can(['list', 'watch', 'delete'], '', 'pods'), can(READ, '', 'nodes'), can(['patch'], '', 'pods/status')),
  controller('generic-garbage-collector', { verbs: [...READ, 'delete', 'patch', 'update'], apiGroups: ALL, resources: ALL }, ...EVENTS),
  controller('namespace-controller', can([...READ, 'delete'], '', 'namespaces'), can(['update'], '', 'namespaces/finalize', 'namespaces/status'), {
    verbs: ['get', 'list', 'watch', 'delete', 'deletecollection'],
    apiGroups: ALL,
    resources: ALL,
  }),
  controller('service-account-controller', can(['create'], '', 'serviceaccounts'), ...EVENTS),
  controller('volume-protection-controller', can(['update'], '', 'persistentvolumeclaims', 'persistentvolumes')),
  controller('root-ca-cert-publisher', can(['create', 'update'], '', 'configmaps'), ...EVENTS),
  controller(
    'endpoint-controller',
    can(READ, '', 'pods', 'services'),
    can([...READ, 'create', 'delete', 'update'], '', 'endpoints'),
    can(['create'], '', 'endpoints/restricted'),
    ...EVENTS,
  ),
  controller(
    'endpointslice-controller',
    can(READ, '', 'pods', 'services', 'nodes'),
    can([...READ, 'create', 'delete', 'update'], 'discovery.k8s.io', 'endpointslices'),
    ...EVENTS,
  ),
  controller(
    'disruption-controller',
    can(READ, 'policy', 'poddisruptionbudgets'),
    can(['update'], 'policy', 'poddisruptionbudgets/status'),
    can(READ, 'apps', 'deployments', 'replicasets'),
    can(['patch', 'update'], '', 'pods/status'),
    { verbs: ['get'], apiGroups: ALL, resources: ['*/scale'] },
    ...EVENTS,
  ),
  controller('clusterrole-aggregation-controller', can([...READ, 'patch', 'update', 'escalate'], RBAC, 'clusterroles')),
  controller(
    'certificate-controller',
    can([...READ, 'delete'], 'certificates.k8s.io', 'certificatesigningrequests'),
    can(['update'], 'certificates.k8s.io', 'certificatesigningrequests/status', 'certificatesigningrequests/approval'),
    { ...can(['approve'], 'certificates.k8s.io', 'signers'), resourceNames: [NODE_SIGNER, CLIENT_SIGNER] },
    { ...can(['sign'], 'certificates.k8s.io', 'signers'), resourceNames: [NODE_SIGNER, CLIENT_SIGNER] },
    can(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
    ...EVENTS,
  ),
  // The hashes of nodes' keys and the uses that are left of join tokens.
  { ...controller('certificate-controller', can(['get', 'create', 'update', 'patch'], '', 'secrets')), namespace: 'kube-system' },
]

/** Nodes that only pretend, all of them one process's. */
const SIMULATED: DefaultRole = {
  name: 'system:everynode:simulated-nodes',
  rules: [
    can([...READ, 'create', 'update', 'patch'], '', 'nodes'),
    can(['patch', 'update'], '', 'nodes/status', 'pods/status'),
    can([...READ, 'delete'], '', 'pods'),
    can(['get', 'create', 'update', 'patch'], 'coordination.k8s.io', 'leases'),
    ...EVENTS,
  ],
  subjects: [user('system:everynode:simulated-nodes')],
}

export const DEFAULT_ROLES: readonly DefaultRole[] = [...PEOPLE, ...NODES, ...CONTROLLERS, SIMULATED]
