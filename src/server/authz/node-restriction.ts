import type { KubeObject } from '../../api/meta/object.ts'
import { forbidden } from '../../api/meta/status.ts'
import { nodeOfUser } from '../../api/meta/user.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import type { AdmissionPlugin, AdmissionRequest, AdmissionView } from '../admission/plugin.ts'
import { referencesOf } from './node-graph.ts'

const MIRROR = 'kubernetes.io/config.mirror'
/** Labels below kubernetes.io and k8s.io that a node may set on itself (upstream's list). */
const OWN_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region',
  'failure-domain.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
])
const OWN_PREFIXES = ['kubelet.kubernetes.io/', 'node.kubernetes.io/']

/** Whether a node may not set this label on itself: it would let it draw pods that are not meant for it. */
export function isRestrictedLabel(key: string): boolean {
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  if (domain === 'node-restriction.kubernetes.io' || domain.endsWith('.node-restriction.kubernetes.io')) return true
  const ofKubernetes = domain === 'kubernetes.io' || domain === 'k8s.io' || domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')
  return ofKubernetes && !OWN_LABELS.has(key) && !OWN_PREFIXES.some(prefix => key.startsWith(prefix))
}

/** An agent writes its own Node, its own Lease and the status of its own pods, and what it may not touch there stays (upstream's NodeRestriction). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  on: [
    'nodes',
    'nodes/status',
    'pods',
    'pods/status',
    'pods/eviction',
    'pods/binding',
    'pods/ephemeralcontainers',
    'pods/resize',
    'bindings',
    'leases',
    'csinodes',
    'persistentvolumeclaims',
    'persistentvolumeclaims/status',
  ],
  operations: ['create', 'update', 'delete'],
  check(request, view) {
    if (!request.user.groups.includes('system:nodes')) return undefined
    const node = nodeOfUser(request.user)
    if (node === undefined) throw refuse(request, `user "${request.user.name}" is in group system:nodes but names no node`)
    const why = whyNot(request, node, view)
    if (why !== undefined) throw refuse(request, why)
    return undefined
  },
}

function whyNot(request: AdmissionRequest, node: string, view: AdmissionView): string | undefined {
  switch (request.kind.resource) {
    case 'nodes':
      return aboutNode(request, node)
    case 'pods':
      return request.subresource === 'eviction' ? aboutEviction(request, node, view) : aboutPod(request, node, view)
    case 'leases':
      return aboutLease(request, node)
    case 'csinodes':
      return request.name === node ? undefined : `node "${node}" can only use the CSINode of its own name`
    case 'bindings':
      return `node "${node}" may not bind pods`
    default:
      return `node "${node}" may not change ${request.kind.resource}`
  }
}

const refuse = ({ kind, name }: AdmissionRequest, why: string) => forbidden({ group: kind.group, resource: kind.resource }, name, why)

function aboutNode({ operation, name, object, old }: AdmissionRequest, node: string): string | undefined {
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`
  if (operation === 'delete') return `node "${node}" may not delete itself`
  const labels = object.metadata.labels ?? {}
  const before = (old as Node | undefined)?.metadata.labels ?? {}
  const touched = [...new Set([...Object.keys(labels), ...Object.keys(before)])].filter(key => labels[key] !== before[key] && isRestrictedLabel(key))
  if (touched.length > 0) return `node "${node}" is not allowed to set or change these labels: ${touched.sort().join(', ')}`
  if (!old) return undefined
  if (!equal((object as Node).spec.taints ?? [], (old as Node).spec.taints ?? [])) return `node "${node}" is not allowed to modify taints`
  if (!equal(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) return `node "${node}" is not allowed to modify its owner references`
  return undefined
}

function aboutPod({ operation, subresource, object, old }: AdmissionRequest, node: string, view: AdmissionView): string | undefined {
  const pod = (old ?? object) as Pod
  if (subresource !== undefined && subresource !== 'status') return `node "${node}" may not write ${subresource} of a pod`
  if (operation === 'create') return aboutMirror(object as Pod, node, view)
  if (pod.spec.nodeName !== node) return `node "${node}" can only ${operation} pods with spec.nodeName set to itself`
  if (operation === 'delete') return undefined
  if (subresource !== 'status') return `node "${node}" may only update the status of its pods`
  return equal(object.metadata.labels ?? {}, pod.metadata.labels ?? {}) ? undefined : `node "${node}" cannot update labels through pod status`
}

function aboutEviction({ namespace, name }: AdmissionRequest, node: string, view: AdmissionView): string | undefined {
  const pod = view.get<Pod>({ group: '', resource: 'pods' }, namespace, name)
  // One that is gone is said to be gone.
  return !pod || pod.spec.nodeName === node ? undefined : `node "${node}" can only evict pods with spec.nodeName set to itself`
}

function aboutMirror(pod: Pod, node: string, view: AdmissionView): string | undefined {
  if (!pod.metadata.annotations?.[MIRROR]) return 'a node may only create mirror pods'
  if (pod.spec.nodeName !== node) return `node "${node}" can only create pods with spec.nodeName set to itself`
  const [owner, ...more] = pod.metadata.ownerReferences ?? []
  const itself = view.get<KubeObject>({ group: '', resource: 'nodes' }, undefined, node)
  if (
    !owner ||
    more.length > 0 ||
    owner.apiVersion !== 'v1' ||
    owner.kind !== 'Node' ||
    owner.name !== node ||
    !owner.controller ||
    owner.uid !== itself?.metadata.uid
  )
    return `a mirror pod must have one owner, the Node "${node}" that runs it, as its controller`
  const [reference] = referencesOf(pod)
  return reference === undefined ? undefined : `a mirror pod may not refer to a ${reference}`
}

function aboutLease({ namespace, name }: AdmissionRequest, node: string): string | undefined {
  if (namespace !== 'kube-node-lease') return `node "${node}" can only use leases in kube-node-lease`
  return name === node ? undefined : `node "${node}" can only use the lease of its own name`
}
