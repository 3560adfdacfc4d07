import { TEMPLATE_GENERATION } from '../../api/kinds/apps/template-generation.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { PodSpec } from '../../api/types/core/pod.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { isZero } from './budget.ts'
import type { Failures } from './failures.ts'
import { daemonTolerations } from './tolerations.ts'

/** How pods of an older revision give way: never by us, delete then create, or create then delete. */
export type Replacement = 'on-delete' | 'replace' | 'surge'

/** What judging needs of a set, worked out once for each version of it. */
export interface SetFacts {
  readonly set: DaemonSet
  /** `controller-revision-hash` of the current revision. */
  readonly hash: string
  /** The template generation that the set's annotation tells, when it is a number. */
  readonly templateGeneration: string | undefined
  readonly minReadyMs: number
  readonly replacement: Replacement
  /** The template's spec with the automatic tolerations: what placement is judged on. */
  readonly podSpec: PodSpec
  readonly failures: Failures
}

export const TEMPLATE_GENERATION_LABEL = 'pod-template-generation'
export const HASH_LABEL = 'controller-revision-hash'

export function factsOf(set: DaemonSet, hash: string, failures: Failures = new Map()): SetFacts {
  const { template, updateStrategy, minReadySeconds } = set.spec
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION]
  const podSpec = template.spec ?? { containers: [] }
  const rolls = updateStrategy?.type !== 'OnDelete'
  return {
    set,
    hash,
    templateGeneration: generation !== undefined && /^[+-]?\d+$/.test(generation) ? String(BigInt(generation)) : undefined,
    minReadyMs: (minReadySeconds ?? 0) * 1000,
    replacement: !rolls ? 'on-delete' : isZero(updateStrategy?.rollingUpdate?.maxSurge) ? 'replace' : 'surge',
    podSpec: { ...podSpec, tolerations: deepFreeze(daemonTolerations(podSpec)) },
    failures,
  }
}
