import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { selectsAll } from './claims.ts'
import type { WhyReason } from './why-types.ts'

/** Why the controller leaves the set alone, whatever its nodes are in want of; undefined when it does not. */
export function standstill(set: DaemonSet): WhyReason | undefined {
  const { deletionTimestamp: since, finalizers = [] } = set.metadata
  if (since !== undefined) {
    const held = finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''
    return { type: 'deleting', since, message: `the DaemonSet is being deleted${held}: nothing is created or deleted for it any more` }
  }
  if (!selectsAll(set)) return undefined
  return { type: 'selects-all', message: 'the selector of the DaemonSet is empty and selects all pods: nothing is done for it' }
}

/** What holds for all nodes of a set alike. */
export function whySet(set: DaemonSet): readonly WhyReason[] {
  const still = standstill(set)
  const [seen, generation] = [set.status.observedGeneration ?? 0, set.metadata.generation ?? 0]
  if (still || seen >= generation) return still ? [still] : []
  return [
    {
      type: 'not-observed',
      message: `the controller has not carried out generation ${generation} of the DaemonSet yet${seen > 0 ? `, only ${seen}` : ''}: this is what it is to do`,
    },
  ]
}
