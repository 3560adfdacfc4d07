import { boolean, explicit, int32, int64, list, map, message, opt, quantity, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ResourceRequirements } from './resources.ts'

export const PodCondition = message(
  'core.v1.PodCondition',
  {
    lastProbeTime: opt(3, time, 'When it was last looked at.'),
    lastTransitionTime: opt(4, time, 'When the status last changed.'),
    message: opt(6, string, 'What a person should know about it.'),
    observedGeneration: opt(7, int64, 'Generation of the spec that the condition was judged by.'),
    reason: opt(5, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a pod's state." },
)
export type PodCondition = Static<typeof PodCondition>

export const ResourceHealth = message(
  'core.v1.ResourceHealth',
  {
    health: opt(2, string, 'Healthy, Unhealthy or Unknown.'),
    message: opt(6, string, 'What a person should know about it.'),
    resourceID: req(1, string, 'Id of the device.'),
  },
  { doc: 'Health of one device.' },
)
export type ResourceHealth = Static<typeof ResourceHealth>

export const ResourceStatus = message(
  'core.v1.ResourceStatus',
  {
    name: req(1, string, 'Name of the resource.'),
    resources: opt(2, list(ResourceHealth, { list: 'map', keys: ['resourceID'] }), 'Health of each device.'),
  },
  { doc: 'Health of the devices of one resource.' },
)
export type ResourceStatus = Static<typeof ResourceStatus>

export const ContainerStateRunning = message(
  'core.v1.ContainerStateRunning',
  {
    startedAt: opt(1, time, 'When it started.'),
  },
  { doc: 'A container that runs.' },
)
export type ContainerStateRunning = Static<typeof ContainerStateRunning>

export const ContainerStateTerminated = message(
  'core.v1.ContainerStateTerminated',
  {
    containerID: opt(7, string, 'Id of the container that ended.'),
    exitCode: req(1, int32, 'Exit code.'),
    finishedAt: opt(6, time, 'When it ended.'),
    message: opt(4, string, 'Its last message.'),
    reason: opt(3, string, 'One word for the end, such as Completed, Error or OOMKilled.'),
    signal: opt(2, int32, 'Signal that ended it.'),
    startedAt: opt(5, time, 'When it had started.'),
  },
  { doc: 'A container that has ended.' },
)
export type ContainerStateTerminated = Static<typeof ContainerStateTerminated>

export const ContainerStateWaiting = message(
  'core.v1.ContainerStateWaiting',
  {
    message: opt(2, string, 'What a person should know about it.'),
    reason: opt(1, string, 'One word for the wait, such as ImagePullBackOff.'),
  },
  { doc: 'A container that has not started.' },
)
export type ContainerStateWaiting = Static<typeof ContainerStateWaiting>

export const ContainerState = message(
  'core.v1.ContainerState',
  {
    running: opt(2, ContainerStateRunning, 'Set while it runs.'),
    terminated: opt(3, ContainerStateTerminated, 'Set when it has ended.'),
    waiting: opt(1, ContainerStateWaiting, 'Set while it has not started.'),
  },
  { doc: 'Waiting, running or terminated.' },
)
export type ContainerState = Static<typeof ContainerState>

export const LinuxContainerUser = message(
  'core.v1.LinuxContainerUser',
  {
    gid: req(2, int64, 'Group id.'),
    supplementalGroups: opt(3, list(int64, { list: 'atomic' }), 'Further group ids.'),
    uid: req(1, int64, 'User id.'),
  },
  { doc: 'The user of a container on Linux.' },
)
export type LinuxContainerUser = Static<typeof LinuxContainerUser>

export const ContainerUser = message(
  'core.v1.ContainerUser',
  {
    linux: opt(1, LinuxContainerUser, 'The user on Linux.'),
  },
  { doc: 'The user of a container.' },
)
export type ContainerUser = Static<typeof ContainerUser>

export const ImageVolumeStatus = message(
  'core.v1.ImageVolumeStatus',
  {
    imageRef: req(1, string, 'Digest of the image.'),
  },
  { doc: 'The image behind a volume.' },
)
export type ImageVolumeStatus = Static<typeof ImageVolumeStatus>

export const VolumeStatus = message(
  'core.v1.VolumeStatus',
  {
    image: opt(1, ImageVolumeStatus, 'The image of an image volume.'),
  },
  { doc: 'What a volume turned out to be.' },
)
export type VolumeStatus = Static<typeof VolumeStatus>

export const VolumeMountStatus = message(
  'core.v1.VolumeMountStatus',
  {
    mountPath: req(2, string, 'Path in the container.'),
    name: req(1, string, 'Name of the volume.'),
    readOnly: opt(3, boolean, 'Whether it is mounted read-only.'),
    recursiveReadOnly: opt(4, explicit(string), 'Whether mounts below are read-only too.'),
    volumeStatus: opt(5, VolumeStatus, 'What the volume turned out to be.'),
  },
  { doc: 'A mount as it is.' },
)
export type VolumeMountStatus = Static<typeof VolumeMountStatus>

export const ContainerStatus = message(
  'core.v1.ContainerStatus',
  {
    allocatedResources: opt(10, map(quantity), 'Requests set aside on the node.'),
    allocatedResourcesStatus: opt(
      14,
      list(ResourceStatus, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      'State of devices allocated to the container.',
    ),
    containerID: opt(8, string, 'Id of the container, as TYPE://ID.'),
    image: req(6, string, 'The image that runs.'),
    imageID: req(7, string, 'Id of the image that runs.'),
    lastState: opt(3, withDefault(ContainerState, {}), 'How the container ended last time.'),
    name: req(1, string, 'Name of the container.'),
    ready: req(4, boolean, 'Whether it passes its readiness probe.'),
    resources: opt(11, ResourceRequirements, 'Requests and limits that hold now.'),
    restartCount: req(5, int32, 'How many times it was restarted.'),
    started: opt(9, explicit(boolean), 'Whether it runs and has passed its startup probe.'),
    state: opt(2, withDefault(ContainerState, {}), 'What it does now.'),
    stopSignal: opt(15, explicit(string), 'Signal that stops it.'),
    user: opt(13, ContainerUser, 'User and groups of its first process.'),
    volumeMounts: opt(12, list(VolumeMountStatus, { list: 'map', keys: ['mountPath'], patch: 'merge', mergeKey: 'mountPath' }), 'Its mounts, as they are.'),
  },
  { doc: 'How a container is doing.' },
)
export type ContainerStatus = Static<typeof ContainerStatus>

export const ContainerExtendedResourceRequest = message(
  'core.v1.ContainerExtendedResourceRequest',
  {
    containerName: req(1, string, 'Name of the container.'),
    requestName: req(3, string, 'Name of the request.'),
    resourceName: req(2, string, 'Name of the extended resource.'),
  },
  { doc: "Which request stands for a container's extended resource." },
)
export type ContainerExtendedResourceRequest = Static<typeof ContainerExtendedResourceRequest>

export const PodExtendedResourceClaimStatus = message(
  'core.v1.PodExtendedResourceClaimStatus',
  {
    requestMappings: req(1, list(ContainerExtendedResourceRequest, { list: 'atomic' }), "Which container's resource became which request."),
    resourceClaimName: req(2, string, 'Name of the claim.'),
  },
  { doc: 'The claim for extended resources of a pod.' },
)
export type PodExtendedResourceClaimStatus = Static<typeof PodExtendedResourceClaimStatus>

export const HostIP = message(
  'core.v1.HostIP',
  {
    ip: req(1, string, 'The address.'),
  },
  { doc: 'One address of a node.' },
)
export type HostIP = Static<typeof HostIP>

export const NodeAllocatableResourceClaimStatus = message(
  'core.v1.NodeAllocatableResourceClaimStatus',
  {
    containers: opt(2, list(string, { list: 'set' }), 'Containers that use the claim.'),
    resourceClaimName: req(1, string, 'Name of the claim.'),
    resources: req(0, map(quantity), 'Resources of the node that it uses up.'),
  },
  { doc: 'A claim that uses up resources of a node.' },
)
export type NodeAllocatableResourceClaimStatus = Static<typeof NodeAllocatableResourceClaimStatus>

export const PodIP = message(
  'core.v1.PodIP',
  {
    ip: req(1, string, 'The address.'),
  },
  { doc: 'One address of a pod.' },
)
export type PodIP = Static<typeof PodIP>

export const PodResourceClaimStatus = message(
  'core.v1.PodResourceClaimStatus',
  {
    name: req(1, string, 'Name of the claim in the pod.'),
    resourceClaimName: opt(2, explicit(string), 'Name of the claim made for it.'),
  },
  { doc: "The claim made for one of the pod's." },
)
export type PodResourceClaimStatus = Static<typeof PodResourceClaimStatus>

export const PodStatus = message(
  'core.v1.PodStatus',
  {
    allocatedResources: opt(19, map(quantity), 'Resources set aside on the node for the pod.'),
    conditions: opt(
      2,
      list(PodCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }),
      'Present conditions: PodScheduled, Initialized, ContainersReady, Ready and others.',
    ),
    containerStatuses: opt(8, list(ContainerStatus, { list: 'atomic' }), 'State of each container.'),
    ephemeralContainerStatuses: opt(13, list(ContainerStatus, { list: 'atomic' }), 'State of each ephemeral container.'),
    extendedResourceClaimStatus: opt(18, PodExtendedResourceClaimStatus, 'The claim made for extended resources of the pod.'),
    hostIP: opt(5, string, 'Address of the node.'),
    hostIPs: opt(16, list(HostIP, { list: 'atomic', patch: 'merge', mergeKey: 'ip' }), 'All addresses of the node.'),
    initContainerStatuses: opt(10, list(ContainerStatus, { list: 'atomic' }), 'State of each init container.'),
    message: opt(3, string, 'What a person should know about the phase.'),
    nodeAllocatableResourceClaimStatuses: opt(21, list(NodeAllocatableResourceClaimStatus, { list: 'atomic' }), 'Claims that use up resources of the node.'),
    nominatedNodeName: opt(11, string, 'Node on which room is being made for the pod.'),
    observedGeneration: opt(17, int64, 'Generation of the spec that the status speaks of.'),
    phase: opt(1, withDefault(string, 'Pending'), 'Pending, Running, Succeeded, Failed or Unknown.'),
    podIP: opt(6, string, 'Address of the pod.'),
    podIPs: opt(12, list(PodIP, { list: 'map', keys: ['ip'], patch: 'merge', mergeKey: 'ip' }), 'All addresses of the pod.'),
    qosClass: opt(9, string, 'Guaranteed, Burstable or BestEffort, from requests and limits.'),
    reason: opt(4, string, 'One word for the phase, such as Evicted.'),
    resize: opt(14, string, 'State of a change of resources; conditions say it now.'),
    resourceClaimStatuses: opt(
      15,
      list(PodResourceClaimStatus, { list: 'map', keys: ['name'], patch: 'merge,retainKeys', mergeKey: 'name' }),
      'The claims made for the pod.',
    ),
    resources: opt(20, ResourceRequirements, 'Requests and limits that hold for the pod as a whole.'),
    startTime: opt(7, time, 'When the node took the pod.'),
  },
  { doc: 'How a pod is doing.' },
)
export type PodStatus = Static<typeof PodStatus>
