import type { EventRecorder } from '../api/access.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { graceOf } from './plan.ts'
import type { Eviction } from './pressure/plan.ts'
import type { Runtime } from './runtime/runtime.ts'

export interface PreemptOptions {
  readonly evict: (eviction: Eviction) => void
  readonly runtime: Pick<Runtime, 'list'>
  readonly recorder?: EventRecorder | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

const MESSAGE = 'Preempted in order to admit critical pod'
const DISRUPTION = 'Pod was preempted by Kubelet to accommodate a critical pod.'
const LOOK_MS = 100
/** What the engine is given beyond the grace of a pod before the critical one starts beside it. */
const PATIENCE_MS = 10_000

/** Ends pods in favour of a critical one, each with its own grace; resolves when nothing of them runs any more. */
export async function endForCritical(pods: readonly Pod[], options: PreemptOptions): Promise<void> {
  for (const pod of pods) {
    options.recorder?.event(pod, 'Warning', 'Preempting', MESSAGE)
    options.evict({ uid: pod.metadata.uid, reason: 'Preempting', message: MESSAGE, disruption: DISRUPTION })
  }
  await Promise.all(pods.map(pod => untilEnded(pod, options)))
}

async function untilEnded(pod: Pod, { runtime, clock, signal }: PreemptOptions): Promise<void> {
  for (const end = clock.now() + graceOf(pod) * 1000 + PATIENCE_MS; clock.now() < end; await sleep(clock, LOOK_MS, signal)) {
    const [observed] = await runtime.list({ uid: pod.metadata.uid, signal })
    if (!observed?.containers.some(({ state }) => state !== 'exited' && state !== 'created')) return
  }
}
