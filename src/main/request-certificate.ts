import { createHash, randomUUID } from 'node:crypto'
import { CertificateSigningRequests } from '../api/kinds/certificates/certificate-signing-request.ts'
import { isStatus } from '../api/meta/status.ts'
import type { CertificateSigningRequest } from '../api/types/certificates.ts'
import type { HttpApi } from '../client/http/rest.ts'
import { Failure } from './failure.ts'

const WAIT_MS = 30_000
const POLL_MS = 200

/** Has the server sign a request for a node's certificate; resolves with PEM. Throws `Failure` with what the server said against it. */
export async function requestCertificate(api: HttpApi, csr: string, node: string, signal: AbortSignal): Promise<string> {
  const { server } = api.transport
  const name = `node-csr-${createHash('sha256').update(csr).update(randomUUID()).digest('hex').slice(0, 20)}`
  let request: CertificateSigningRequest
  try {
    request = await api.create(
      { kind: CertificateSigningRequests },
      {
        metadata: { name },
        spec: {
          request: Buffer.from(csr).toString('base64'),
          signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
          usages: ['digital signature', 'client auth'],
        },
      },
    )
  } catch (error) {
    if (!isStatus(error, 'Unauthorized', 'Forbidden')) throw error
    const remedy = 'make a new one there with `everynode token create`'
    const spent = isStatus(error, 'Forbidden') && error.message.includes('"system:bootstrap:')
    const why = spent ? 'the token has been used as often as it may be' : error.message === 'Unauthorized' ? 'it does not know the token' : error.message
    throw new Failure(`${server} refuses a certificate for node "${node}": ${why}; ${remedy}`, 1, { cause: error })
  }
  const until = Date.now() + WAIT_MS
  for (;;) {
    const { status } = request
    if (status.certificate) return Buffer.from(status.certificate, 'base64').toString()
    const refused = status.conditions?.find(c => c.type === 'Denied' || c.type === 'Failed')
    if (refused) throw new Failure(`the server refuses a certificate for node "${node}": ${refused.message ?? refused.reason}`)
    if (Date.now() > until)
      throw new Failure(`the server has not signed the certificate of node "${node}" in ${WAIT_MS / 1000} s; look at \`kubectl get csr ${name}\``)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
    request = await api.get({ kind: CertificateSigningRequests, name }, { signal })
  }
}
