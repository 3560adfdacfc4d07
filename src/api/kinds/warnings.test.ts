/** What kube-apiserver 1.36 warns of, in its words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { warningsOf } from './rules-testing.ts'

const ports = [{ port: 80 }]
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const replicated = { selector: { matchLabels: { a: 'b' } }, template }
const job = (spec: object) => ({ template: { spec: { ...template.spec, restartPolicy: 'Never' } }, ...spec })
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a' } }
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100m' } } }
const annotated = (key: string, value = '') => ({ metadata: { annotations: { [key]: value } } })
const IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'
const NAME =
  "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]"
const dotted = { metadata: { name: 'a.b' } }
const tokens = (audience: string) => ({ spec: { tokenRequests: [{ audience }] } })
const definition = (format: string) => ({
  metadata: { name: 'foos.ex.io' },
  spec: {
    group: 'ex.io',
    scope: 'Cluster',
    names: { plural: 'foos', kind: 'Foo' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              a: { type: 'string', format: 'weird' },
              b: { type: 'array', items: { type: 'integer', format } },
              c: { type: 'string', format: 'date-time' },
              d: { type: 'number', format: 'double' },
            },
          },
        },
      },
    ],
  },
})
const files = (...paths: string[]) => paths.map(path => ({ key: 'k', path }))

const rows: readonly (readonly [kind: string, said: object, ...warnings: string[]])[] = [
  ['Service', { spec: { ports, trafficDistribution: 'PreferClose' } }, 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  [
    'Service',
    { ...annotated('service.kubernetes.io/topology-aware-hints'), spec: { ports, clusterIP: 'None', externalIPs: ['1.2.3.4'], sessionAffinity: 'ClientIP' } },
    'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    'spec.externalIPs is ignored for headless services',
    'spec.SessionAffinity is ignored for headless services',
  ],
  [
    'Service',
    { spec: { ports, externalIPs: ['1.2.3.4', '0::1', '010.0.0.1', '::ffff:1.2.3.4'] } },
    'spec.externalIPs[1]: IPv6 address "0::1" should be in RFC 5952 canonical format ("::1")',
    'spec.externalIPs[2]: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
    'spec.externalIPs[3]: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"',
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
  ],
  [
    'NetworkPolicy@networking.k8s.io',
    { spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['10.0.0.0/08', 'fd00:0::/8'] } }] }] } },
    'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    'spec.egress[0].to[0].ipBlock.except[0]: non-standard CIDR value "10.0.0.0/08" is invalid: use "10.0.0.0/8"',
    'spec.egress[0].to[0].ipBlock.except[1]: IPv6 CIDR value "fd00:0::/8" should be in RFC 5952 canonical format ("fd00::/8")',
  ],
  ['CSIDriver@storage.k8s.io', tokens('a'), IN_SECRETS],
  ['CSIDriver@storage.k8s.io', { spec: { tokenRequests: [{ audience: 'a' }], serviceAccountTokenInSecrets: false } }],
  [
    'StorageClass@storage.k8s.io',
    { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'beta.kubernetes.io/os', values: ['linux'] }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    'RuntimeClass@node.k8s.io',
    { handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/arch': 'a' } } },
    'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/arch" instead',
  ],
  [
    'PersistentVolume',
    { spec: { ...volume, persistentVolumeReclaimPolicy: 'Recycle' }, ...annotated('volume.beta.kubernetes.io/storage-class') },
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
  ],
  ['PersistentVolumeClaim', { spec: claim }, 'spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer'],
  [
    'StatefulSet@apps',
    { spec: { ...replicated, revisionHistoryLimit: -1, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }] } },
    'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ],
  [
    'ServiceAccount',
    annotated('kubernetes.io/enforce-mountable-secrets', 'true'),
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  ],
  [
    'Ingress@networking.k8s.io',
    annotated('kubernetes.io/ingress.class', 'nginx'),
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ],
  [
    'EndpointSlice@discovery.k8s.io',
    { addressType: 'IPv6', endpoints: [{ addresses: ['fd00:0:0::1'] }] },
    'endpoints[0].addresses[0]: IPv6 address "fd00:0:0::1" should be in RFC 5952 canonical format ("fd00::1")',
  ],
  ['EndpointSlice@discovery.k8s.io', { addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] }, 'spec.addressType: FQDN endpoints are deprecated'],
  ['Endpoints', { subsets: [{ addresses: [{ ip: '01.2.3.4' }] }] }, 'subsets[0].addresses[0].ip: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"'],
  ['CustomResourceDefinition@apiextensions.k8s.io', definition('int16'), 'unrecognized format "weird"', 'unrecognized format "int16"'],
  ['Deployment@apps', { ...dotted, spec: replicated }, NAME],
  ['ReplicaSet@apps', { ...dotted, spec: replicated }, NAME],
  ['ReplicationController', { ...dotted, spec: { ...replicated, selector: { a: 'b' } } }, NAME],
  [
    'Job@batch',
    { ...dotted, spec: job({ completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 }) },
    NAME,
    'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
  ],
  ['CronJob@batch', { ...dotted, spec: { schedule: '* * * * *', jobTemplate: { spec: job({}) } } }, NAME],
  [
    'Node',
    { spec: { externalID: 'e', podCIDR: '10.0.0.1/8', podCIDRs: ['10.0.0.1/8'] } },
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    'spec.podCIDRs[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
  ],
  [
    'Pod',
    {
      ...annotated('container.seccomp.security.alpha.kubernetes.io/c', 'unconfined'),
      spec: {
        ...template.spec,
        overhead: { memory: '100m' },
        dnsConfig: { nameservers: ['01.1.1.1'] },
        volumes: [
          { name: 'c', configMap: { name: 'm', items: files('a', 'a/b', 'ab') } },
          { name: 's', secret: { secretName: 's', items: files('a/', 'a') } },
          { name: 'p', projected: { sources: [{ secret: { name: 's', items: files('t/x') } }, { serviceAccountToken: { path: 't' } }] } },
        ],
      },
    },
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead',
    'volume "c" (ConfigMap "m"): overlapping paths: "a/b" with "a"',
    'volume "s" (Secret "s"): overlapping paths: "a" with "a"',
    'volume "p" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t/x" (Secret "s")',
    'spec.overhead[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.dnsConfig.nameservers[0]: non-standard IP address "01.1.1.1" is invalid: use "1.1.1.1"',
  ],
]

test('whoever creates an object hears what is old, ignored, or written in a form that not everybody reads', () => {
  assert.deepEqual(
    rows.map(([kind, said]) => [kind, said, ...warningsOf(kind, said)]),
    rows,
  )
})

test('an update says again only what it brings', () => {
  assert.deepEqual(
    [
      warningsOf('CSIDriver@storage.k8s.io', tokens('a'), tokens('a')),
      warningsOf('CSIDriver@storage.k8s.io', tokens('b'), tokens('a')),
      warningsOf('CustomResourceDefinition@apiextensions.k8s.io', definition('int8'), definition('int16')),
      warningsOf('Deployment@apps', { ...dotted, spec: replicated }, { ...dotted, spec: replicated }),
      warningsOf('ServiceAccount', annotated('kubernetes.io/enforce-mountable-secrets', 'true'), annotated('kubernetes.io/enforce-mountable-secrets', 'false')),
    ],
    [[], [IN_SECRETS], ['unrecognized format "int8"'], [], []],
  )
})
