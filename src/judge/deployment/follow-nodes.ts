import { compileRequirements, parseLabelSelector } from '../../api/meta/label-selector.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { Node } from '../../api/types/core/node.ts'

/** Names nodes by their labels, as `kubectl get nodes -l` does; the Deployment has as many replicas as there are such nodes. Empty: all. */
export const FOLLOW_NODES = 'everynode.dev/replicas-follow-nodes'

export type Following =
  | { readonly follows: false }
  | { readonly follows: true; readonly replicas: number }
  /** The annotation cannot be read; replicas stay as they are. */
  | { readonly follows: true; readonly problem: string }

/** How many replicas a Deployment is to have because of the nodes there are. */
export function followNodes(deployment: Deployment, nodes: Iterable<Node>): Following {
  const text = deployment.metadata.annotations?.[FOLLOW_NODES]
  if (text === undefined) return { follows: false }
  try {
    const matches = compileRequirements(parseLabelSelector(text))
    let replicas = 0
    for (const { metadata } of nodes) if (!metadata.deletionTimestamp && matches(metadata.labels)) replicas++
    return { follows: true, replicas }
  } catch (error) {
    if (!isStatus(error)) throw error
    return { follows: true, problem: `annotation ${FOLLOW_NODES} is not a label selector: ${error.message}` }
  }
}
