import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { Events } from '../../src/api/kinds/core/event.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { controllerOf } from '../../src/api/meta/owner.ts'
import type { ControllerRevision } from '../../src/api/types/apps/controller-revision.ts'
import type { Event } from '../../src/api/types/core/event.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import type { Log } from '../../src/base/log.ts'
import { failuresFrom } from '../../src/judge/daemonset/failures.ts'
import { planHistory, planTruncation } from '../../src/judge/daemonset/history.ts'
import { planDaemonSet } from '../../src/judge/daemonset/plan.ts'
import { targetNode } from '../../src/judge/daemonset/pod-facts.ts'
import { isShut, look, problems } from './check.ts'
import { Random } from './random.ts'
import type { Script } from './script.ts'
import { SimCluster } from './sim-cluster.ts'
import { BIG, HOLD, NAMESPACE, patchSet, take } from './steps.ts'

/** How often each step, verdict and reason was reached. */
export class Tally {
  readonly counts = new Map<string, number>()

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }
}

/** Runs a script, lets all faults stop, and wants the cluster to become what was asked for and to stay so. Throws what is wrong. */
export async function simulate(script: Script, seed: number, tally: Tally, log?: Log): Promise<void> {
  const random = new Random(seed)
  const cluster = await SimCluster.start(random, log)
  const watching = new AbortController()
  const crowd = watchForCrowds(cluster, script, watching.signal)
  try {
    for (let i = 0; i < script.nodes; i++) cluster.startAgent(`n${i}`)
    await cluster.time.settle()
    for (const step of script.steps) {
      tally.add(`step ${step.split(' ')[0]}`)
      await take(cluster, step)
      await cluster.time.settle()
      count(cluster, tally)
    }
    await stopFaults(cluster)
    await converge(cluster, tally)
    await staysSo(cluster)
  } finally {
    watching.abort()
    await cluster.close()
  }
  const crowded = await crowd
  if (crowded) throw new Error(crowded)
}

/** Dead machines return, nothing fails any more, and what can never fit is made to. */
async function stopFaults(cluster: SimCluster): Promise<void> {
  cluster.faults.refuse = 0
  cluster.faults.lose = 0
  for (const name of cluster.nodeNames) cluster.startAgent(name)
  for (const { metadata } of look(cluster).sets) {
    await take(cluster, `small ${metadata.name}`).catch(() => {})
    if (!metadata.deletionTimestamp) await patchSet(cluster, metadata.name, { spec: { template: { metadata: { finalizers: null } } } })
  }
}

const LONGEST_MS = 40 * 60_000
const STEP_MS = 10_000

async function converge(cluster: SimCluster, tally: Tally): Promise<void> {
  for (let waited = 0; ; waited += STEP_MS) {
    await cluster.time.pass(STEP_MS)
    count(cluster, tally)
    await release(cluster)
    const wrong = problems(cluster)
    if (wrong.length === 0) return
    if (waited >= LONGEST_MS) throw new Error(`the cluster does not become what was asked for:\n  ${wrong.join('\n  ')}`)
  }
}

/**
 * What whoever wrote the script would do by hand: takes finalizers off pods that are going, and deletes those that can never be bound: too big (with
 * OnDelete nobody else would), or for a node that was shut meanwhile. Upstream, too, keeps a surge pod for such a node, and its place in the budget.
 */
async function release(cluster: SimCluster): Promise<void> {
  const { nodes, pods } = look(cluster)
  for (const pod of pods) {
    const { metadata, spec } = pod
    const target = { kind: Pods, namespace: NAMESPACE, name: metadata.name }
    if (metadata.finalizers?.includes(HOLD)) await cluster.api.patch(target, { type: 'merge', body: { metadata: { finalizers: null } } }).catch(() => {})
    if (spec.nodeName) continue
    const pinned = nodes.find(node => node.metadata.name === targetNode(pod))
    const never = spec.containers[0]?.resources?.requests?.['cpu'] === BIG || (pinned && isShut(pinned, spec.tolerations ?? []))
    if (never) await cluster.api.delete(target).catch(() => {})
  }
}

/** Nothing that was asked for is undone or done again, and nobody writes without need. */
async function staysSo(cluster: SimCluster): Promise<void> {
  const state = () => {
    const { sets, pods } = look(cluster)
    const own = pods.filter(pod => controllerOf(pod))
    return [...sets, ...own]
      .map(({ metadata }) => `${metadata.name} ${metadata.uid} at ${metadata.resourceVersion}`)
      .sort()
      .join('\n')
  }
  await cluster.time.pass(60_000)
  const before = state()
  await cluster.time.pass(90_000)
  const wrong = problems(cluster)
  if (wrong.length > 0) throw new Error(`the cluster does not stay as asked for:\n  ${wrong.join('\n  ')}`)
  const after = state()
  if (after !== before) throw new Error(`something is written although nothing changed:\n${before}\nbecame\n${after}`)
}

/** Counts what the judgement says of the cluster as it is now. */
function count(cluster: SimCluster, tally: Tally): void {
  const { sets, nodes, pods } = look(cluster)
  const events = cluster.caches.of<Event>(Events)!.list().items
  for (const set of sets) {
    const own = <T extends Parameters<typeof controllerOf>[0]>(object: T) => controllerOf(object)?.uid === set.metadata.uid
    const revisions = cluster.caches.of(ControllerRevisions)!.list().items as unknown as readonly ControllerRevision[]
    const { hash, steps } = planHistory(set, revisions.filter(own), pods.filter(own))
    for (const step of [...steps, ...planTruncation(set, revisions.filter(own), pods.filter(own))]) {
      tally.add(`history ${step.do}`)
      if (step.do === 'delete-revision') tally.add(`history ${step.do} ${step.why}`)
    }
    const failures = failuresFrom(
      events.filter(({ involvedObject }) => involvedObject.uid === set.metadata.uid),
      set.status.observedGeneration ?? 0,
    )
    const plan = planDaemonSet({ now: cluster.time.clock.now(), set, hash, nodes, pods: pods.filter(own), failures })
    for (const reason of plan.pods.values()) tally.add(`pod ${reason}`)
    for (const { placement } of plan.nodes.values()) tally.add(`node ${placement.because}`)
    for (const action of plan.actions) tally.add(`action ${action.do} ${action.why}`)
  }
}

/** Watches every revision: two pods of one set that have not ended are never on one node, where neither surge nor a stranger put them there. */
async function watchForCrowds(cluster: SimCluster, script: Script, signal: AbortSignal): Promise<string | undefined> {
  const surging = new Set(script.steps.filter(step => /^(apply \S+ s|stray|delete \S+ Orphan)/.test(step)).map(step => step.split(' ')[1]))
  const pods = new Map<string, Pod>()
  let found: string | undefined
  for await (const batch of cluster.api.watch<Pod>({ kind: Pods }, { initialEvents: true, signal })) {
    for (const event of batch) {
      if (event.type === 'BOOKMARK') continue
      const { object } = event
      if (event.type === 'DELETED') pods.delete(object.metadata.uid)
      else pods.set(object.metadata.uid, object)
      const set = object.metadata.labels?.['set']
      if (event.type !== 'ADDED' || surging.has(set)) continue
      const there = [...pods.values()].filter(
        pod =>
          pod.metadata.labels?.['set'] === set && targetNode(pod) === targetNode(object) && pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded',
      )
      const owners = new Set(there.map(pod => controllerOf(pod)?.uid))
      if (there.length > 1 && owners.size === 1) {
        found ??= `two pods of ${set} on ${targetNode(object)} at revision ${object.metadata.resourceVersion}: ${there.map(({ metadata }) => metadata.name).join(', ')}`
      }
    }
  }
  return found
}
