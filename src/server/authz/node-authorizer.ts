import { nodeOfUser } from '../../api/meta/user.ts'
import type { Attributes, Authorizer, Decision, ResourceAttributes } from '../registry/authorizer.ts'
import type { NodeGraph, ReferenceKind } from './node-graph.ts'

const ALLOWED: Decision = Object.freeze({ allowed: true, reason: 'the Node authorizer' })
const UNSAID: Decision = Object.freeze({ allowed: false })
const no = (reason: string): Decision => ({ allowed: false, reason })

const REFERENCED: Readonly<Record<string, ReferenceKind>> = { secrets: 'secret', configmaps: 'configmap', persistentvolumeclaims: 'persistentvolumeclaim' }
const READ = ['get', 'list', 'watch']

/** Resources that every agent may read whole: they hold no secret and the agent needs them to serve its pods. */
const READABLE: Readonly<Record<string, readonly string[]>> = {
  '/services': READ,
  'storage.k8s.io/csidrivers': READ,
  'node.k8s.io/runtimeclasses': READ,
  'discovery.k8s.io/endpointslices': READ,
}

/** An agent reads and writes what its own node and the pods on it are about, and nothing else (upstream's Node authorizer). */
export const nodeAuthorizer = (graph: NodeGraph): Authorizer => ({
  authorize(attributes: Attributes): Decision {
    const node = nodeOfUser(attributes.user)
    if (node === undefined || 'path' in attributes) return UNSAID
    return decide(node, attributes, graph)
  },
})

function decide(node: string, at: ResourceAttributes, graph: NodeGraph): Decision {
  const { group, resource, subresource, verb, namespace = '', name } = at
  const what = `${group}/${resource}`
  const kind = group === '' ? REFERENCED[resource] : undefined
  if (kind) {
    if (subresource || !READ.includes(verb)) return no(`an agent may only read ${resource}`)
    if (!name) return no(`an agent may read ${resource} only one by one, by name`)
    return graph.refers(node, kind, namespace, name) ? ALLOWED : no(`no pod on node "${node}" refers to it`)
  }
  if (READABLE[what]?.includes(verb) && !subresource) return ALLOWED
  switch (what) {
    case '/nodes':
      return nodes(node, at)
    case '/pods':
      return pods(node, at, graph)
    case '/serviceaccounts': {
      if (subresource !== 'token' || verb !== 'create') return UNSAID
      return name && graph.refers(node, 'serviceaccount', namespace, name) ? ALLOWED : no(`no pod on node "${node}" runs as it`)
    }
    case 'coordination.k8s.io/leases':
      if (namespace !== 'kube-node-lease') return no('an agent keeps its Lease in kube-node-lease')
      if (subresource || !['get', 'create', 'update', 'patch', 'delete'].includes(verb))
        return no('an agent may only get, create, update, patch and delete its Lease')
      return verb === 'create' || name === node ? ALLOWED : no('an agent may only use the Lease of its own node')
    case '/events':
      return ['create', 'patch', 'update'].includes(verb) ? ALLOWED : UNSAID
    case 'storage.k8s.io/csinodes':
      return (name === node && verb !== 'list' && verb !== 'watch') || verb === 'create' ? ALLOWED : no('an agent may only use the CSINode of its own node')
    case 'certificates.k8s.io/certificatesigningrequests':
      return ['create', 'get', 'list', 'watch'].includes(verb) && (!subresource || subresource === 'selfnodeclient') ? ALLOWED : UNSAID
    case 'authentication.k8s.io/tokenreviews':
    case 'authorization.k8s.io/subjectaccessreviews':
    case 'authorization.k8s.io/localsubjectaccessreviews':
      return verb === 'create' ? ALLOWED : UNSAID
    case 'everynode.dev/nodes':
      return name === node ? ALLOWED : no('an agent may only link its own node')
    default:
      return UNSAID
  }
}

const narrowedTo = ({ fieldTerms }: ResourceAttributes, field: string, value: string): boolean =>
  fieldTerms?.some(term => term.equal && term.field === field && term.value === value) === true

function nodes(node: string, at: ResourceAttributes): Decision {
  const { verb, name, subresource } = at
  if (verb === 'create' && !subresource) return ALLOWED
  const own = name === node || narrowedTo(at, 'metadata.name', node)
  if (!own) return no(`node "${node}" may only read and change itself`)
  if (subresource) return subresource === 'status' && ['get', 'patch', 'update'].includes(verb) ? ALLOWED : UNSAID
  return [...READ, 'patch', 'update'].includes(verb) ? ALLOWED : UNSAID
}

function pods(node: string, at: ResourceAttributes, graph: NodeGraph): Decision {
  const { verb, namespace = '', name, subresource } = at
  if (verb === 'create' && !subresource) return ALLOWED // NodeRestriction looks at what is created
  if (verb === 'list' || verb === 'watch') {
    return narrowedTo(at, 'spec.nodeName', node) || (name && graph.nodeOf(namespace, name) === node)
      ? ALLOWED
      : no(`an agent may list and watch only pods with spec.nodeName=${node}`)
  }
  const known = ['get', 'delete', 'patch', 'update'].includes(verb) && (!subresource || subresource === 'status')
  const evicts = subresource === 'eviction' && verb === 'create'
  if (!known && !evicts) return UNSAID
  if (!subresource && verb !== 'get' && verb !== 'delete') return UNSAID
  // A pod that is gone may be asked for: the answer is 404, and the agent must learn it.
  const runsOn = name ? graph.nodeOf(namespace, name) : undefined
  return runsOn === undefined || runsOn === node ? ALLOWED : no(`the pod is not on node "${node}"`)
}
