/** Rules of the smaller kinds: what is refused, by field. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindNamed, problemsOfNew, problemsOfUpdate, read } from './rules-testing.ts'

const fields = (errors: readonly { readonly field: string }[]): string => errors.map(e => e.field).join(' ')

const RBAC = 'rbac.authorization.k8s.io'
const MEBIBYTE = 1024 * 1024

const creates: readonly (readonly [kind: string, says: string, said: object, wrong: string])[] = [
  ['ConfigMap', 'keys that are file names', { data: { 'a.b': 'c' }, binaryData: { d: 'AA==' } }, ''],
  ['ConfigMap', 'a key that is no file name', { data: { 'a/b': 'c' } }, 'data[a/b]'],
  ['ConfigMap', 'a key twice', { data: { a: 'c' }, binaryData: { a: 'AA==' } }, 'data[a]'],
  ['ConfigMap', 'a key that every object inherits', { data: { constructor: 'c', toString: 'd' }, binaryData: { d: 'AA==' } }, ''],
  ['ConfigMap', 'more than a mebibyte', { data: { a: 'x'.repeat(MEBIBYTE), b: 'y' } }, 'data'],
  ['ConfigMap', 'just a mebibyte', { data: { a: 'x'.repeat(MEBIBYTE) } }, ''],
  ['Secret', 'text beside data', { stringData: { a: 'ä' } }, ''],
  ['Secret', 'TLS and no key', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, 'data[tls.key]'],
  [
    'Secret',
    'a docker configuration that is no JSON',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } },
    'data[.dockerconfigjson]',
  ],
  ['Secret', 'a token of nobody', { type: 'kubernetes.io/service-account-token' }, 'metadata.annotations[kubernetes.io/service-account.name]'],
  ['Service', 'a port', { spec: { ports: [{ port: 80 }] } }, ''],
  ['Service', 'no port', { spec: { selector: { a: 'b' } } }, 'spec.ports'],
  ['Service', 'no port and no address', { spec: { clusterIP: 'None' } }, ''],
  ['Service', 'two ports without names', { spec: { ports: [{ port: 80 }, { port: 81 }] } }, 'spec.ports[0].name spec.ports[1].name'],
  ['Service', 'a node port inside', { spec: { ports: [{ port: 80, nodePort: 30000 }] } }, 'spec.ports[0].nodePort'],
  ['Service', 'an address that is none', { spec: { clusterIP: 'here', ports: [{ port: 80 }] } }, 'spec.clusterIPs[0]'],
  ['Service', 'another name and not which', { spec: { type: 'ExternalName' } }, 'spec.externalName'],
  ['Service', 'a type nobody knows', { spec: { type: 'Pigeon', ports: [{ port: 80 }] } }, 'spec.type'],
  ['Namespace', 'a dot in its name', { metadata: { name: 'a.b' } }, 'metadata.name'],
  ['Node', 'an address for its name', { metadata: { name: '10.0.10.5' } }, ''],
  [
    'Node',
    'one taint twice',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', value: 'x', effect: 'NoSchedule' },
        ],
      },
    },
    'spec.taints[1]',
  ],
  ['Node', 'an effect nobody knows', { spec: { taints: [{ key: 'a', effect: 'Sometimes' }] } }, 'spec.taints[0].effect'],
  ['Endpoints', 'an address of the machine itself', { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] }, 'subsets[0].addresses[0].ip'],
  ['Endpoints', 'nothing to reach', { subsets: [{}] }, 'subsets[0]'],
  [
    'EndpointSlice@discovery.k8s.io',
    'another family',
    { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] },
    'endpoints[0].addresses endpoints[0].addresses[0]',
  ],
  ['EndpointSlice@discovery.k8s.io', 'no family', { endpoints: [] }, 'addressType'],
  ['Lease@coordination.k8s.io', 'no time', { spec: { leaseDurationSeconds: 0 } }, 'spec.leaseDurationSeconds'],
  ['PriorityClass@scheduling.k8s.io', 'more than a user may', { value: 1_000_000_001 }, 'value'],
  ['PriorityClass@scheduling.k8s.io', 'a name of the system', { metadata: { name: 'system-mine' }, value: 1 }, 'metadata.name'],
  ['PriorityClass@scheduling.k8s.io', 'the value of the system', { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 }, ''],
  [`Role@${RBAC}`, 'a colon in its name', { metadata: { name: 'system:a' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, ''],
  [`Role@${RBAC}`, 'a rule of nothing', { rules: [{}] }, 'rules[0].verbs rules[0].apiGroups rules[0].resources'],
  [`Role@${RBAC}`, 'a path', { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] }, 'rules[0].nonResourceURLs'],
  [`ClusterRole@${RBAC}`, 'a path', { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] }, ''],
  [
    `ClusterRoleBinding@${RBAC}`,
    'an account of nowhere and a role of a namespace',
    { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'a' }] },
    'roleRef.kind subjects[0].namespace',
  ],
  [`RoleBinding@${RBAC}`, 'a user', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'a' }] }, ''],
  ['Event', 'an object of another namespace', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } }, 'involvedObject.namespace'],
  ['PodDisruptionBudget@policy', 'both numbers', { spec: { minAvailable: 1, maxUnavailable: '101%' } }, 'spec spec.maxUnavailable'],
  [
    'Deployment@apps',
    'no room to change',
    {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } },
      },
    },
    'spec.strategy.rollingUpdate.maxUnavailable',
  ],
  [
    'CertificateSigningRequest@certificates.k8s.io',
    'no request in it',
    { spec: { request: 'AA==', signerName: 'mine', usages: ['fly'] } },
    'spec.request spec.signerName spec.usages[0]',
  ],
  ['Ingress@networking.k8s.io', 'nothing to do', { spec: {} }, 'spec'],
  [
    'Ingress@networking.k8s.io',
    'an address for a host and a relative path',
    {
      spec: { rules: [{ host: '10.0.0.1', http: { paths: [{ path: 'a', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } }] },
    },
    'spec.rules[0].host spec.rules[0].http.paths[0].path',
  ],
  [
    'NetworkPolicy@networking.k8s.io',
    'a peer of two sorts',
    { spec: { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/33' } }] }] } },
    'spec.ingress[0].from[0].ipBlock.cidr spec.ingress[0].from[0]',
  ],
  [
    'NetworkPolicy@networking.k8s.io',
    'an exception that is no part',
    { spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '11.0.0.0/16', '10.0.0.0/8', 'fd00::/64'] } }] }] } },
    [1, 2, 3].map(i => `spec.ingress[0].from[0].ipBlock.except[${i}]`).join(' '),
  ],
  ['PersistentVolumeClaim', 'no wish', { spec: {} }, 'spec.accessModes spec.resources[storage]'],
  [
    'PersistentVolume',
    'two places',
    { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a' }, nfs: { server: 's', path: '/b' } } },
    'spec.nfs',
  ],
  [
    'PersistentVolume',
    'a path that goes up',
    { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a/../b' } } },
    'spec.hostPath.path',
  ],
  [
    'CronJob@batch',
    'a zone that is none',
    {
      spec: {
        schedule: '@daily',
        timeZone: 'Europe/Nowhere',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } },
      },
    },
    'spec.timeZone',
  ],
  ['Job@batch', 'pods that never end', { spec: { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } } }, 'spec.template.spec.restartPolicy'],
  [
    'CronJob@batch',
    'a schedule that is none',
    { spec: { schedule: 'now and then', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } } } },
    'spec.schedule',
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    'less room than it needs',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, minReplicas: 3, maxReplicas: 2 } },
    'spec.maxReplicas',
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    'measures without aims',
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        maxReplicas: 2,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
          { type: 'Pods', pods: { metric: { name: '' }, target: { type: 'AverageValue', averageValue: '0' } } },
          { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Some', value: '1', averageValue: '1' } } },
        ],
      },
    },
    [
      'spec.metrics[0].resource.target.averageUtilization',
      'spec.metrics[1].pods.metric.name spec.metrics[1].pods.target.averageValue spec.metrics[1].pods.target.averageValue',
      'spec.metrics[2].external.target.type spec.metrics[2].external.target.value',
    ].join(' '),
  ],
  ['StorageClass@storage.k8s.io', 'nobody who provides', { reclaimPolicy: 'Burn' }, 'provisioner reclaimPolicy'],
  ['CSIDriver@storage.k8s.io', 'a mode nobody knows', { spec: { volumeLifecycleModes: ['Eternal'] } }, 'spec.volumeLifecycleModes'],
  ['VolumeAttachment@storage.k8s.io', 'nothing to attach', { spec: { attacher: 'a', nodeName: 'n', source: {} } }, 'spec.source'],
]
for (const [name, says, said, wrong] of creates) {
  test(`a ${name.split('@')[0]} with ${says} is ${wrong ? `refused at ${wrong}` : 'right'}`, () => {
    assert.equal(fields(problemsOfNew(name, said)), wrong)
  })
}

const ports = [{ port: 80 }]
const updates: readonly (readonly [kind: string, says: string, before: object, after: object, wrong: string])[] = [
  ['ConfigMap', 'data that are locked', { immutable: true, data: { a: 'b' } }, { immutable: true, data: { a: 'c' } }, 'data'],
  ['ConfigMap', 'the lock', { immutable: true, data: { a: 'b' } }, { data: { a: 'b' } }, 'immutable'],
  ['ConfigMap', 'labels of locked data', { immutable: true, data: { a: 'b' } }, { immutable: true, data: { a: 'b' }, metadata: { labels: { c: 'd' } } }, ''],
  ['Secret', 'the type', { type: 'Opaque' }, { type: 'mine' }, 'type'],
  ['Service', 'the address', { spec: { clusterIP: '10.0.0.1', ports } }, { spec: { clusterIP: '10.0.0.2', ports } }, 'spec.clusterIPs[0]'],
  ['Service', 'a port without a word of the address', { spec: { clusterIP: '10.0.0.1', ports } }, { spec: { ports: [{ port: 81 }] } }, ''],
  [
    'Service',
    'the type from outside to inside, and nothing else',
    { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30000 }] } },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.0.0.1',
        allocateLoadBalancerNodePorts: true,
        externalTrafficPolicy: 'Cluster',
        ports: [{ port: 80, nodePort: 30000 }],
      },
    },
    '',
  ],
  [
    'Service',
    'a sticky session to none',
    { spec: { sessionAffinity: 'ClientIP', ports } },
    { spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } }, ports } },
    '',
  ],
  ['PriorityClass@scheduling.k8s.io', 'the value', { value: 1 }, { value: 2 }, 'value'],
  [`RoleBinding@${RBAC}`, 'the role', { roleRef: { kind: 'Role', name: 'r' } }, { roleRef: { kind: 'Role', name: 's' } }, 'roleRef'],
  ['EndpointSlice@discovery.k8s.io', 'the family', { addressType: 'IPv4' }, { addressType: 'IPv6' }, 'addressType'],
  ['Node', 'the provider', { spec: { providerID: 'a' } }, { spec: { providerID: 'b' } }, 'spec.providerID'],
]
for (const [name, says, before, after, wrong] of updates) {
  test(`an update of a ${name.split('@')[0]} ${wrong ? 'may not' : 'may'} change ${says}`, () => {
    assert.equal(fields(problemsOfUpdate(name, before, after)), wrong)
  })
}

test('text beside the data of a secret is written into them', () => {
  const secret = read(kindNamed('Secret'), { data: { a: 'AA==' }, stringData: { a: 'ä', b: '' } }) as unknown as { data: object; stringData?: object }
  assert.deepEqual([secret.data, secret.stringData], [{ a: 'w6Q=', b: '' }, undefined])
})

test('a new namespace is active, labelled with its name and held by its finalizer', () => {
  const { metadata, spec, status } = read(kindNamed('Namespace'), {}) as unknown as { metadata: { labels: object }; spec: object; status: object }
  assert.deepEqual([metadata.labels, spec, status], [{ 'kubernetes.io/metadata.name': 'x' }, { finalizers: ['kubernetes'] }, { phase: 'Active' }])
})
