import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, int64, list, map, message, opt, quantity, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { Taint } from './affinity.ts'

export const ConfigMapNodeConfigSource = message(
  'core.v1.ConfigMapNodeConfigSource',
  {
    kubeletConfigKey: req(5, string, 'Key in the ConfigMap.'),
    name: req(2, string, 'Name of the ConfigMap.'),
    namespace: req(1, string, 'Namespace of the ConfigMap.'),
    resourceVersion: opt(4, string, 'State of the ConfigMap that is meant.'),
    uid: opt(3, string, 'Uid of the ConfigMap.'),
  },
  { doc: 'No longer used.' },
)
export type ConfigMapNodeConfigSource = Static<typeof ConfigMapNodeConfigSource>

export const NodeConfigSource = message(
  'core.v1.NodeConfigSource',
  {
    configMap: opt(2, ConfigMapNodeConfigSource, 'No longer used.'),
  },
  { doc: 'No longer used.' },
)
export type NodeConfigSource = Static<typeof NodeConfigSource>

export const NodeSpec = message(
  'core.v1.NodeSpec',
  {
    configSource: opt(6, NodeConfigSource, 'No longer used.'),
    externalID: opt(2, string, 'No longer used.'),
    podCIDR: opt(1, string, 'Addresses for the pods of the node.'),
    podCIDRs: opt(7, list(string, { list: 'set', patch: 'merge' }), 'Addresses for the pods of the node, at most one range per family.'),
    providerID: opt(3, string, 'Id of the machine at its cloud provider.'),
    taints: opt(5, list(Taint, { list: 'atomic' }), 'What keeps pods away that do not tolerate it.'),
    unschedulable: opt(4, boolean, 'Whether new pods are kept away; kubectl cordon sets it.'),
  },
  { doc: 'What is wanted of a node.' },
)
export type NodeSpec = Static<typeof NodeSpec>

export const NodeAddress = message(
  'core.v1.NodeAddress',
  {
    address: req(2, string, 'The address.'),
    type: req(1, string, 'Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.'),
  },
  { doc: 'One address of a node.' },
)
export type NodeAddress = Static<typeof NodeAddress>

export const NodeCondition = message(
  'core.v1.NodeCondition',
  {
    lastHeartbeatTime: opt(3, time, 'When the node last reported it.'),
    lastTransitionTime: opt(4, time, 'When the status last changed.'),
    message: opt(6, string, 'What a person should know about it.'),
    reason: opt(5, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a node's state." },
)
export type NodeCondition = Static<typeof NodeCondition>

export const NodeConfigStatus = message(
  'core.v1.NodeConfigStatus',
  {
    active: opt(2, NodeConfigSource, 'No longer used.'),
    assigned: opt(1, NodeConfigSource, 'No longer used.'),
    error: opt(4, string, 'No longer used.'),
    lastKnownGood: opt(3, NodeConfigSource, 'No longer used.'),
  },
  { doc: 'No longer used.' },
)
export type NodeConfigStatus = Static<typeof NodeConfigStatus>

export const DaemonEndpoint = message(
  'core.v1.DaemonEndpoint',
  {
    Port: req(1, int32, 'Number of the port.'),
  },
  { doc: 'One port.' },
)
export type DaemonEndpoint = Static<typeof DaemonEndpoint>

export const NodeDaemonEndpoints = message(
  'core.v1.NodeDaemonEndpoints',
  {
    kubeletEndpoint: opt(1, withDefault(DaemonEndpoint, {}), 'Port on which the agent serves logs and exec.'),
  },
  { doc: 'Ports of what runs on a node.' },
)
export type NodeDaemonEndpoints = Static<typeof NodeDaemonEndpoints>

export const NodeFeatures = message(
  'core.v1.NodeFeatures',
  {
    supplementalGroupsPolicy: opt(1, explicit(boolean), 'Whether the runtime knows supplementalGroupsPolicy.'),
  },
  { doc: 'What the container runtime can do.' },
)
export type NodeFeatures = Static<typeof NodeFeatures>

export const ContainerImage = message(
  'core.v1.ContainerImage',
  {
    names: opt(1, list(string, { list: 'atomic' }), 'Names the image is known by.'),
    sizeBytes: opt(2, int64, 'Size of the image.'),
  },
  { doc: 'An image on a node.' },
)
export type ContainerImage = Static<typeof ContainerImage>

export const NodeSwapStatus = message(
  'core.v1.NodeSwapStatus',
  {
    capacity: opt(1, explicit(int64), 'Bytes of swap.'),
  },
  { doc: 'Swap of a machine.' },
)
export type NodeSwapStatus = Static<typeof NodeSwapStatus>

export const NodeSystemInfo = message(
  'core.v1.NodeSystemInfo',
  {
    architecture: req(10, string, 'Architecture of the processor.'),
    bootID: req(3, string, 'Id of the present boot.'),
    containerRuntimeVersion: req(6, string, 'Name and version of the container runtime.'),
    kernelVersion: req(4, string, 'Version of the kernel.'),
    kubeProxyVersion: req(8, string, 'No longer used.'),
    kubeletVersion: req(7, string, 'Version of the node agent.'),
    machineID: req(1, string, 'Id of the installation.'),
    operatingSystem: req(9, string, 'linux or windows.'),
    osImage: req(5, string, 'Name of the operating system.'),
    swap: opt(11, NodeSwapStatus, 'Swap of the machine.'),
    systemUUID: req(2, string, 'Id of the hardware.'),
  },
  { doc: 'Ids and versions of a machine.' },
)
export type NodeSystemInfo = Static<typeof NodeSystemInfo>

export const NodeRuntimeHandlerFeatures = message(
  'core.v1.NodeRuntimeHandlerFeatures',
  {
    recursiveReadOnlyMounts: opt(1, explicit(boolean), 'Whether mounts below can be made read-only.'),
    userNamespaces: opt(2, explicit(boolean), 'Whether pods can have user namespaces.'),
  },
  { doc: 'What a runtime handler can do.' },
)
export type NodeRuntimeHandlerFeatures = Static<typeof NodeRuntimeHandlerFeatures>

export const NodeRuntimeHandler = message(
  'core.v1.NodeRuntimeHandler',
  {
    features: opt(2, NodeRuntimeHandlerFeatures, 'What the handler can do.'),
    name: opt(1, string, 'Name of the handler; empty for the default.'),
  },
  { doc: 'One way to run a container.' },
)
export type NodeRuntimeHandler = Static<typeof NodeRuntimeHandler>

export const AttachedVolume = message(
  'core.v1.AttachedVolume',
  {
    devicePath: req(2, string, 'Path of the device.'),
    name: req(1, string, 'Name of the volume.'),
  },
  { doc: 'A volume attached to a node.' },
)
export type AttachedVolume = Static<typeof AttachedVolume>

export const NodeStatus = message(
  'core.v1.NodeStatus',
  {
    addresses: opt(5, list(NodeAddress, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Addresses the node can be reached at.'),
    allocatable: opt(2, map(quantity), 'Resources that pods can have.'),
    capacity: opt(1, map(quantity), 'Resources the machine has.'),
    conditions: opt(
      4,
      list(NodeCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }),
      'Present conditions: Ready, MemoryPressure, DiskPressure, PIDPressure and others.',
    ),
    config: opt(11, NodeConfigStatus, 'No longer used.'),
    daemonEndpoints: opt(6, withDefault(NodeDaemonEndpoints, {}), 'Ports of the node agent.'),
    declaredFeatures: opt(14, list(string, { list: 'atomic' }), 'Features the agent says it has.'),
    features: opt(13, NodeFeatures, 'Features of the container runtime.'),
    images: opt(8, list(ContainerImage, { list: 'atomic' }), 'Images on the node.'),
    nodeInfo: opt(7, withDefault(NodeSystemInfo, {}), 'Ids and versions of the machine and its software.'),
    phase: opt(3, string, 'No longer used.'),
    runtimeHandlers: opt(12, list(NodeRuntimeHandler, { list: 'atomic' }), 'Ways to run a container that the runtime offers.'),
    volumesAttached: opt(10, list(AttachedVolume, { list: 'atomic' }), 'Volumes attached to the node.'),
    volumesInUse: opt(9, list(string, { list: 'atomic' }), "Volumes that the node's pods use."),
  },
  { doc: 'How a node is doing.' },
)
export type NodeStatus = Static<typeof NodeStatus>

export const Node = message(
  'core.v1.Node',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, NodeSpec, 'What is wanted of the node.'),
    status: opt(3, NodeStatus, 'What the node last reported.'),
  },
  { kind: true, doc: 'A machine that runs pods.' },
)
export type Node = ObjectOf<Static<typeof Node>>
