import type { Api, EventRecorder } from '../api/access.ts'
import type { Kind } from '../api/kinds/kind.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Informers } from '../client/informers.ts'
import { startRecorder } from '../client/recorder.ts'
import { runDaemonSetController } from './daemonset/controller.ts'
import { runDeploymentController } from './deployment/controller.ts'
import { runDisruptionController } from './disruption/controller.ts'
import { runEndpointsController } from './endpoints/endpoints-controller.ts'
import { runEndpointSlicesController } from './endpoints/slices-controller.ts'
import { runGarbageCollectorController } from './garbage-collector/controller.ts'
import { filteredKinds, fixedKinds, type KindSource } from './kind-source.ts'
import { runNamespaceController } from './namespace/controller.ts'
import { runNodeLifecycleController } from './node-lifecycle/controller.ts'
import { runTaintEvictionController } from './node-lifecycle/taint-eviction.ts'
import type { ControllerOptions } from './options.ts'
import { runPodGcController } from './pod-gc/controller.ts'
import { runReplicaSetController } from './replicaset/controller.ts'
import { runRootCaController } from './root-ca/controller.ts'
import { runSchedulerController } from './scheduler/controller.ts'
import { runServiceAccountController } from './service-account/controller.ts'
import { runVolumeProtectionController } from './volume-protection/controller.ts'

export interface AllOptions {
  /** The API as somebody: every controller acts under a name of its own. */
  readonly apiAs: (userName: string, groups: readonly string[]) => Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Every kind served: the garbage collector and namespace deletion look after all of them. */
  readonly kinds: readonly Kind[] | KindSource
  /** The certificates, in PEM, that the server's own is checked against. */
  readonly certificate: string
  /** Local copies to share with whoever else runs here; own ones when absent. Run by whoever made them. */
  readonly informers?: Informers
  /** A number in [0, 1): where the counts of event names begin. */
  readonly random?: () => number
  /** How long a node may be silent before it is unknown; 40 s when absent. */
  readonly nodeGraceMs?: number
  /** Whether nodes may have to wait until the server listens to them. */
  readonly crowded?: () => boolean
  /** Further controllers that act as a ServiceAccount of kube-system and share the informers. */
  readonly more?: Readonly<Record<string, (options: ControllerOptions) => Promise<void>>>
}

/** Events need no owners, and nobody owns them. */
const UNCOLLECTED: ReadonlySet<string> = new Set(['events'])

/** Starts every controller over shared informers; resolves when the signal has aborted and all have ended. */
export async function runControllers(options: AllOptions): Promise<void> {
  const { apiAs, clock, log, signal, kinds, random } = options
  const own = options.informers ? undefined : new Informers({ api: apiAs('system:kube-controller-manager', ['system:authenticated']), clock, log })
  const informers = options.informers ?? own!
  const recorders: Promise<void>[] = []
  const as = (user: string, groups: readonly string[], component: string): ControllerOptions => {
    const api = apiAs(user, [...groups, 'system:authenticated'])
    const recorder: EventRecorder & { readonly done: Promise<void> } = startRecorder({ api, clock, log, component, ...(random && { random }) }, signal)
    recorders.push(recorder.done)
    return { api, clock, log: log.with({ controller: component }), informers, recorder, signal }
  }
  const account = (name: string, component = name): ControllerOptions =>
    as(`system:serviceaccount:kube-system:${name}`, ['system:serviceaccounts', 'system:serviceaccounts:kube-system'], component)

  const node = account('node-controller')
  const served = 'current' in kinds ? kinds : fixedKinds(kinds)
  const collected = filteredKinds(served, ({ resource }) => !UNCOLLECTED.has(resource))
  const emptied = filteredKinds(served, ({ namespaced, verbs }) => namespaced && (!verbs || verbs.includes('deletecollection')))
  const controllers: Readonly<Record<string, () => Promise<void>>> = {
    scheduler: () => runSchedulerController(as('system:kube-scheduler', [], 'default-scheduler')),
    'daemon sets': () => runDaemonSetController(account('daemon-set-controller', 'daemonset-controller')),
    'node lifecycle': () => {
      const { nodeGraceMs: graceMs, crowded } = options
      return runNodeLifecycleController({ ...node, crowded, ...(graceMs && { graceMs }) })
    },
    'taint eviction': () => runTaintEvictionController({ ...account('node-controller', 'taint-eviction-controller') }),
    'pod garbage': () => runPodGcController(account('pod-garbage-collector')),
    garbage: () => runGarbageCollectorController({ ...account('generic-garbage-collector', 'garbage-collector-controller'), kinds: collected }),
    deployments: () => runDeploymentController(account('deployment-controller')),
    'replica sets': () => runReplicaSetController(account('replicaset-controller')),
    'disruption budgets': () => runDisruptionController(account('disruption-controller')),
    endpoints: () => runEndpointsController(account('endpoint-controller')),
    'endpoint slices': () => runEndpointSlicesController(account('endpointslice-controller', 'endpoint-slice-controller')),
    namespaces: () => runNamespaceController({ ...account('namespace-controller'), kinds: emptied }),
    'service accounts': () => runServiceAccountController(account('service-account-controller')),
    'volume protection': () => runVolumeProtectionController(account('volume-protection-controller')),
    'root certificate': () => runRootCaController({ ...account('root-ca-cert-publisher'), certificate: options.certificate }),
    ...Object.fromEntries(Object.entries(options.more ?? {}).map(([name, run]) => [name, () => run(account(name))])),
  }
  const kept = Object.entries(controllers).map(([name, run]) => keepRunning(name, run, options))
  await Promise.all([own?.run(signal), ...kept])
  await Promise.all(recorders)
}

const RESTART_MS = 5_000

/** A controller that fails is a fault of ours: it is told of, and the controller starts anew. */
async function keepRunning(controller: string, run: () => Promise<void>, { clock, log, signal }: AllOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      await run()
      return
    } catch (error) {
      if (signal.aborted) return
      log.error('a controller failed and starts again', { controller, error })
      await sleep(clock, RESTART_MS, signal).catch(() => {})
    }
  }
}
