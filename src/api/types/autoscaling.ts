import type { ObjectOf } from '../meta/object.ts'
import { explicit, int32, int64, message, opt, req, type Static, string, time, withDefault } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

export const CrossVersionObjectReference = message(
  'autoscaling.v1.CrossVersionObjectReference',
  {
    apiVersion: opt(3, string, 'Group and version of the object.'),
    kind: req(1, string, 'Kind of the object.'),
    name: req(2, string, 'Name of the object.'),
  },
  { map: 'atomic', doc: 'Names an object by kind.' },
)
export type CrossVersionObjectReference = Static<typeof CrossVersionObjectReference>

export const HorizontalPodAutoscalerSpec = message(
  'autoscaling.v1.HorizontalPodAutoscalerSpec',
  {
    maxReplicas: req(3, int32, 'The most pods.'),
    minReplicas: opt(2, withDefault(explicit(int32), 1), 'The fewest pods.'),
    scaleTargetRef: req(1, CrossVersionObjectReference, 'What is scaled.'),
    targetCPUUtilizationPercentage: opt(4, explicit(int32), 'Average use of CPU to aim for.'),
  },
  { doc: 'What is scaled, by which measures, between which bounds.' },
)
export type HorizontalPodAutoscalerSpec = Static<typeof HorizontalPodAutoscalerSpec>

export const HorizontalPodAutoscalerStatus = message(
  'autoscaling.v1.HorizontalPodAutoscalerStatus',
  {
    currentCPUUtilizationPercentage: opt(5, explicit(int32), 'Average use of CPU last seen.'),
    currentReplicas: req(3, int32, 'Pods last seen.'),
    desiredReplicas: req(4, int32, 'Pods last asked for.'),
    lastScaleTime: opt(2, time, 'When the number last changed.'),
    observedGeneration: opt(1, explicit(int64), 'Generation of the spec that the status speaks of.'),
  },
  { doc: 'What an autoscaler last did.' },
)
export type HorizontalPodAutoscalerStatus = Static<typeof HorizontalPodAutoscalerStatus>

export const HorizontalPodAutoscaler = message(
  'autoscaling.v1.HorizontalPodAutoscaler',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, HorizontalPodAutoscalerSpec, 'What is wanted.'),
    status: opt(3, HorizontalPodAutoscalerStatus, 'What was last done.'),
  },
  { kind: true, doc: 'Changes the number of pods by what is measured.' },
)
export type HorizontalPodAutoscaler = ObjectOf<Static<typeof HorizontalPodAutoscaler>>

export const ScaleSpec = message('autoscaling.v1.ScaleSpec', {
  replicas: opt(1, int32),
})
export type ScaleSpec = Static<typeof ScaleSpec>

export const ScaleStatus = message('autoscaling.v1.ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, string),
})
export type ScaleStatus = Static<typeof ScaleStatus>

export const Scale = message(
  'autoscaling.v1.Scale',
  {
    metadata: opt(1, ObjectMeta),
    spec: opt(2, ScaleSpec),
    status: opt(3, ScaleStatus),
  },
  { kind: true },
)
export type Scale = ObjectOf<Static<typeof Scale>>
