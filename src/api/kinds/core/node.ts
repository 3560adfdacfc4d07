import { Node } from '../../types/core/node.ts'
import { cidrWarnings } from '../address-warnings.ts'
import { AGE, listed, NAME, NONE, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultNode, prepareNodeForCreate, prepareNodeForUpdate, validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './node-rules.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** Names of the node's roles, sorted. */
export function nodeRoles(node: Node): readonly string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].sort()
}

function statusCell(node: Node): string {
  const ready = (node.status.conditions ?? []).find(c => c.type === 'Ready')
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec.unschedulable ? `${status},SchedulingDisabled` : status
}

const addressCell = (node: Node, type: string): string => (node.status.addresses ?? []).find(a => a.type === type)?.address ?? NONE

function kernelCell(node: Node): string {
  const { kernelVersion, architecture } = node.status.nodeInfo ?? {}
  return `${kernelVersion || '<unknown>'}${architecture ? ` (${architecture})` : ''}`
}

const nodeWarnings = ({ spec }: Node): readonly string[] => [
  ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ...(spec.podCIDRs ?? []).flatMap((range, i) => cidrWarnings(`spec.podCIDRs[${i}]`, range)),
]

export const Nodes: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: Node,
  subresources: { status: true },
  selectableFields: { 'spec.unschedulable': node => String(node.spec.unschedulable ?? false) },
  defaults: defaultNode,
  prepareForCreate: prepareNodeForCreate,
  prepareForUpdate: prepareNodeForUpdate,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  warnings: nodeWarnings,
  columns: [
    NAME,
    text('Status', 'Whether the node is ready, and whether new pods go there.', statusCell),
    text('Roles', 'Roles the node is labelled with.', node => listed(nodeRoles(node))),
    AGE,
    text('Version', 'Version of the node agent.', node => node.status.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', 'Address inside the cluster.', node => addressCell(node, 'InternalIP')),
    wide('External-IP', 'Address outside of the cluster.', node => addressCell(node, 'ExternalIP')),
    wide('OS-Image', 'Operating system of the node.', node => node.status.nodeInfo?.osImage || '<unknown>'),
    wide('Kernel-Version', 'Kernel of the node.', kernelCell),
    wide('Container-Runtime', 'What runs the containers.', node => node.status.nodeInfo?.containerRuntimeVersion || '<unknown>'),
  ],
}
