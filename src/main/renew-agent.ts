import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HttpApi } from '../client/http/rest.ts'
import { type LiveConnection, renewalTime } from '../client/node/live-connection.ts'
import { requestSigner } from '../client/node/request-signer.ts'
import { writeKubeconfig } from '../client/node/write-kubeconfig.ts'
import { requestCertificate } from './request-certificate.ts'

export interface RenewOptions {
  readonly connection: LiveConnection
  readonly api: HttpApi
  readonly node: string
  /** The kubeconfig that the next start reads. */
  readonly kubeconfig: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** A machine may sleep in between: time is looked at again at least this often. */
const LOOK_MS = 12 * 3600_000
const AGAIN_MS = 300_000

/** Renews the certificate of an agent at two thirds of its life, with the key it has, without a restart. Resolves with the signal. */
export async function keepAgentRenewed({ connection, api, node, kubeconfig, clock, log, signal }: RenewOptions): Promise<void> {
  let pause = 0
  while (!signal.aborted) {
    const { certificate, key } = connection
    if (certificate === undefined || key === undefined) return
    const due = renewalTime(certificate) - clock.now()
    await sleep(clock, Math.max(pause, Math.min(LOOK_MS, due)), signal).catch(() => {})
    if (signal.aborted || renewalTime(certificate) > clock.now()) continue
    try {
      const { csr } = await requestSigner.call('newSigningRequest', `system:node:${node}`, ['system:nodes'], key)
      const next = await requestCertificate(api, csr, node, signal)
      await writeKubeconfig(kubeconfig, { server: connection.server, authority: connection.authority ?? '', certificate: next, key, name: 'everynode' })
      connection.replace(next, key)
      api.transport.reconnect()
      log.info('the certificate of this node is renewed', { node })
      pause = 0
    } catch (error) {
      log.warn('renewing the certificate of this node failed, trying again', { node, error })
      pause = AGAIN_MS
    }
  }
}
