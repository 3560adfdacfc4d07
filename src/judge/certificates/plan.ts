import type { CertificateSigningRequest } from '../../api/types/certificates.ts'

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
export const NODE_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'

/** What stands in a signing request, read by whoever holds the certificate library. */
export interface RequestContent {
  readonly commonName: string
  readonly organizations: readonly string[]
  /** SHA-256 of the public key (SPKI), hex. */
  readonly keyHash: string
  /** It asks for further names (DNS, addresses, …). */
  readonly alternativeNames: boolean
}

export interface ObservedRequest {
  readonly request: CertificateSigningRequest
  /** Undefined: the request cannot be read, or its signature is wrong. */
  readonly content: RequestContent | undefined
  /** A Node of the name asked for exists. */
  readonly nodeExists: boolean
  /** The key that the node of this name was given a certificate for, if it ever was. */
  readonly knownKeyHash: string | undefined
}

/** `sign` carries the subject; `approve` is followed by `sign` in a later look. */
export type RequestVerdict =
  | { readonly do: 'approve'; readonly reason: string; readonly message: string }
  | { readonly do: 'deny'; readonly reason: string; readonly message: string }
  | { readonly do: 'sign'; readonly commonName: string; readonly organizations: readonly string[]; readonly keyHash: string }
  | { readonly do: 'fail'; readonly reason: string; readonly message: string }
  | { readonly do: 'nothing'; readonly reason: string }

const NODE_USAGES = ['client auth', 'digital signature', 'key encipherment']

/** What becomes of a signing request. A node's is approved by rule; a person's waits for a person. */
export function judgeRequest(observed: ObservedRequest): RequestVerdict {
  const { request, content } = observed
  const { spec, status } = request
  const decided = new Set(status.conditions?.map(condition => condition.type))
  if (spec.signerName !== CLIENT_SIGNER && spec.signerName !== NODE_SIGNER) return { do: 'nothing', reason: 'another signer is asked' }
  if (status.certificate) return { do: 'nothing', reason: 'issued' }
  if (decided.has('Denied')) return { do: 'nothing', reason: 'denied' }
  if (decided.has('Failed')) return { do: 'nothing', reason: 'failed' }
  if (!content)
    return { do: decided.has('Approved') ? 'fail' : 'deny', reason: 'Unreadable', message: 'spec.request is not a signing request with a valid signature' }
  const wrong = spec.signerName === NODE_SIGNER ? wrongForNode(spec.usages ?? [], content) : wrongForClient(spec.usages ?? [], content)
  if (wrong) return { do: decided.has('Approved') ? 'fail' : 'deny', reason: 'SignerValidationFailure', message: wrong }
  if (decided.has('Approved')) return { do: 'sign', commonName: content.commonName, organizations: content.organizations, keyHash: content.keyHash }
  if (spec.signerName === CLIENT_SIGNER) return { do: 'nothing', reason: 'waits for somebody to approve it' }
  return approveNode(observed, content)
}

function approveNode({ request, nodeExists, knownKeyHash }: ObservedRequest, { commonName, keyHash }: RequestContent): RequestVerdict {
  const { username, groups = [], extra } = request.spec
  const name = commonName.slice('system:node:'.length)
  if (username === commonName && groups.includes('system:nodes')) {
    return { do: 'approve', reason: 'AutoApproved', message: 'the node renews its own certificate' }
  }
  if (!groups.includes('system:bootstrappers')) return { do: 'nothing', reason: 'waits for somebody to approve it' }
  const meant = extra?.['everynode.dev/node']?.[0]
  if (meant !== undefined && meant !== name) return { do: 'deny', reason: 'OtherNode', message: `the token is for node "${meant}", not for "${name}"` }
  if (nodeExists && knownKeyHash !== keyHash) {
    const message = `a node "${name}" exists and this is not its key: join under another name, or delete the Node first`
    return { do: 'deny', reason: 'NodeExists', message }
  }
  return { do: 'approve', reason: 'AutoApproved', message: `joins with the token of ${username ?? ''}` }
}

function wrongForNode(usages: readonly string[], { commonName, organizations, alternativeNames }: RequestContent): string | undefined {
  if (!commonName.startsWith('system:node:') || commonName === 'system:node:') return `the common name must be system:node:NAME, not "${commonName}"`
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'the organization must be system:nodes and nothing else'
  if (alternativeNames) return 'a node may not ask for further names'
  const strange = usages.find(usage => !NODE_USAGES.includes(usage))
  if (strange !== undefined) return `spec.usages: a node may not have "${strange}"`
  if (!usages.includes('client auth')) return 'spec.usages must hold "client auth"'
  return undefined
}

function wrongForClient(usages: readonly string[], { organizations }: RequestContent): string | undefined {
  if (organizations.includes('system:masters')) return 'nobody gets a certificate for group system:masters'
  const strange = usages.find(usage => !NODE_USAGES.includes(usage))
  return strange === undefined ? undefined : `spec.usages: a client may not have "${strange}"`
}
