import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldError } from '../../../meta/field-error.ts'
import type { Draft } from '../../../meta/object.ts'
import type { MessageOf } from '../../../schema/build.ts'
import { decode } from '../../../schema/decode.ts'
import { fill } from '../../../schema/fill.ts'
import { Container } from '../../../types/core/container.ts'
import { PodSpec } from '../../../types/core/pod.ts'
import { defaultPodSpec } from '../pod-defaults.ts'
import { checkPodSpec } from './pod-spec.ts'

const c = { name: 'c', image: 'i' }

/** What is wrong with a spec of one good container and what is said, as `field: message` below `spec.`. */
function wrong(said: object, isPod = true): readonly string[] {
  const { value } = decode(PodSpec as MessageOf<PodSpec>, { containers: [c], ...said }, { unknown: 'strict' })
  fill(PodSpec as MessageOf<PodSpec>, value)
  defaultPodSpec(value as Draft<PodSpec>)
  const errors: FieldError[] = []
  checkPodSpec(value as PodSpec, isPod, 'spec', errors)
  return errors.map(e => `${e.field.replace(/^spec\./, '')}: ${e.message.replace(/^Invalid value: /, '')}`)
}
const withContainer = (part: object, more: object = {}) => ({ containers: [{ ...c, ...part }], ...more })
const withVolume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
const LABEL = /lowercase RFC 1123 label/
const SUBDOMAIN = /lowercase RFC 1123 subdomain/

const refused: readonly (readonly [says: string, spec: object, ...errors: readonly (string | RegExp)[]])[] = [
  ['no container', { containers: [] }, 'containers: Required value'],
  ['a name in capitals', withContainer({ name: 'C' }), LABEL],
  ['no name', withContainer({ name: '' }), 'containers[0].name: Required value'],
  ['no image', withContainer({ image: '' }), 'containers[0].image: Required value'],
  ['an image with a blank', withContainer({ image: 'i ' }), 'containers[0].image: "i ": must not have leading or trailing whitespace'],
  ['one name for two containers', { containers: [c, c] }, 'containers[1].name: Duplicate value: "c"'],
  ['one name for an init container', { initContainers: [c] }, 'initContainers[0].name: Duplicate value: "c"'],
  [
    'a pull policy nobody knows',
    withContainer({ imagePullPolicy: 'Sometimes' }),
    'containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'a probe for an ordinary init container',
    { initContainers: [{ name: 'i', image: 'i', livenessProbe: { exec: { command: ['x'] } } }] },
    'initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    'a port out of range',
    withContainer({ ports: [{ containerPort: 65536 }] }),
    'containers[0].ports[0].containerPort: 65536: must be between 1 and 65535, inclusive',
  ],
  ['a port of nothing', withContainer({ ports: [{ name: 'http' }] }), 'containers[0].ports[0].containerPort: Required value'],
  [
    'a port name twice',
    withContainer({
      ports: [
        { name: 'http', containerPort: 1 },
        { name: 'http', containerPort: 2 },
      ],
    }),
    'containers[0].ports[1].name: Duplicate value: "http"',
  ],
  [
    'a host port twice',
    {
      containers: [
        { ...c, ports: [{ containerPort: 1, hostPort: 80 }] },
        { name: 'd', image: 'i', ports: [{ containerPort: 2, hostPort: 80 }] },
      ],
    },
    'containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    'another host port on the host network',
    { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
    'containers[0].ports[0].hostPort: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  ['a variable without name', withContainer({ env: [{ value: 'x' }] }), 'containers[0].env[0].name: Required value'],
  [
    'a variable with two sources of value',
    withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    'containers[0].env[0].valueFrom: "": may not be specified when `value` is not empty',
  ],
  [
    'a field that no variable can have',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }),
    'containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
  ],
  [
    'a field that no pod has',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nope' } } }] }),
    'containers[0].env[0].valueFrom.fieldRef.fieldPath: "metadata.nope": error converting fieldPath: field label not supported: metadata.nope',
  ],
  [
    'a label key that is none',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['-a']" } } }] }),
    /fieldPath: .*name part must consist/,
  ],
  [
    'a divisor of cpu in bytes',
    withContainer({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } } }] }),
    'containers[0].env[0].valueFrom.resourceFieldRef.divisor: "1Mi": only divisor\'s values 1m and 1 are supported with the cpu resource',
  ],
  ['a mount of no volume', withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), 'containers[0].volumeMounts[0].name: Not found: "v"'],
  [
    'two mounts at one path',
    {
      ...withContainer({
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'v', mountPath: '/v' },
        ],
      }),
      ...withVolume({}),
    },
    'containers[0].volumeMounts[1].mountPath: "/v": must be unique',
  ],
  [
    'a sub path that leaves',
    { ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../x' }] }), ...withVolume({}) },
    'containers[0].volumeMounts[0].subPath: "../x": must not contain \'..\'',
  ],
  [
    'propagation to the host without privilege',
    { ...withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] }), ...withVolume({}) },
    'containers[0].volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
  ],
  [
    'a host path of an odd type',
    withVolume({ hostPath: { path: '/x', type: 'Pipe' } }),
    'volumes[0].hostPath.type: Unsupported value: "Pipe": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ],
  ['a host path that climbs', withVolume({ hostPath: { path: '/a/../b' } }), 'volumes[0].hostPath.path: "/a/../b": must not contain \'..\''],
  [
    'two sources for a volume',
    withVolume({ hostPath: { path: '/x' }, emptyDir: {} }),
    'volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'a file mode that is none',
    withVolume({ configMap: { name: 'm', defaultMode: 0o1000 } }),
    'volumes[0].configMap.defaultMode: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [
    'a file outside of the volume',
    withVolume({ secret: { secretName: 's', items: [{ key: 'k', path: '/etc' }] } }),
    'volumes[0].secret.items[0].path: "/etc": must be a relative path',
  ],
  [
    'one file from two sources',
    withVolume({
      projected: { sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'f' }] } }, { configMap: { name: 'm', items: [{ key: 'k', path: 'f' }] } }] },
    }),
    'volumes[0].projected.sources[1].configMap: "m": conflicting duplicate paths',
  ],
  ['a volume name twice', { volumes: [{ name: 'v' }, { name: 'v' }] }, 'volumes[1].name: Duplicate value: "v"'],
  ['a probe that asks nothing', withContainer({ livenessProbe: {} }), 'containers[0].livenessProbe: Required value: must specify a handler type'],
  [
    'a probe that asks twice',
    withContainer({ livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }),
    'containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    'a liveness probe that must succeed twice',
    withContainer({ livenessProbe: { exec: { command: ['x'] }, successThreshold: 2 } }),
    'containers[0].livenessProbe.successThreshold: 2: must be 1',
  ],
  [
    'a probe of port 0',
    withContainer({ readinessProbe: { tcpSocket: { port: 0 } } }),
    'containers[0].readinessProbe.tcpSocket.port: 0: must be between 1 and 65535, inclusive',
  ],
  [
    'a request above its limit',
    withContainer({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'containers[0].resources.requests: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'a resource nobody knows',
    withContainer({ resources: { limits: { gpu: '1' } } }),
    'containers[0].resources.limits[gpu]: "gpu": must be a standard resource for containers',
  ],
  [
    'half a device',
    withContainer({ resources: { limits: { 'example.com/gpu': '500m' } } }),
    'containers[0].resources.limits[example.com/gpu]: "500m": must be an integer',
  ],
  [
    'a device that is asked for and not limited',
    withContainer({ resources: { requests: { 'example.com/gpu': '1' } } }),
    'containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    'privilege that may not be raised',
    withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    /^containers\[0\]\.securityContext: .*cannot set `allowPrivilegeEscalation` to false and `privileged` to true$/,
  ],
  ['a user below zero', { securityContext: { runAsUser: -1 } }, 'securityContext.runAsUser: -1: must be between 0 and 2147483647, inclusive'],
  ['a seccomp profile without its file', { securityContext: { seccompProfile: { type: 'Localhost' } } }, /localhostProfile: Required value/],
  [
    'shared processes with those of the host',
    { hostPID: true, shareProcessNamespace: true },
    'shareProcessNamespace: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  ['a restart policy nobody knows', { restartPolicy: 'Maybe' }, 'restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"'],
  ['a node name that is none', { nodeName: 'Node 1' }, SUBDOMAIN],
  ['a selector value that is none', { nodeSelector: { a: '-' } }, /^nodeSelector: "-": a valid label must be/],
  ['no nameserver where all are ours', { dnsPolicy: 'None' }, 'dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  [
    'a host alias without address',
    { hostAliases: [{ ip: 'one', hostnames: ['a'] }] },
    'hostAliases[0].ip: "one": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  ['a deadline of nothing', { activeDeadlineSeconds: 0 }, 'activeDeadlineSeconds: 0: must be between 1 and 2147483647, inclusive'],
  [
    'a toleration of nothing',
    { tolerations: [{}] },
    'tolerations[0].operator: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    'a toleration that exists and has a value',
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    /^tolerations\[0\]\.operator: .*value must be empty when `operator` is 'Exists'$/,
  ],
  [
    'seconds for a taint that drives nobody out',
    { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    'tolerations[0].effect: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    'no node selector term',
    { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    'a spread of nothing',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] },
    'topologySpreadConstraints[0].maxSkew: 0: must be greater than zero',
  ],
  [
    'a privileged Windows pod',
    { os: { name: 'windows' }, ...withContainer({ securityContext: { privileged: true } }) },
    'containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
  ],
  [
    'one process of a Windows host among containers, off its network',
    {
      containers: [
        { ...c, securityContext: { windowsOptions: { hostProcess: true } } },
        { name: 'd', image: 'i' },
      ],
    },
    /all containers must be HostProcess containers$/,
    'hostNetwork: false: hostNetwork must be true if pod contains any hostProcess containers',
  ],
]
for (const [says, spec, ...errors] of refused) {
  test(`${says} is refused`, () => {
    const found = wrong(spec)
    assert.equal(found.length, errors.length, found.join('\n'))
    errors.forEach((error, i) => {
      if (typeof error === 'string') assert.equal(found[i], error)
      else assert.match(found[i] ?? '', error)
    })
  })
}

const accepted: readonly (readonly [says: string, spec: object])[] = [
  ['a sidecar with a probe', { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } }] }],
  [
    'one port for two protocols on the host',
    withContainer({
      ports: [
        { containerPort: 1, hostPort: 53 },
        { containerPort: 1, hostPort: 53, protocol: 'UDP' },
      ],
    }),
  ],
  [
    'a label of the pod as a variable',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app.kubernetes.io/name']" } } }] }),
  ],
  ['a volume with only a name', withVolume({})],
  ['a toleration of everything', { tolerations: [{ operator: 'Exists' }] }],
  [
    'a term by node name',
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['10.0.10.5'] }] }],
          },
        },
      },
    },
  ],
  ['a Windows path', { ...withContainer({ volumeMounts: [{ name: 'v', mountPath: 'C:/x' }] }), ...withVolume({ hostPath: { path: '\\\\.\\pipe\\x' } }) }],
  ['all capabilities dropped', withContainer({ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } })],
  ['a hook that sleeps as long as the pod may take', withContainer({ lifecycle: { preStop: { sleep: { seconds: 30 } } } })],
]
for (const [says, spec] of accepted) test(`${says} is right`, () => assert.deepEqual(wrong(spec), []))

test('a template may leave the host ports of the host network unsaid', () => {
  const spec = { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80 }] }) }
  assert.deepEqual(wrong(spec, false), [])
  assert.deepEqual(wrong(spec, true), ['containers[0].ports[0].hostPort: 0: must match `containerPort` when `hostNetwork` is true'])
})

test('every field of a container is looked at by name, so that a new one is not forgotten', () => {
  // Fields that hold text or lists that any value is right for.
  const free = ['args', 'command', 'workingDir', 'stdin', 'stdinOnce', 'tty', 'terminationMessagePath']
  const checked = [
    'env',
    'envFrom',
    'image',
    'imagePullPolicy',
    'lifecycle',
    'livenessProbe',
    'name',
    'ports',
    'readinessProbe',
    'resizePolicy',
    'resources',
    'restartPolicy',
    'restartPolicyRules',
    'securityContext',
    'startupProbe',
    'terminationMessagePolicy',
    'volumeDevices',
    'volumeMounts',
  ]
  assert.deepEqual(Object.keys(Container.properties).sort(), [...free, ...checked].sort())
})
