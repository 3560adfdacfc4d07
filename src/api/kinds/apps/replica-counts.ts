import { type FieldError, invalid } from '../../meta/field-error.ts'
import { checkNotNegative } from '../int-or-percent.ts'

interface Counting {
  /** Members of the status that count something. */
  readonly counted: readonly string[]
  /** Those of them that count pods of which there are `replicas`. */
  readonly some: readonly string[]
  /** What the available pods are some of, as it is named to users. */
  readonly ready: 'readyReplicas' | 'status.readyReplicas'
}

const SET: Counting = {
  counted: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'],
  some: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  ready: 'readyReplicas',
}
const COUNTING: Readonly<Record<string, Counting>> = {
  Deployment: {
    counted: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    some: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  },
  StatefulSet: {
    counted: ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount'],
    some: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ready: 'status.readyReplicas',
  },
}

/** The counts in the status of what has replicas: none is negative, and no part is larger than the whole. */
export function validateReplicaCounts({ kind, status }: { readonly kind: string; readonly status: object }): readonly FieldError[] {
  const { counted, some, ready } = COUNTING[kind] ?? SET
  const errors: FieldError[] = []
  const counts = status as Readonly<Record<string, number | undefined>>
  for (const name of counted) checkNotNegative(counts[name], `status.${name}`, errors)
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = counts
  for (const name of some) {
    const count = counts[name] ?? 0
    if (count > replicas) errors.push(invalid(`status.${name}`, count, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) errors.push(invalid('status.availableReplicas', availableReplicas, `cannot be greater than ${ready}`))
  return errors
}
