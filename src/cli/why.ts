import type { Api, List } from '../api/access.ts'
import { ControllerRevisions } from '../api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../api/kinds/apps/daemon-set.ts'
import { Events } from '../api/kinds/core/event.ts'
import { Nodes } from '../api/kinds/core/node.ts'
import { Pods } from '../api/kinds/core/pod.ts'
import type { KindRef } from '../api/kinds/kind.ts'
import { formatLabelSelector } from '../api/meta/label-selector.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { controllerOf } from '../api/meta/owner.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { placementAnswer } from '../judge/daemonset/why.ts'
import type { PlacementAnswer, WhyNode, WhyReason } from '../judge/daemonset/why-types.ts'

/** Draws the answer from what the cluster shows, whichever Kubernetes it is. Throws NotFound when there is no such set. */
export async function askWhy(api: Api, namespace: string, name: string, now: number, node?: string): Promise<PlacementAnswer> {
  const set = await api.get({ kind: DaemonSets, namespace, name })
  const labelSelector = formatLabelSelector(set.spec.selector)
  const [nodes, revisions, pods, events] = await Promise.all([
    listAll(api, Nodes),
    listAll(api, ControllerRevisions, { namespace, labelSelector }),
    listAll(api, Pods),
    listAll(api, Events, { namespace, fieldSelector: `involvedObject.uid=${set.metadata.uid}` }),
  ])
  const owned = (object: KubeObject) => controllerOf(object)?.uid === set.metadata.uid
  const bound = Map.groupBy(pods, (pod: Pod) => pod.spec.nodeName ?? '')
  return placementAnswer({ now, set, revisions: revisions.filter(owned), nodes, pods: pods.filter(owned), boundTo: on => bound.get(on) ?? [], events }, node)
}

async function listAll<T extends KubeObject>(
  api: Api,
  kind: KindRef<T>,
  { namespace, ...selection }: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string } = {},
): Promise<readonly T[]> {
  const items: T[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page: List<T> = await api.list<T>({ kind, namespace }, { ...selection, limit: 500, ...(next && { continue: next }) })
    items.push(...page.items)
    next = page.metadata.continue || undefined
  }
  return items
}

/** For a person: a line for the set, then each node with its reasons; without a name, nodes where all is well are counted only. */
export function printWhy(answer: PlacementAnswer, one: boolean): string {
  const { metadata, desired, current, updated, available, misscheduled, updateStrategy, reasons, nodes } = answer
  const { type, maxUnavailable, maxSurge } = updateStrategy
  const budget = type === 'OnDelete' ? type : maxSurge ? `${type}, maxSurge ${maxSurge}` : `${type}, maxUnavailable ${maxUnavailable}`
  const well = (node: WhyNode) => node.verdict === 'runs' && node.reasons.length === 0
  const told = one ? nodes : nodes.filter(node => !well(node))
  const rest = nodes.length - told.length
  return [
    `daemonset.apps/${metadata.name} in ${metadata.namespace}: ${desired} desired, ${current} current, ${updated} up to date, ${available} available` +
      `${misscheduled ? `, ${misscheduled} misscheduled` : ''} (${budget})`,
    ...reasons.map(printReason),
    ...told.flatMap(printNode),
    ...(rest > 0 ? [`${rest} ${rest === 1 ? 'node runs' : 'nodes run'} an up-to-date pod that is available`] : []),
  ]
    .map(line => `${line}\n`)
    .join('')
}

function printNode({ name, verdict, should, pods, reasons }: WhyNode): readonly string[] {
  const with_ = pods.length > 0 ? ` (${pods.map(pod => pod.name).join(', ')})` : ''
  return [
    '',
    `${name}: ${verdict}${with_}${should ? '' : verdict === 'node-missing' ? '' : ', not wanted here'}`,
    ...reasons.flatMap(reason => [printReason(reason), ...(reason.remedy ? [`    ${reason.remedy}`] : [])]),
  ]
}

const printReason = ({ message, since }: WhyReason): string => `  - ${message}${since && !message.includes(since) ? ` (since ${since})` : ''}`
