import { KINDS, LATER_KINDS } from '../api/kinds/all.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Informers } from '../client/informers.ts'
import { runControllers } from '../controllers/all.ts'
import { runCertificateController, type Signer } from '../controllers/certificates/controller.ts'
import { runClusterRoleAggregationController } from '../controllers/cluster-role-aggregation/controller.ts'
import { issuer } from '../server/tls/issuer.ts'
import type { RunningServer } from './start-server.ts'

export interface RunningControllers {
  /** Shared by all that run in this process. */
  readonly informers: Informers
  /** Resolves when every controller has its first state. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

/** Runs every controller in this process, each under an identity of its own. */
export function startControllers({ server, clock, log }: { readonly server: RunningServer; readonly clock: Clock; readonly log: Log }): RunningControllers {
  const stop = new AbortController()
  const { signal } = stop
  const informers = new Informers({ api: server.apiAs('system:kube-controller-manager'), clock, log })
  const signer: Signer = {
    read: csr => issuer.call('readRequest', csr),
    sign: (csr, subject) => server.authority.signRequest(csr, { ...subject, usage: 'client' }),
  }
  const controllers = runControllers({
    apiAs: server.apiAs,
    clock,
    log,
    signal,
    kinds: { current: () => [...KINDS, ...LATER_KINDS, ...server.customKinds.current()], subscribe: changed => server.customKinds.subscribe(changed) },
    certificate: server.authority.certificate,
    crowded: server.crowded,
    informers,
    more: {
      'certificate-controller': options => runCertificateController({ ...options, signer }),
      'clusterrole-aggregation-controller': runClusterRoleAggregationController,
    },
  })
  const running = [controllers, informers.run(signal)]
  return {
    informers,
    ready: informers.synced(),
    async stop() {
      stop.abort()
      await Promise.all(running)
    },
  }
}
