import type { Api, EventRecorder } from '../../api/access.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { formatLabelSelector } from '../../api/meta/label-selector.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import { Stretches } from '../../base/node/stretches.ts'
import { selectsAll } from '../../judge/daemonset/claims.ts'
import { factsOf } from '../../judge/daemonset/facts.ts'
import type { NodeSource } from '../../judge/daemonset/keeper.ts'
import { targetNode } from '../../judge/daemonset/pod-facts.ts'
import { ration } from '../../judge/daemonset/ration.ts'
import { report } from '../../judge/daemonset/report.ts'
import { act } from './act.ts'
import { claimAll } from './claim.ts'
import { keepHistory, truncateHistory } from './keep-history.ts'
import type { ObservedCluster } from './observed.ts'
import { asOne } from './parallel.ts'
import type { SetState } from './set-state.ts'
import { writeStatus } from './write-status.ts'

export interface PassOptions {
  readonly api: Api
  readonly clock: Clock
  readonly recorder: EventRecorder
  readonly cluster: ObservedCluster
}

/** A pass that acted is not the last: what it did may have gone unnoticed. Never zero, which would spin. */
const LOOK_AGAIN_MS = 100

/** One pass over one set: claim, keep its history, judge, act, report. Throws what failed, after everything else has been done. */
export async function pass(options: PassOptions, state: SetState, signal: AbortSignal): Promise<{ readonly after: number } | undefined> {
  const { api, clock, recorder, cluster } = options
  if (state.uncertain) await seeWhatCame(options, state, signal)
  await readOwnWrites(cluster, state, signal)
  let set = cluster.sets.get(state.key)
  if (!set) return undefined
  if (selectsAll(set)) {
    recorder.event(set, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.')
    return undefined
  }
  if (set.metadata.deletionTimestamp !== undefined) return undefined

  if (state.claims) {
    state.claims = false
    await claimAll(api, cluster, state, set, signal).catch(error => {
      state.claims = true
      throw error
    })
    await readOwnWrites(cluster, state, signal)
  }
  const hands = { api, cluster, state, signal }
  const history = await keepHistory(hands, set)
  if (history.acted) await readOwnWrites(cluster, state, signal)
  const judged = latest(cluster, set)
  if (!judged) return undefined
  // The hash is of the template that the history was kept for: pods of another must not carry it.
  if (judged.metadata.generation !== set.metadata.generation) return { after: 1 }
  set = judged

  const facts = factsOf(set, history.hash, state.failures)
  if (state.keeper.follow(facts)) await touchAll(cluster, state, set, clock)
  const source = sourceOf(cluster, state, set)
  await judge(state, source, clock, signal)
  const { actions, problem } = ration(facts, state.keeper.tallies)
  const errors = [...(await act({ api, clock, recorder, state, facts, signal }, actions))]
  if (problem) errors.push(new Error(problem))
  if (actions.length > 0) {
    await readOwnWrites(cluster, state, signal)
    await judge(state, source, clock, signal)
  }
  if (errors.length === 0) await truncateHistory(hands, set)
  const now = latest(cluster, set)
  if (now)
    await writeStatus(api, now, report(statusBase(now, set), state.keeper.tallies.counts), signal).then(
      written => written && state.wrote('sets', written),
      push,
    )
  if (errors.length > 0) throw asOne(errors)

  const due = state.keeper.lookAgainAt
  // A revision of a former set of this name may have served for ours: it goes with that set, and ours is made then.
  const waits = [...(actions.length > 0 || history.acted ? [LOOK_AGAIN_MS] : []), ...(due === undefined ? [] : [Math.max(1, due - clock.now())])]
  return waits.length > 0 ? { after: Math.min(...waits) } : undefined

  /** A status that could not be written is an error of the pass, but never hides one that came before. */
  function push(error: unknown): void {
    if (errors.length === 0) errors.push(error)
  }
}

/** After a creation without an answer: waits for the newest pod of the set that the server has. */
async function seeWhatCame({ api, cluster }: PassOptions, state: SetState, signal: AbortSignal): Promise<void> {
  const set = cluster.sets.get(state.key)
  if (!set) return
  const { items } = await api.list({ kind: Pods, namespace: set.metadata.namespace }, { labelSelector: formatLabelSelector(set.spec.selector), signal })
  for (const pod of items) state.wrote('pods', pod)
  state.uncertain = false
}

/** The set as the local copy has it now, unless it is another one by now or going. */
function latest(cluster: ObservedCluster, set: DaemonSet): DaemonSet | undefined {
  const now = cluster.sets.get(`${set.metadata.namespace}/${set.metadata.name}`)
  return now?.metadata.uid === set.metadata.uid && now.metadata.deletionTimestamp === undefined ? now : undefined
}

/** The counts are of the generation that was judged, whatever came since. */
const statusBase = (now: DaemonSet, judged: DaemonSet): DaemonSet => ({
  ...now,
  metadata: { ...now.metadata, generation: judged.metadata.generation ?? 0 },
})

async function readOwnWrites(cluster: ObservedCluster, { written }: SetState, signal: AbortSignal): Promise<void> {
  await Promise.all([
    cluster.pods.caughtUp(written.pods, signal),
    cluster.sets.caughtUp(written.sets, signal),
    cluster.revisions.caughtUp(written.revisions, signal),
  ])
}

/** Whatever changes meanwhile is touched by its change. */
async function touchAll(cluster: ObservedCluster, { keeper }: SetState, set: DaemonSet, clock: Clock): Promise<void> {
  const stretches = new Stretches(() => clock.now())
  for (const name of everyNode()) {
    keeper.touch(name)
    if (stretches.over()) await stretches.pause()
  }

  function* everyNode(): Iterable<string> {
    for (const node of cluster.nodes.list()) yield node.metadata.name
    yield* keeper.tallies.judged
    for (const pod of cluster.claimedPods(set)) {
      const node = targetNode(pod)
      if (node !== undefined) yield node
    }
  }
}

function sourceOf(cluster: ObservedCluster, { deleted }: SetState, set: DaemonSet): NodeSource {
  const asItIs = (pod: Pod): Pod =>
    deleted.has(pod.metadata.uid) ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.creationTimestamp } } : pod
  return {
    node: name => cluster.nodes.get(name),
    podsOn: name => {
      const pods = cluster.podsOn(set, name)
      return deleted.size === 0 ? pods : pods.map(asItIs)
    },
  }
}

async function judge({ keeper }: SetState, source: NodeSource, clock: Clock, signal: AbortSignal): Promise<void> {
  const stretches = new Stretches(() => clock.now())
  while (!keeper.judge(source, clock.now(), () => stretches.over())) {
    await stretches.pause()
    signal.throwIfAborted()
  }
}
