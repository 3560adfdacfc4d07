import type { CertificateRequest } from './authority.ts'

const IP = /^[\d.]+$|:/

/** The server's certificate: every name and address that a client may use for it. */
export function serverRequest(hosts: readonly string[]): CertificateRequest {
  const all = new Set([
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
    '127.0.0.1',
    '::1',
    ...hosts,
  ])
  return {
    commonName: 'everynode',
    dnsNames: [...all].filter(host => !IP.test(host)),
    addresses: [...all].filter(host => IP.test(host)),
    usage: 'server',
    days: 365,
  }
}

/** The certificate of whoever runs the cluster. */
export const adminRequest: CertificateRequest = { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client', days: 365 }

/** The certificate of a node's agent. */
export const nodeRequest = (name: string): CertificateRequest => ({
  commonName: `system:node:${name}`,
  organizations: ['system:nodes'],
  usage: 'client',
  days: 365,
})
