import type { ObjectOf } from '../meta/object.ts'
import { explicit, int32, int64, intOrString, list, map, message, opt, patched, type Static, string, time } from '../schema/build.ts'
import { Condition, DeleteOptions, LabelSelector, ObjectMeta } from './meta.ts'

export const Eviction = message(
  'policy.v1.Eviction',
  {
    deleteOptions: opt(2, DeleteOptions),
    metadata: opt(1, ObjectMeta),
  },
  { kind: true },
)
export type Eviction = ObjectOf<Static<typeof Eviction>>

export const PodDisruptionBudgetSpec = message(
  'policy.v1.PodDisruptionBudgetSpec',
  {
    maxUnavailable: opt(3, explicit(intOrString), 'Pods that may be missing after an eviction.'),
    minAvailable: opt(1, explicit(intOrString), 'Pods that must be there after an eviction.'),
    selector: opt(2, patched(LabelSelector, 'replace'), 'Selects the pods.'),
    unhealthyPodEvictionPolicy: opt(4, explicit(string), 'When pods that are not ready may be evicted: IfHealthyBudget or AlwaysAllow.'),
  },
  { doc: 'How many pods must stay.' },
)
export type PodDisruptionBudgetSpec = Static<typeof PodDisruptionBudgetSpec>

export const PodDisruptionBudgetStatus = message(
  'policy.v1.PodDisruptionBudgetStatus',
  {
    conditions: opt(7, list(Condition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions of the budget.'),
    currentHealthy: opt(4, int32, 'Pods that are healthy.'),
    desiredHealthy: opt(5, int32, 'Pods that must be healthy.'),
    disruptedPods: opt(2, map(time), 'Evictions that are under way, by pod.'),
    disruptionsAllowed: opt(3, int32, 'Evictions that are allowed now.'),
    expectedPods: opt(6, int32, 'Pods that are counted.'),
    observedGeneration: opt(1, int64, 'Generation of the spec that the status speaks of.'),
  },
  { doc: 'What may be evicted now.' },
)
export type PodDisruptionBudgetStatus = Static<typeof PodDisruptionBudgetStatus>

export const PodDisruptionBudget = message(
  'policy.v1.PodDisruptionBudget',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, PodDisruptionBudgetSpec, 'What is wanted.'),
    status: opt(3, PodDisruptionBudgetStatus, 'What may be evicted now.'),
  },
  { kind: true, doc: 'How many pods may be missing on purpose.' },
)
export type PodDisruptionBudget = ObjectOf<Static<typeof PodDisruptionBudget>>
