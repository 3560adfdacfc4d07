import type { Api, EventRecorder } from '../../api/access.ts'
import type { Clock } from '../../base/clock.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { Log } from '../../base/log.ts'
import { Informers } from '../../client/informers.ts'
import { startRecorder } from '../../client/recorder.ts'
import { Changes } from './changes.ts'
import { ObservedCluster } from './observed.ts'
import { pass } from './pass.ts'

export interface DaemonSetControllerOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Shared local copies; own ones when absent. */
  readonly informers?: Informers
  readonly recorder?: EventRecorder
  /** Sets worked on at once. */
  readonly workers?: number
}

/** Keeps every DaemonSet's pods, revisions and status as they should be, until the signal aborts and the work in flight has ended. */
export async function runDaemonSetController(options: DaemonSetControllerOptions): Promise<void> {
  const { api, clock, log, signal, workers = 2 } = options
  const informers = options.informers ?? new Informers({ api, clock, log })
  const own = options.recorder ? undefined : startRecorder({ api, clock, log, component: 'daemonset-controller' }, signal)
  const recorder = options.recorder ?? own!
  const cluster = new ObservedCluster(informers)
  const running = options.informers ? undefined : informers.run(signal)
  const queue = new KeyQueue<string>({ clock, onError: (key, error) => log.warn('a DaemonSet could not be brought about, trying again', { key, error }) })
  const changes = new Changes(cluster, key => queue.add(key))

  const aborted = new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
  await Promise.race([cluster.synced(), aborted])
  const stop = changes.start()
  try {
    await queue.run(
      async (key, signal) => {
        const set = cluster.sets.get(key)
        if (!set) return queue.forget(key)
        return pass({ api, clock, recorder, cluster }, changes.stateOf(set), signal)
      },
      { workers, signal },
    )
  } finally {
    stop()
  }
  await running
  await own?.done
}
