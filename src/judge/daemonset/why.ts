import { isPodReady } from '../../api/meta/pod.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Event } from '../../api/types/core/event.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { budgetOf } from './budget.ts'
import { factsOf, type SetFacts } from './facts.ts'
import { failuresFrom } from './failures.ts'
import { planHistory } from './history.ts'
import { judgeNode } from './judge-node.ts'
import { isScheduled, isUpdated, targetNode } from './pod-facts.ts'
import { type Counts, Tallies } from './tallies.ts'
import type { NodeVerdict, PodReason } from './verdict.ts'
import { OthersTold } from './why-others.ts'
import { whyNotPlaced } from './why-placement.ts'
import { whyNotAvailable } from './why-pod.ts'
import { standstill, whySet } from './why-set.ts'
import type { NodeWord, PlacementAnswer, WhyNode, WhyReason } from './why-types.ts'

/** What the answer is drawn from: objects only, so that it can be had from any cluster that shows them. */
export interface WhyWorld {
  readonly now: number
  readonly set: DaemonSet
  /** Those that the set owns. */
  readonly revisions: readonly ControllerRevision[]
  readonly nodes: Iterable<Node>
  /** Those that the set owns. */
  readonly pods: Iterable<Pod>
  /** All pods bound to a node, whoever owns them. */
  readonly boundTo: (node: string) => Iterable<Pod>
  /** Events about the set. */
  readonly events: Iterable<Event>
}

/** Why every node, or the one named, has or has not the set's pod. A node excluded is in the answer like any other. */
export function placementAnswer(world: WhyWorld, only?: string): PlacementAnswer {
  const { set, now, boundTo } = world
  const facts = factsOf(set, currentHash(set, world.revisions), failuresFrom(world.events, set.status.observedGeneration ?? 0))
  const slots = new Map<string, { readonly name: string; readonly object: Node | undefined; readonly pods: Pod[] }>()
  for (const object of world.nodes) slots.set(object.metadata.name, { name: object.metadata.name, object, pods: [] })
  for (const pod of world.pods) {
    const name = targetNode(pod)
    if (name === undefined) continue
    if (!slots.has(name)) slots.set(name, { name, object: undefined, pods: [] })
    slots.get(name)!.pods.push(pod)
  }
  const tallies = new Tallies()
  for (const slot of slots.values()) tallies.put(judgeNode(facts, slot, slot.pods, now))
  const asked = { facts, now, boundTo, others: new OthersTold(facts, tallies) }
  const names = only === undefined ? [...slots.keys()].sort() : [only]
  return { ...answerHead(set, tallies.counts), nodes: names.map(name => answerNode(asked, name, slots.get(name)?.object, tallies.get(name))) }
}

/** The hash of the current one of the set's revisions. */
export const currentHash = (set: DaemonSet, revisions: readonly ControllerRevision[]): string => planHistory(set, revisions, []).hash

/** All of an answer but its nodes. */
export function answerHead(set: DaemonSet, counts: Readonly<Counts>): Omit<PlacementAnswer, 'nodes'> {
  const { type = 'RollingUpdate' } = set.spec.updateStrategy ?? {}
  return {
    apiVersion: 'everynode.dev/v1',
    kind: 'DaemonSetPlacement',
    metadata: { name: set.metadata.name, namespace: set.metadata.namespace ?? '', uid: set.metadata.uid },
    updateStrategy: type === 'OnDelete' ? { type } : { type, ...budgetOf(set, counts.desired) },
    ...counts,
    reasons: whySet(set),
  }
}

/** What answering about one node needs. */
export interface NodeQuestion {
  readonly facts: SetFacts
  readonly now: number
  /** All pods bound to a node, whoever owns them. */
  readonly boundTo: (node: string) => Iterable<Pod>
  /** May be left out for a node that does not hang on the others. */
  readonly others?: OthersTold
}

/** Whether what becomes of a node in this pass depends on the other nodes: only a part of what is due is done at once, and a roll has a budget. */
export const hangsOnOthers = (facts: SetFacts, verdict: NodeVerdict): boolean => isUnfinished(facts, verdict) && !standstill(facts.set)

const isUnfinished = ({ replacement }: SetFacts, { due, old }: NodeVerdict): boolean => due.length > 0 || (replacement !== 'on-delete' && old !== undefined)

/** The answer about one node; without a verdict there is no such node. */
export function answerNode(question: NodeQuestion, name: string, node: Node | undefined, verdict: NodeVerdict | undefined): WhyNode {
  if (!verdict) {
    const message = `there is no node named ${name}`
    return { name, runs: false, should: false, verdict: 'node-missing', reasons: [{ type: 'node-missing', message }], pods: [] }
  }
  const { facts } = question
  const still = isUnfinished(facts, verdict) ? standstill(facts.set) : undefined
  const others = still ? undefined : question.others
  const pods = verdict.pods.map(({ pod, reason }) => ({ pod, reason: others?.decided.get(pod) ?? reason }))
  const runs = pods.some(({ pod, reason }) => isScheduled(pod) && pod.status.phase === 'Running' && reason !== 'going' && reason !== 'gone')
  return {
    name,
    runs,
    should: verdict.placement.run,
    verdict: still && verdict.due.length > 0 ? 'stopped' : wordFor(verdict, pods, facts),
    reasons: [
      ...(node ? [...whyNotPlaced(facts.podSpec, node), ...whyNodeNotReady(node)] : []),
      ...(still ? [still] : whyNode(question, verdict, node)),
      ...pods.filter(({ reason }) => !still || LEFT.has(reason)).flatMap(({ pod, reason }) => whyPod(question, verdict, node, pod, reason)),
    ],
    pods: pods.map(({ pod, reason }) => ({
      name: pod.metadata.name,
      phase: pod.status.phase ?? 'Pending',
      verdict: reason,
      created: pod.metadata.creationTimestamp,
      bound: isScheduled(pod),
      ready: isPodReady(pod),
      updated: isUpdated(pod, facts),
    })),
  }
}

/** What a pod may be without the controller having anything to do with it. */
const LEFT: ReadonlySet<PodReason> = new Set(['starting', 'going'])

/** One word for a node: of its pods, the one that says most about where the node stands. */
function wordFor(verdict: NodeVerdict, pods: readonly { readonly pod: Pod; readonly reason: PodReason }[], facts: SetFacts): NodeWord {
  const has = (...reasons: readonly PodReason[]) => pods.some(({ reason }) => reasons.includes(reason))
  if (verdict.placement.because === 'node-missing') return 'node-missing'
  if (!verdict.placement.run) {
    if (has('misplaced', 'going', 'surplus')) return 'leaving'
    return pods.some(({ reason }) => reason !== 'gone') ? 'stays' : 'excluded'
  }
  if (has('current')) return 'runs'
  const fresh = pods.find(({ pod, reason }) => reason === 'starting' && isUpdated(pod, facts))
  if (fresh) return isScheduled(fresh.pod) ? 'starting' : 'pending'
  if (has('outdated', 'outdated-unavailable', 'replaced')) return 'replacing'
  if (has('awaiting-turn', 'awaiting-twin', 'on-delete')) return 'outdated'
  if (has('backing-off', 'failed')) return 'backing-off'
  return has('going', 'succeeded') ? 'replacing' : 'to-create'
}

function whyNode({ others }: NodeQuestion, { node, placement, pods }: NodeVerdict, object: Node | undefined): readonly WhyReason[] {
  if (!object) return [{ type: 'node-missing', message: `there is no node named ${node}; pods bound to it are collected` }]
  if (!placement.run || pods.some(({ reason }) => reason !== 'gone')) return []
  return [
    {
      type: 'no-pod',
      message: others?.creates.has(node) ? 'the node has no pod yet; one is to be created now' : 'the node has no pod yet; others are created first',
    },
  ]
}

/** Its daemon stays, and nobody there can start or end one. */
function whyNodeNotReady(node: Node): readonly WhyReason[] {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (!ready || ready.status === 'True') return []
  const since = ready.lastTransitionTime
  return [{ type: 'node-not-ready', ...(since && { since }), message: `the node is not ready${ready.message ? `: ${ready.message}` : ''}` }]
}

function whyPod(question: NodeQuestion, { node: name, placement }: NodeVerdict, node: Node | undefined, pod: Pod, reason: PodReason): readonly WhyReason[] {
  const { facts, now, boundTo, others } = question
  const notAvailable = () => whyNotAvailable(pod, node, without(pod, boundTo(name)), facts.minReadyMs, now)
  const about = { pod: pod.metadata.name }
  switch (reason) {
    case 'starting':
      return notAvailable()
    case 'awaiting-turn':
      return [...(others ? [others.roll.whyNotNow(name, pod.metadata.name)] : []), ...notAvailable()]
    case 'awaiting-twin':
      return [{ type: 'twin', ...about, message: 'the pod is of an older revision and goes when the new one beside it is available' }]
    case 'on-delete':
      return [{ type: 'on-delete', ...about, message: 'the pod is of an older revision, and the update strategy OnDelete leaves it until somebody deletes it' }]
    case 'backing-off': {
      const failure = facts.failures.get(name)
      const until = failure && new Date(failure.since + failure.delayMs).toISOString().replace(/\.\d+Z$/, 'Z')
      return [
        {
          type: 'back-off',
          ...about,
          ...(until && { until }),
          message: `the pod failed${because(pod)}; it is replaced ${until ? `at ${until}` : 'after a pause'}`,
        },
      ]
    }
    case 'failed':
      return [{ type: 'failed', ...about, message: `the pod failed${because(pod)} and is to be replaced` }]
    case 'going': {
      const { deletionTimestamp = '', deletionGracePeriodSeconds = 0, finalizers = [] } = pod.metadata
      const since = new Date(Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000).toISOString().replace('.000Z', 'Z')
      const held = finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''
      const next = placement.run ? '; its node gets the next one when it is gone' : ''
      return [{ type: 'terminating', ...about, since, message: `the pod is being deleted${held}${next}` }]
    }
    case 'misplaced':
    case 'surplus':
      return [{ type: 'misplaced', ...about, message: 'the pod is on a node that is not wanted and is to be deleted' }]
    case 'duplicate':
      return [{ type: 'duplicate', ...about, message: 'the node has an older pod of the set, so this one is to be deleted' }]
    default:
      return []
  }
}

const because = ({ status: { reason, message } }: Pod): string => (reason || message ? ` (${[reason, message].filter(Boolean).join(': ')})` : '')

function* without(pod: Pod, pods: Iterable<Pod>): Iterable<Pod> {
  for (const other of pods) if (other.metadata.uid !== pod.metadata.uid) yield other
}
