import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, int64, list, map, message, opt, quantity, req, type Static, string, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { Affinity, Toleration, TopologySpreadConstraint } from './affinity.ts'
import { Container, EphemeralContainer } from './container.ts'
import { PodStatus } from './pod-status.ts'
import { LocalObjectReference } from './reference.ts'
import { ResourceRequirements } from './resources.ts'
import { PodSecurityContext } from './security.ts'
import { Volume } from './volume.ts'

export const PodDNSConfigOption = message(
  'core.v1.PodDNSConfigOption',
  {
    name: opt(1, string, 'Name of the option.'),
    value: opt(2, explicit(string), 'Its value, if it takes one.'),
  },
  { doc: 'One option of the resolver.' },
)
export type PodDNSConfigOption = Static<typeof PodDNSConfigOption>

export const PodDNSConfig = message(
  'core.v1.PodDNSConfig',
  {
    nameservers: opt(1, list(string, { list: 'atomic' }), 'Addresses of name servers.'),
    options: opt(3, list(PodDNSConfigOption, { list: 'atomic' }), 'Options of the resolver.'),
    searches: opt(2, list(string, { list: 'atomic' }), 'Domains that short names are looked for in.'),
  },
  { doc: 'Settings for name resolution in a pod.' },
)
export type PodDNSConfig = Static<typeof PodDNSConfig>

export const HostAlias = message(
  'core.v1.HostAlias',
  {
    hostnames: opt(2, list(string, { list: 'atomic' }), 'Names for the address.'),
    ip: req(1, string, 'The address.'),
  },
  { doc: 'One line of a hosts file.' },
)
export type HostAlias = Static<typeof HostAlias>

export const PodOS = message(
  'core.v1.PodOS',
  {
    name: req(1, string, 'linux or windows.'),
  },
  { doc: 'The operating system of a pod.' },
)
export type PodOS = Static<typeof PodOS>

export const PodReadinessGate = message(
  'core.v1.PodReadinessGate',
  {
    conditionType: req(1, string, 'Type of the condition.'),
  },
  { doc: 'A condition that readiness waits for.' },
)
export type PodReadinessGate = Static<typeof PodReadinessGate>

export const PodResourceClaim = message(
  'core.v1.PodResourceClaim',
  {
    name: req(1, string, 'Name by which containers refer to the claim.'),
    resourceClaimName: opt(3, explicit(string), "An existing claim in the pod's namespace."),
    resourceClaimTemplateName: opt(4, explicit(string), 'A template to make a claim from, for this pod alone.'),
  },
  { doc: 'A claim on devices, under a name for the containers.' },
)
export type PodResourceClaim = Static<typeof PodResourceClaim>

export const PodSchedulingGate = message(
  'core.v1.PodSchedulingGate',
  {
    name: req(1, string, 'Name of the gate; whoever owns it removes it.'),
  },
  { doc: 'Something the pod waits for before it is scheduled.' },
)
export type PodSchedulingGate = Static<typeof PodSchedulingGate>

export const PodSchedulingGroup = message(
  'core.v1.PodSchedulingGroup',
  {
    podGroupName: opt(1, explicit(string), "Name of the group in the pod's namespace."),
  },
  { doc: 'Pods that are scheduled together.' },
)
export type PodSchedulingGroup = Static<typeof PodSchedulingGroup>

export const PodSpec = message(
  'core.v1.PodSpec',
  {
    activeDeadlineSeconds: opt(5, explicit(int64), 'Seconds after which a pod that still runs is ended and counts as failed.'),
    affinity: opt(18, Affinity, 'Rules that draw the pod to nodes or to other pods, or away from them.'),
    automountServiceAccountToken: opt(21, explicit(boolean), 'Whether the token of the service account is mounted into the containers.'),
    containers: req(2, list(Container, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }), 'The containers; at least one.'),
    dnsConfig: opt(26, PodDNSConfig, 'Settings for name resolution, added to those of dnsPolicy.'),
    dnsPolicy: opt(6, withDefault(string, 'ClusterFirst'), "Where names are resolved: ClusterFirst, ClusterFirstWithHostNet, Default (the node's) or None."),
    enableServiceLinks: opt(30, explicit(boolean), 'Whether containers get environment variables for the services of the namespace.'),
    ephemeralContainers: opt(
      34,
      list(EphemeralContainer, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      'Containers added to the running pod for debugging, through the ephemeralcontainers subresource.',
    ),
    hostAliases: opt(23, list(HostAlias, { list: 'map', keys: ['ip'], patch: 'merge', mergeKey: 'ip' }), "Lines added to the containers' hosts file."),
    hostIPC: opt(13, boolean, "Shares the node's IPC namespace."),
    hostNetwork: opt(11, boolean, "Shares the node's network: its addresses and its ports."),
    hostPID: opt(12, boolean, "Shares the node's process namespace."),
    hostUsers: opt(37, explicit(boolean), 'Set to false to run in a user namespace, where root of the pod is nobody on the node.'),
    hostname: opt(16, string, 'Host name of the pod; its name when not given.'),
    hostnameOverride: opt(41, explicit(string), 'Host name used as it is, instead of what hostname and subdomain give.'),
    imagePullSecrets: opt(
      15,
      list(LocalObjectReference, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      'Secrets with credentials for pulling the images.',
    ),
    initContainers: opt(
      20,
      list(Container, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      'Containers that run one after the other before the others start; with restartPolicy Always they go on running.',
    ),
    nodeName: opt(10, string, 'The node the pod runs on; set by the scheduler, or given to go round it.'),
    nodeSelector: opt(7, map(string, { map: 'atomic' }), 'Labels that a node must have to run the pod.'),
    os: opt(36, PodOS, 'Operating system the containers need.'),
    overhead: opt(32, map(quantity), 'Resources the runtime itself needs for the pod, in addition to the containers.'),
    preemptionPolicy: opt(31, explicit(string), 'Whether pods of lower priority may be ended to make room: PreemptLowerPriority or Never.'),
    priority: opt(25, explicit(int32), 'Importance as a number, taken from the priority class.'),
    priorityClassName: opt(24, string, 'The priority class, which decides who goes first where room is short.'),
    readinessGates: opt(28, list(PodReadinessGate, { list: 'atomic' }), 'Further conditions that must be True for the pod to count as ready.'),
    resourceClaims: opt(
      39,
      list(PodResourceClaim, { list: 'map', keys: ['name'], patch: 'merge,retainKeys', mergeKey: 'name' }),
      'Claims on devices that must be allocated before the pod starts.',
    ),
    resources: opt(40, ResourceRequirements, 'Requests and limits of the pod as a whole.'),
    restartPolicy: opt(3, withDefault(string, 'Always'), 'Whether ended containers start again: Always, OnFailure or Never.'),
    runtimeClassName: opt(29, explicit(string), 'The runtime class to run the pod with.'),
    schedulerName: opt(19, withDefault(string, 'default-scheduler'), 'The scheduler that places the pod.'),
    schedulingGates: opt(
      38,
      list(PodSchedulingGate, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      'Names of what the pod waits for before it may be scheduled.',
    ),
    schedulingGroup: opt(43, PodSchedulingGroup, 'The group of pods this one is scheduled with.'),
    securityContext: opt(14, withDefault(explicit(PodSecurityContext), {}), 'Privileges and users of all containers, unless they say otherwise.'),
    serviceAccount: opt(9, string, 'Old name of serviceAccountName.'),
    serviceAccountName: opt(8, string, 'The service account whose identity the pod has.'),
    setHostnameAsFQDN: opt(35, explicit(boolean), 'Uses the full domain name as host name.'),
    shareProcessNamespace: opt(27, explicit(boolean), "Lets the containers of the pod see each other's processes."),
    subdomain: opt(17, string, 'Makes the full host name HOSTNAME.SUBDOMAIN.NAMESPACE.svc.DOMAIN.'),
    terminationGracePeriodSeconds: opt(4, withDefault(explicit(int64), 30), 'Seconds between the request to stop and the kill.'),
    tolerations: opt(22, list(Toleration, { list: 'atomic' }), 'Taints of nodes that do not keep the pod away.'),
    topologySpreadConstraints: opt(
      33,
      list(TopologySpreadConstraint, { list: 'map', keys: ['topologyKey', 'whenUnsatisfiable'], patch: 'merge', mergeKey: 'topologyKey' }),
      'How evenly pods are spread over zones, nodes or other groups.',
    ),
    volumes: opt(1, list(Volume, { list: 'map', keys: ['name'], patch: 'merge,retainKeys', mergeKey: 'name' }), 'What the containers can mount.'),
  },
  { doc: 'What a pod runs and under which circumstances.' },
)
export type PodSpec = Static<typeof PodSpec>

export const PodTemplateSpec = message(
  'core.v1.PodTemplateSpec',
  {
    metadata: opt(1, withDefault(ObjectMeta, {}), 'Labels and annotations of the pods made from it.'),
    spec: opt(2, withDefault(PodSpec, {}), 'What the pods run.'),
  },
  { doc: 'Describes the pods that a controller makes.' },
)
export type PodTemplateSpec = Static<typeof PodTemplateSpec>

export const Pod = message(
  'core.v1.Pod',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, PodSpec, 'What should run, and where.'),
    status: opt(3, PodStatus, 'What the node last reported.'),
  },
  { kind: true, doc: 'Containers that run together on one node.' },
)
export type Pod = ObjectOf<Static<typeof Pod>>
