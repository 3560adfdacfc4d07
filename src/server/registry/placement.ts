import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { keyOf } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isControlledBy } from '../../api/meta/owner.ts'
import { badRequest, notFound } from '../../api/meta/status.ts'
import { message, opt } from '../../api/schema/build.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { ObjectMeta } from '../../api/types/meta.ts'
import type { Clock } from '../../base/clock.ts'
import { Stretches } from '../../base/node/stretches.ts'
import { compareKeys } from '../../base/sorted-keys.ts'
import { factsOf, type SetFacts } from '../../judge/daemonset/facts.ts'
import { judgeNode } from '../../judge/daemonset/judge-node.ts'
import { targetNode } from '../../judge/daemonset/pod-facts.ts'
import { countsOf } from '../../judge/daemonset/report.ts'
import type { NodeVerdict } from '../../judge/daemonset/verdict.ts'
import { answerHead, answerNode, hangsOnOthers } from '../../judge/daemonset/why.ts'
import { OthersTold } from '../../judge/daemonset/why-others.ts'
import type { WhyNode } from '../../judge/daemonset/why-types.ts'
import type { WatchCache, WatchCaches } from '../cache/types.ts'
import { failuresOf, hashOf, type KeptVerdicts } from './kept-verdicts.ts'
import type { Asked, GetAnswer, GetSubresource } from './virtual.ts'

const GROUP = 'everynode.dev'
const answer = { group: GROUP, version: 'v1', kind: 'DaemonSetPlacement' }

/** The place of `daemonsets/placement`: nothing is stored here. */
export const PlacementKind: Kind = {
  ...answer,
  resource: 'daemonsets',
  singular: 'daemonset',
  namespaced: true,
  schema: message('everynode.dev.v1.DaemonSetPlacement', { metadata: opt(1, ObjectMeta) }, { kind: true }),
  verbs: [],
  subresources: { other: { placement: { verbs: ['get'], kind: answer } } },
  columns: [],
}

/**
 * GET daemonsets/NAME/placement[?node=NODE]: why each node has, or has not, the set's pod, as the newest state shows it. Asked about one node, only
 * that node is judged, and the others where its pod's turn depends on them; where it does not, the counts are those of the set's status.
 */
export function placement(caches: WatchCaches, kept: KeptVerdicts, clock: Clock, stretches = () => new Stretches()): GetSubresource {
  return { group: GROUP, on: 'daemonsets/placement', get: asked => placementOf(caches, kept, clock.now(), stretches(), asked) }
}

async function placementOf(
  caches: WatchCaches,
  kept: KeptVerdicts,
  now: number,
  stretches: Stretches,
  { namespace = '', name, parameters }: Asked,
): Promise<GetAnswer> {
  const cache = <T extends KubeObject>(group: string, resource: string) => caches.of<T>({ group, resource })!
  const set = cache<DaemonSet>('apps', 'daemonsets').get(keyOf(namespace, name))
  if (!set) throw notFound(DaemonSets, name)
  const asked = parameters.getAll('node').filter(node => node !== '')
  if (asked.length > 1) throw badRequest('node: give one name, or none for all nodes')
  const hash = hashOf(caches, set)
  const nodes = cache<Node>('', 'nodes')
  const pods = cache<Pod>('', 'pods')
  const boundTo = (node: string) => pods.having('spec.nodeName', node)
  const [only] = asked
  if (only !== undefined) {
    const { facts, verdict } = await judgeOne(only)
    const others =
      verdict && hangsOnOthers(facts, verdict)
        ? await kept.use(set, hash, (facts, tallies) => ({ verdict: tallies.get(only), counts: { ...tallies.counts }, told: new OthersTold(facts, tallies) }))
        : undefined
    const question = { facts, now, boundTo, ...(others && { others: others.told }) }
    const answer = answerNode(question, only, nodes.get(only), others ? others.verdict : verdict)
    return { body: { ...answerHead(set, others?.counts ?? countsOf(set)), nodes: [answer] } as unknown as KubeObject }
  }
  const all = await kept.use(set, hash, (facts, tallies) => ({
    head: answerHead(set, { ...tallies.counts }),
    question: { facts, now, boundTo, others: new OthersTold(facts, tallies) },
    verdicts: [...tallies.verdicts.values()].sort((a, b) => compareKeys(a.node, b.node)),
  }))
  const elements: (() => WhyNode)[] = []
  for (const verdict of all.verdicts) {
    const node = nodes.get(verdict.node)
    elements.push(() => answerNode(all.question, verdict.node, node, verdict))
    if (stretches.over()) await stretches.pause()
  }
  return { body: all.head as unknown as KubeObject, long: { member: 'nodes', elements } }

  /** One node without a look at any other. */
  async function judgeOne(name: string): Promise<{ readonly facts: SetFacts; readonly verdict: NodeVerdict | undefined }> {
    const object = nodes.get(name)
    const own = podsOn(pods, set!, name)
    const failures = own.some(pod => pod.status.phase === 'Failed') ? await failuresOf(caches, set!) : undefined
    const facts = factsOf(set!, hash, failures)
    return { facts, verdict: object || own.length > 0 ? judgeNode(facts, { name, object }, own, now) : undefined }
  }
}

/** The pods of a set that are bound or pinned to a node, found without a look at those of other nodes, unless they are bound to none. */
function podsOn(pods: WatchCache<Pod>, set: DaemonSet, node: string): readonly Pod[] {
  const bound = pods.having('spec.nodeName', node).filter(pod => isControlledBy(pod, set))
  const pinned = pods.having('spec.nodeName', '').filter(pod => isControlledBy(pod, set) && targetNode(pod) === node)
  return [...bound, ...pinned]
}
