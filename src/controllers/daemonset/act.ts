import type { Api, EventRecorder } from '../../api/access.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import { daemonPod } from '../../judge/daemonset/daemon-pod.ts'
import type { SetFacts } from '../../judge/daemonset/facts.ts'
import { failureAnnotations, nextFailure } from '../../judge/daemonset/failures.ts'
import type { Action, CreateAction, DeleteAction } from '../../judge/daemonset/verdict.ts'
import { IN_FLIGHT, inParallel, slowStart } from './parallel.ts'
import type { SetState } from './set-state.ts'

export interface Acting {
  readonly api: Api
  readonly clock: Clock
  readonly recorder: EventRecorder
  readonly state: SetState
  readonly facts: SetFacts
  readonly signal: AbortSignal
}

/** Creates with slow start, then deletes, and says so in events. Gives back what failed; whatever could be done has been. */
export async function act(acting: Acting, actions: readonly Action[]): Promise<readonly unknown[]> {
  const creates = actions.filter(action => action.do === 'create')
  const deletes = actions.filter(action => action.do === 'delete')
  const failed = await slowStart(creates, action => create(acting, action), acting.state.firstBatch)
  if (creates.length > 0) acting.state.firstBatch = failed.length > 0 ? 1 : Math.min(IN_FLIGHT, creates.length)
  return [...failed, ...(await inParallel(deletes, action => remove(acting, action)))]
}

async function create({ api, recorder, state, facts, signal }: Acting, { node }: CreateAction): Promise<void> {
  const { set } = facts
  if (Object.keys(set.spec.template.metadata?.labels ?? {}).length === 0) throw new Error('unable to create pods, no labels')
  try {
    const pod = await api.create({ kind: Pods, namespace: set.metadata.namespace }, daemonPod(facts, node), { signal })
    state.wrote('pods', pod)
    recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
  } catch (error) {
    if (isStatus(error) && error.status.details?.causes?.some(cause => cause.reason === 'NamespaceTerminating')) return
    // Nobody knows whether the pod was made: the next pass must see everything up to now first.
    if (!isStatus(error) || error.code >= 500) state.uncertain = true
    recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
    throw error
  }
}

async function remove({ api, clock, recorder, state, facts, signal }: Acting, { pod, node, why }: DeleteAction): Promise<void> {
  const { set } = facts
  const { name, namespace, uid } = pod.metadata
  if (why === 'failed') {
    const failure = nextFailure(state.failures.get(node), set.status.observedGeneration ?? 0, clock.now())
    // Whoever asks why the node has no daemon reads the back-off from here.
    const details = { annotations: failureAnnotations(failure), part: node }
    recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`, details)
    state.failures.set(node, failure)
    state.keeper.touch(node)
  }
  if (why === 'succeeded') {
    recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`)
  }
  try {
    const result = await api.delete({ kind: Pods, namespace, name }, { preconditions: { uid }, signal })
    if (result.kind === 'Pod') state.wrote('pods', result)
    forget(state, uid, node)
    recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
  } catch (error) {
    if (isStatus(error, 'NotFound')) {
      forget(state, uid, node)
      return
    }
    recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`)
    throw error
  }
}

/** The pod is going or gone, whether or not a newer revision tells when the local copy will show it. */
function forget(state: SetState, uid: string, node: string): void {
  state.deleted.add(uid)
  state.keeper.touch(node)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
