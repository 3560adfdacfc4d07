/** Refusals whole, as upstream words them: the field, the rule and the value. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindNamed, problemsOfNew, problemsOfUpdate, read } from './rules-testing.ts'

const lines = (errors: readonly { readonly field: string; readonly message: string }[]): readonly string[] => errors.map(e => `${e.field}: ${e.message}`)
const ports = [{ port: 80 }]
const service = (spec: object) => ({ spec: { ports, ...spec } })
const BALANCED = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, externalTrafficPolicy: 'Cluster' }
const volume = (spec: object) => ({ spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec } })
const hostPath = { path: '/a' }
const claim = (spec: object) => ({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
const STORAGE = 'storage.k8s.io'
const POD = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] }
const job = (spec: object, pod: object = POD) => ({ spec: { template: { spec: pod }, ...spec } })
const owned = (spec: object, pod: object = POD) => ({
  spec: { manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: pod }, ...spec },
})
const cron = (schedule: string) => ({ spec: { schedule, jobTemplate: job({}) } })
const pod = (container: object, spec: object = {}) => ({
  spec: { containers: [{ name: 'c', image: 'i', terminationMessagePolicy: 'File', ...container }], ...spec },
})
const volumed = (source: object) => pod({}, { volumes: [{ name: 'v', ...source }] })
const owner = (apiVersion: string) => ({ metadata: { ownerReferences: [{ apiVersion, kind: 'K', name: 'n', uid: 'u' }] } })
const huge = (amount: string) => ({ cpu: '1', 'hugepages-2Mi': amount })
const stateful = (spec: object, container: object = {}) => ({
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, ...pod(container) }, ...spec },
})
const claimed = (spec: object) => ({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }] })
const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const replicated = (selector: object) => ({ spec: { selector, template: { metadata: { labels: { a: 'b' } }, ...pod({}) } } })
const SOURCE = { kind: 'PersistentVolumeClaim', name: 'c' }
const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const scaler = (spec: object) => ({ spec: { scaleTargetRef: TARGET, maxReplicas: 2, ...spec } })
const NETWORKING = 'networking.k8s.io'
const policy = (port: object) => ({ spec: { podSelector: {}, ingress: [{ ports: [port] }] } })
const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } }
const definition = (version: object) => ({
  metadata: { name: 'foos.ex.io' },
  spec: {
    group: 'ex.io',
    scope: 'Cluster',
    names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }],
  },
})
const converted = (conversion: object) => {
  const { metadata, spec } = definition({})
  return { metadata, spec: { ...spec, conversion } }
}
const SUBDOMAIN = 'a lowercase RFC 1123 subdomain must consist of'
const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

const news: readonly (readonly [kind: string, said: object, ...wrong: string[]])[] = [
  ['Service', service({ clusterIP: '10.0.0.256' }), `spec.clusterIPs[0]: Invalid value: "10.0.0.256": ${IP}`],
  ['Service', service({ clusterIP: '10.0.0.01' }), 'spec.clusterIPs[0]: Invalid value: "10.0.0.01": must not have leading 0s'],
  [
    'Service',
    service({ clusterIPs: ['10.0.0.1', '10.0.0.2'] }),
    'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
  ],
  [
    'Service',
    service({ clusterIP: 'fd00::1', ipFamilies: ['IPv4', 'IPv4'] }),
    'spec.ipFamilies[1]: Duplicate value: "IPv4"',
    'spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`',
  ],
  [
    'Service',
    service({ externalIPs: ['127.0.0.1'], externalTrafficPolicy: 'Cluster' }),
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    'Service',
    service({ externalTrafficPolicy: 'Local' }),
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    'Service',
    service({ ...BALANCED, loadBalancerSourceRanges: ['10.1.0.0/8'] }),
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.1.0.0/8": must not have bits set beyond the prefix length',
  ],
  ['Service', service({ ...BALANCED, loadBalancerClass: 'a/b/c' }), 'spec.loadBalancerClass: Invalid value: "a/b/c": a valid label key must consist of'],
  [
    'Service',
    service({ healthCheckNodePort: 1 }),
    "spec.healthCheckNodePort: Invalid value: 1: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    'Service',
    { spec: { type: 'ExternalName', externalName: 'Bad', ipFamilies: ['IPv4'] } },
    'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
    'spec.externalName: Invalid value: "Bad": a lowercase RFC 1123 subdomain must',
  ],
  ['PersistentVolume', volume({}), 'spec: Required value: must specify a volume type'],
  ['PersistentVolume', volume({ hostPath, capacity: { cpu: '1' } }), 'spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
  [
    'PersistentVolume',
    volume({ hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
  ],
  ['PersistentVolume', volume({ csi: { driver: 'd', volumeHandle: '' } }), 'spec.csi.volumeHandle: Required value'],
  [
    'PersistentVolume',
    volume({ csi: { driver: 'd', volumeHandle: 'h', nodeExpandSecretRef: { name: 's' } } }),
    'spec.csi.nodeExpandSecretRef.namespace: Required value',
  ],
  ['PersistentVolume', volume({ local: { path: '/a' } }), 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ['PersistentVolumeClaim', claim({ accessModes: [] }), 'spec.accessModes: Required value: at least 1 access mode is required'],
  [
    'PersistentVolumeClaim',
    claim({ dataSourceRef: { kind: 'VolumeSnapshot', name: 's' } }),
    `spec.dataSource: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
    `spec.dataSourceRef: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
  ],
  [
    `StorageClass@${STORAGE}`,
    { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [] }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
  ],
  [
    `CSIDriver@${STORAGE}`,
    { spec: { nodeAllocatableUpdatePeriodSeconds: 9 } },
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
  ],
  [`CSINode@${STORAGE}`, { spec: { drivers: [{ name: 'd', nodeID: '' }] } }, 'spec.drivers[0].nodeID: Required value'],
  [
    `VolumeAttachment@${STORAGE}`,
    { spec: { attacher: 'a', nodeName: 'n', source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], hostPath } } } },
    'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
  ],
  [
    'Job@batch',
    job({ maxFailedIndexes: 1 }),
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
  ],
  ['Job@batch', job({ managedBy: 'me' }), 'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  [
    'Job@batch',
    job({ completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededIndexes: '0,2' }] } }),
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,2": error parsing succeededIndexes: too large index: "2"',
  ],
  [
    'Job@batch',
    job({ podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [2, 0] } }] } }),
    'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
    'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0]: must be ordered',
  ],
  [
    'Job@batch',
    job({ podFailurePolicy: { rules: [{ action: '' }] } }),
    'spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
  ],
  [
    'Pod',
    pod({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'S', key: 'k' } } }] }),
    `spec.containers[0].env[0].valueFrom.secretKeyRef.name: Invalid value: "S": ${SUBDOMAIN}`,
  ],
  ['Pod', pod({ envFrom: [{ configMapRef: { name: 'C' } }] }), `spec.containers[0].envFrom[0].configMapRef.name: Invalid value: "C": ${SUBDOMAIN}`],
  ['Pod', pod({ envFrom: [{ secretRef: {} }] }), 'spec.containers[0].envFrom[0].secretRef.name: Required value'],
  [
    'Pod',
    pod({ resizePolicy: [1, 2].map(() => ({ resourceName: 'cpu', restartPolicy: 'NotRequired' })) }),
    'spec.containers[0].resizePolicy[1].resourceName: Duplicate value: "cpu"',
  ],
  [
    'Pod',
    pod({ resources: { limits: huge('3Mi'), requests: huge('3Mi') } }),
    'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
  ],
  [
    'Pod',
    pod({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.fun', divisor: '1m' } } }] }),
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.fun": supported values: "limits.cpu"',
  ],
  [
    'Pod',
    volumed({ nfs: { server: 's' } }),
    'spec.volumes[0].nfs.path: Required value',
    'spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path',
  ],
  ['Pod', volumed({ csi: { driver: 'x'.repeat(64) } }), 'spec.volumes[0].csi.driver: Too long: may not be more than 63 bytes'],
  [
    'Pod',
    volumed({ csi: { driver: 'd', nodePublishSecretRef: { name: 'N' } } }),
    `spec.volumes[0].csi.nodePublishSecretRef.name: Invalid value: "N": ${SUBDOMAIN}`,
  ],
  [
    'Pod',
    volumed({ ephemeral: { volumeClaimTemplate: { metadata: { labels: { '-a': 'b' } }, spec: CLAIM } } }),
    'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.labels: Invalid value: "-a": name part must consist of',
  ],
  [
    'Pod',
    pod({}, { dnsConfig: { searches: ['_a.b', '.', 'a_'] } }),
    `spec.dnsConfig.searches[2]: Invalid value: "a_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.'`,
  ],
  ['Pod', { ...pod({}), ...owner('a/b/c') }, 'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty'],
  [
    'Pod',
    { ...pod({}), metadata: { finalizers: ['-a'] } },
    'metadata.finalizers: Invalid value: "-a": name part must consist of',
    'metadata.finalizers[0]: Invalid value: "-a": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    'Deployment@apps',
    replicated({ matchExpressions: [{ key: 'a', operator: 'In' }] }),
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector',
  ],
  ['StatefulSet@apps', stateful({ serviceName: 'S' }), 'spec.serviceName: Invalid value: "S": a lowercase RFC 1123 label must'],
  ['StatefulSet@apps', stateful({ podManagementPolicy: 'Any' }), `spec.podManagementPolicy: Invalid value: "Any": must be 'OrderedReady' or 'Parallel'`],
  ['StatefulSet@apps', stateful({ selector: {} }), 'spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  [
    'StatefulSet@apps',
    stateful(claimed({})),
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
    'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
  ],
  [
    'StatefulSet@apps',
    stateful({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }),
    `spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'`,
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    scaler({ scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 0 }),
    'spec.maxReplicas: Required value: must be set and greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    scaler({ scaleTargetRef: { ...TARGET, apiVersion: 'a/b/c' }, maxReplicas: -1 }),
    'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
    'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
    'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    scaler({
      metrics: [{ type: 'ContainerResource', containerResource: { name: 'fun', container: 'C', target: { type: 'AverageValue', averageValue: '1' } } }],
    }),
    'spec.metrics[0].containerResource.name: Invalid value: "fun": must be a standard resource for containers',
    'spec.metrics[0].containerResource.container: Invalid value: "C": a lowercase RFC 1123 label must',
  ],
  [
    `Ingress@${NETWORKING}`,
    { spec: { defaultBackend: { resource: { apiGroup: 'A', kind: 'k/l', name: '' } } } },
    `spec.defaultBackend.resource.apiGroup: Invalid value: "A": ${SUBDOMAIN}`,
    `spec.defaultBackend.resource.kind: Invalid value: "k/l": may not contain '/'`,
    'spec.defaultBackend.resource.name: Required value',
  ],
  [`Ingress@${NETWORKING}`, { spec: { defaultBackend: {} } }, 'spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  [
    `IngressClass@${NETWORKING}`,
    { spec: { controller: 'a.b/c', parameters: { apiGroup: 'A', kind: 'K', name: 'n/m', scope: 'Namespace', namespace: 'N' } } },
    `spec.parameters.apiGroup: Invalid value: "A": ${SUBDOMAIN}`,
    `spec.parameters.name: Invalid value: "n/m": may not contain '/'`,
    'spec.parameters.namespace: Invalid value: "N": a lowercase RFC 1123 label must',
  ],
  [
    `NetworkPolicy@${NETWORKING}`,
    policy({ port: 80, endPort: 70000 }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    `NetworkPolicy@${NETWORKING}`,
    policy({ endPort: 80 }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified',
  ],
  [
    'RuntimeClass@node.k8s.io',
    { handler: 'h', overhead: { podFixed: { fun: '1' } } },
    'overhead.podFixed[fun]: Invalid value: "fun": must be a standard resource for containers',
  ],
  [
    'CustomResourceDefinition@apiextensions.k8s.io',
    definition({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a', format: 'name' }], deprecationWarning: 'w'.repeat(257) }),
    `spec.versions[0].deprecationWarning: Invalid value: "${'w'.repeat(257)}": can only be set for deprecated versions`,
    `spec.versions[0].deprecationWarning: Invalid value: "${'w'.repeat(257)}": must be <= 256 characters long`,
    'spec.versions[0].additionalPrinterColumns[0].format: Invalid value: "name": must be one of byte,date,date-time,double,float,int32,int64,password',
  ],
  [
    'CustomResourceDefinition@apiextensions.k8s.io',
    definition({ selectableFields: [{ jsonPath: '.spec.b' }] }),
    'spec.versions[0].selectableFields[0].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
  ],
  ['CronJob@batch', cron('60 * * * *'), 'spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
  ['CronJob@batch', cron('* * 0 * *'), 'spec.schedule: Invalid value: "* * 0 * *": beginning of range (0) below minimum (1): 0'],
  ['CronJob@batch', cron('* * * *'), 'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
  [
    'Node',
    { spec: { podCIDRs: ['10.0.0.0/8', '10.1.0.0/16'] } },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/8","10.1.0.0/16"]: may specify no more than one CIDR for each IP family',
  ],
  ['Node', { spec: { podCIDRs: ['10.0.0.0/8', 'fd00::/8'] }, status: { declaredFeatures: ['Alpha', 'Beta/one'] } }],
  [
    'Node',
    { status: { declaredFeatures: ['B', 'B', 'A'] } },
    'status.declaredFeatures[1]: Duplicate value: "B"',
    'status.declaredFeatures[2]: Invalid value: "A": list must be sorted alphabetically',
  ],
  [
    'HorizontalPodAutoscaler@autoscaling',
    scaler({ behavior: { scaleDown: { selectPolicy: 'Min', policies: [] } } }),
    'spec.behavior.scaleDown.policies: Required value: must specify at least one Policy',
  ],
  [
    'ClusterRole@rbac.authorization.k8s.io',
    { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Bad' }] }] } },
    'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Bad": not a valid selector operator',
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: {"matchExpressions":[{"key":"a","operator":"Bad"}]}: invalid label selector.',
  ],
  [
    'Ingress@networking.k8s.io',
    { spec: { rules: [{ host: '01.2.3.4' }] } },
    'spec.rules[0].host: Invalid value: "01.2.3.4": must be a DNS name, not an IP address',
  ],
  [
    'RuntimeClass@node.k8s.io',
    {
      handler: 'h',
      scheduling: {
        tolerations: [
          { key: 'k', operator: 'Exists' },
          { key: 'k', operator: 'Exists' },
        ],
      },
    },
    'scheduling.tolerations[1]: Duplicate value: {"key":"k","operator":"Exists"}',
  ],
  ['PersistentVolumeClaim', claim({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: 's', namespace: 'other' } })],
  ['Pod', pod({}, { os: { name: 'beos' } }), 'spec.os: Unsupported value: "beos": supported values: "linux", "windows"'],
  ['Pod', volumed({ image: { pullPolicy: 'Never' } }), 'spec.volumes[0].image.reference: Required value'],
  ['ReplicaSet@apps', { spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, ...volumed({ image: {} }) } } }],
  [
    'CustomResourceDefinition@apiextensions.k8s.io',
    converted({ strategy: 'None', webhook: { clientConfig: { url: 'https://a.b' }, conversionReviewVersions: ['v1'] } }),
    'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
    'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
  ],
  [`StorageClass@${STORAGE}`, { provisioner: 'p', allowedTopologies: [{}] }, 'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
]
for (const [kind, said, ...wrong] of news) {
  test(`a ${kind.split('@')[0]} is refused: ${wrong[0]}`, () => {
    const found = lines(problemsOfNew(kind, said))
    assert.equal(found.length, wrong.length, found.join('\n'))
    found.forEach((line, i) => {
      assert.ok(line.startsWith(wrong[i] as string), line)
    })
  })
}

const right: readonly (readonly [what: string, kind: string, said: object])[] = [
  [
    'a wish for a label that no node can have',
    'Pod',
    pod(
      {},
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] } }],
          },
        },
      },
    ),
  ],
  ['any topology key', 'Pod', pod({}, { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a b', whenUnsatisfiable: 'DoNotSchedule' }] })],
  ['a field to select by that its schema has', 'CustomResourceDefinition@apiextensions.k8s.io', definition({ selectableFields: [{ jsonPath: '.spec.a' }] })],
  [
    'something to tell of another namespace, with a time of its own',
    'Event',
    {
      involvedObject: { kind: 'Pod', namespace: 'elsewhere', name: 'p' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingComponent: 'a.b/c',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      type: 'Normal',
    },
  ],
  ['a name that is one segment of a path', 'PodDisruptionBudget@policy', { metadata: { name: 'system:A_b' }, spec: { selector: {} } }],
  ['a projected volume of nothing', 'Pod', volumed({ projected: { sources: [{}] } })],
  ['a mount of what a claim template gives', 'StatefulSet@apps', stateful(claimed(CLAIM), { volumeMounts: [{ name: 'data', mountPath: '/d' }] })],
]
for (const [what, kind, said] of right) {
  test(`a ${kind.split('@')[0]} may have ${what}`, () => {
    assert.deepEqual(lines(problemsOfNew(kind, said)), [])
  })
}

const updates: readonly (readonly [kind: string, before: object, after: object, ...wrong: string[]])[] = [
  [
    'Service',
    service({ clusterIP: '10.0.0.1' }),
    service({ clusterIP: '10.0.0.2' }),
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ],
  [
    'Service',
    service({ ...BALANCED, loadBalancerClass: 'a' }),
    service({ ...BALANCED, loadBalancerClass: 'b' }),
    'spec.loadBalancerClass: Invalid value: "b": may not change once set',
  ],
  [
    'PersistentVolume',
    volume({ hostPath }),
    volume({ hostPath: { path: '/b' } }),
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\nchanged: spec.hostPath.path',
  ],
  [
    'PersistentVolume',
    volume({ csi: { driver: 'd', volumeHandle: 'h' } }),
    volume({ csi: { driver: 'd', volumeHandle: 'h', controllerExpandSecretRef: { name: 's', namespace: 'n' } } }),
  ],
  [
    'PersistentVolumeClaim',
    claim({}),
    claim({ resources: { requests: { storage: '2Gi' } } }),
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\nchanged: spec.resources.requests.storage',
  ],
  ['PersistentVolumeClaim', claim({}), claim({ volumeName: 'v' })],
  ['PersistentVolumeClaim', claim({ dataSource: SOURCE, dataSourceRef: SOURCE }), claim({ dataSource: SOURCE })],
  [
    `StorageClass@${STORAGE}`,
    { provisioner: 'p', parameters: { a: 'b' } },
    { provisioner: 'q', parameters: { a: 'c' } },
    'parameters: Invalid value: {"a":"c"}: field is immutable',
    'provisioner: Invalid value: "q": field is immutable',
  ],
  [`CSIDriver@${STORAGE}`, { spec: {} }, { spec: { attachRequired: false } }, 'spec.attachedRequired: Invalid value: false: field is immutable'],
  [
    `CSINode@${STORAGE}`,
    { spec: { drivers: [{ name: 'd', nodeID: 'a' }] } },
    { spec: { drivers: [{ name: 'd', nodeID: 'b' }] } },
    'spec.drivers: Invalid value: {"name":"d","nodeID":"b"}: field is immutable',
  ],
  ['Service', service({ externalIPs: ['1.2.3.4'] }), service({ externalTrafficPolicy: 'Cluster' })],
  ['PriorityClass@scheduling.k8s.io', { value: 1 }, { value: 1, preemptionPolicy: 'Else' }, 'preemptionPolicy: Invalid value: "Else": field is immutable'],
  [
    'DaemonSet@apps',
    replicated({ matchLabels: { a: 'b' } }),
    { ...replicated({ matchLabels: { a: 'b' } }), metadata: { annotations: { 'deprecated.daemonset.template.generation': 'x' } } },
    'metadata.annotations[deprecated.daemonset.template.generation]: Invalid value: "x": must be a decimal integer',
  ],
  ['Node', { spec: { externalID: 'a' } }, { spec: { externalID: 'b' } }, 'spec.externalID: Forbidden: may not be updated'],
  ['Job@batch', owned({}), owned({ completions: 2 }), 'spec.completions: Invalid value: 2: field is immutable'],
  ['Job@batch', owned({ suspend: true }), owned({ suspend: true }, { ...POD, nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] })],
  [
    'Job@batch',
    owned({ completionMode: 'Indexed', completions: 1 }),
    owned({ completionMode: 'Indexed', completions: 2 }),
    'spec.completions: Invalid value: 2: can only be modified in tandem with spec.parallelism',
  ],
]
for (const [kind, before, after, ...wrong] of updates) {
  test(`an update of a ${kind.split('@')[0]} is ${wrong.length === 0 ? `right: ${JSON.stringify(after)}` : `refused: ${wrong[0]}`}`, () => {
    assert.deepEqual(lines(problemsOfUpdate(kind, before, after)), wrong)
  })
}

test('the server keeps of a new object what it is to keep', () => {
  const kept = (kind: string, said: object) => read(kindNamed(kind), said) as unknown as Record<string, unknown>
  assert.deepEqual(
    [
      kept('ServiceAccount', { secrets: [{ name: 's', kind: 'Secret', namespace: 'n' }] })['secrets'],
      kept('Lease@coordination.k8s.io', { spec: { holderIdentity: 'h', strategy: 'OldestEmulationVersion', preferredHolder: 'p' } })['spec'],
      kept(`CSIDriver@${STORAGE}`, { spec: { preventPodSchedulingIfMissing: true } })['spec'],
      kept('Ingress@networking.k8s.io', { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } })['status'],
      kept('PersistentVolumeClaim', claim({ dataSource: { kind: 'VolumeSnapshot', name: 's' } }))['spec'],
      kept('PersistentVolumeClaim', claim({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: 's', namespace: 'n' } }))['spec'],
      kept('Service', { spec: { ports, externalIPs: ['1.2.3.4'] } })['spec'],
      kept('Node', { spec: { unschedulable: true, configSource: { configMap: { name: 'c', namespace: 'n', kubeletConfigKey: 'k' } } } })['spec'],
      kept('Node', { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.1.0.0/24', 'fd00::/64'] } })['spec'],
    ],
    [
      [{ name: 's' }],
      { holderIdentity: 'h' },
      kept(`CSIDriver@${STORAGE}`, { spec: {} })['spec'],
      { loadBalancer: {} },
      kept('PersistentVolumeClaim', claim({}))['spec'],
      kept('PersistentVolumeClaim', claim({}))['spec'],
      {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        externalTrafficPolicy: 'Cluster',
        externalIPs: ['1.2.3.4'],
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
      { unschedulable: true },
      { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] },
    ],
  )
})

test('a CronJob keeps the template of its Jobs as it was said; a Job fills in what was not', () => {
  const template = read(kindNamed('CronJob@batch'), cron('0 0 1 jan mon-fri')) as unknown as { spec: { jobTemplate: { spec: object } } }
  assert.deepEqual(Object.keys(template.spec.jobTemplate.spec), ['template'])
  const policy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }
  const indexed = job({ completionMode: 'Indexed', completions: 3, backoffLimitPerIndex: 1, podFailurePolicy: policy })
  const { spec } = read(kindNamed('Job@batch'), indexed) as unknown as { spec: Record<string, unknown> }
  assert.deepEqual(
    [spec['backoffLimit'], spec['podReplacementPolicy'], spec['manualSelector'], spec['suspend'], spec['parallelism']],
    [2 ** 31 - 1, 'Failed', false, false, 1],
  )
  assert.deepEqual(spec['podFailurePolicy'], { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] })
})
