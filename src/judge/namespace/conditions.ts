import { timeOf } from '../../api/meta/time.ts'
import type { NamespaceCondition } from '../../api/types/core/namespace.ts'

/** What one pass over a dying namespace found. */
export interface NamespaceRemains {
  /** How many objects are left, by `resource.group`. */
  readonly objects: ReadonlyMap<string, number>
  /** How many objects wait for a finalizer, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>
  /** What could not be deleted, and why. */
  readonly failures: readonly string[]
}

export const isEmpty = ({ objects, failures }: NamespaceRemains): boolean => objects.size === 0 && failures.length === 0

/** The five conditions by which a dying namespace says what it waits for; those not ours are kept. */
export function remainsConditions(before: readonly NamespaceCondition[], remains: NamespaceRemains, now: number): readonly NamespaceCondition[] {
  const listed = (counts: ReadonlyMap<string, number>, word: string) =>
    [...counts]
      .map(([name, count]) => `${name} ${word} ${count} resource instances`)
      .sort()
      .join(', ')
  const { objects, finalizers, failures } = remains
  const found: readonly (readonly [type: string, bad: boolean, good: readonly [string, string], worse: readonly [string, string]])[] = [
    ['NamespaceDeletionDiscoveryFailure', false, ['ResourcesDiscovered', 'All resources successfully discovered'], ['', '']],
    ['NamespaceDeletionGroupVersionParsingFailure', false, ['ParsedGroupVersions', 'All legacy kube types successfully parsed'], ['', '']],
    [
      'NamespaceDeletionContentFailure',
      failures.length > 0,
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      ['ContentDeletionFailed', `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`],
    ],
    [
      'NamespaceContentRemaining',
      objects.size > 0,
      ['ContentRemoved', 'All content successfully removed'],
      ['SomeResourcesRemain', `Some resources are remaining: ${listed(objects, 'has')}`],
    ],
    [
      'NamespaceFinalizersRemaining',
      finalizers.size > 0,
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
      ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in')}`],
    ],
  ]
  const ours = found.map(([type, bad, good, worse]): NamespaceCondition => {
    const [reason, message] = bad ? worse : good
    const status = bad ? 'True' : 'False'
    const old = before.find(condition => condition.type === type)
    if (old && old.status === status && old.reason === reason && old.message === message) return old
    return { type, status, reason, message, lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : timeOf(now) }
  })
  return [...before.filter(({ type }) => !ours.some(condition => condition.type === type)), ...ours]
}
