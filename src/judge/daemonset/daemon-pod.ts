import type { NewObject } from '../../api/meta/object.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Affinity } from '../../api/types/core/affinity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { OwnerReference } from '../../api/types/meta.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { HASH_LABEL, type SetFacts, TEMPLATE_GENERATION_LABEL } from './facts.ts'

/** The reference that makes a set the manager of a pod or a revision. */
export const ownedBy = (set: DaemonSet): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  name: set.metadata.name,
  uid: set.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** The pod to create for `node`: the template with the automatic tolerations, pinned by affinity to that node alone; the scheduler binds it. */
export function daemonPod(facts: SetFacts, node: string): NewObject<Pod> {
  const { podSpec } = facts
  return { apiVersion: 'v1', kind: 'Pod', metadata: metadataOf(facts), spec: { ...podSpec, affinity: pinnedTo(podSpec.affinity, node) } }
}

type Metadata = NewObject<Pod>['metadata']

/** The same for all pods of a set as it is now: they share its parts. */
const metadata = new WeakMap<SetFacts, Metadata>()

function metadataOf(facts: SetFacts): Metadata {
  let made = metadata.get(facts)
  if (made === undefined) {
    made = deepFreeze(newMetadata(facts))
    metadata.set(facts, made)
  }
  return made
}

function newMetadata({ set, hash, templateGeneration }: SetFacts): Metadata {
  const { labels, annotations, finalizers } = set.spec.template.metadata ?? {}
  return {
    generateName: prefixOf(set.metadata.name),
    ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
    labels: {
      ...labels,
      ...(templateGeneration !== undefined && { [TEMPLATE_GENERATION_LABEL]: templateGeneration }),
      ...(hash !== '' && { [HASH_LABEL]: hash }),
    },
    ...(annotations && { annotations }),
    ...(finalizers && { finalizers }),
    ownerReferences: [ownedBy(set)],
  }
}

/** Required node affinity becomes one term naming the node; everything else of the affinity is kept. */
export function pinnedTo(affinity: Affinity | undefined, node: string): Affinity {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } }
}

/** `<set>-`, without the dash where a name could not hold it. */
const prefixOf = (name: string): string => (name.length < 253 ? `${name}-` : name)
