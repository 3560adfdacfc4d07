import type { ObjectOf } from '../meta/object.ts'
import { explicit, int32, int64, list, message, opt, quantity, req, type Static, string, time, withDefault } from '../schema/build.ts'
import { LabelSelector, ObjectMeta } from './meta.ts'

export const HPAScalingPolicy = message(
  'autoscaling.v2.HPAScalingPolicy',
  {
    periodSeconds: req(3, int32, 'Seconds the change is counted over.'),
    type: req(1, string, 'Pods or Percent.'),
    value: req(2, int32, 'How much.'),
  },
  { doc: 'How much may change at once.' },
)
export type HPAScalingPolicy = Static<typeof HPAScalingPolicy>

export const HPAScalingRules = message(
  'autoscaling.v2.HPAScalingRules',
  {
    policies: opt(2, explicit(list(HPAScalingPolicy, { list: 'atomic' })), 'How much may change at once.'),
    selectPolicy: opt(1, explicit(string), 'Which policy counts: Max, Min or Disabled.'),
    stabilizationWindowSeconds: opt(3, explicit(int32), 'Seconds of past answers that are looked at.'),
    tolerance: opt(4, quantity, 'Difference to the target that is let pass.'),
  },
  { doc: 'Rules for one direction.' },
)
export type HPAScalingRules = Static<typeof HPAScalingRules>

export const HorizontalPodAutoscalerBehavior = message(
  'autoscaling.v2.HorizontalPodAutoscalerBehavior',
  {
    scaleDown: opt(2, HPAScalingRules, 'Rules for going down.'),
    scaleUp: opt(1, HPAScalingRules, 'Rules for going up.'),
  },
  { doc: 'How fast it may go.' },
)
export type HorizontalPodAutoscalerBehavior = Static<typeof HorizontalPodAutoscalerBehavior>

export const MetricTarget = message(
  'autoscaling.v2.MetricTarget',
  {
    averageUtilization: opt(4, explicit(int32), 'Average in percent of what is requested.'),
    averageValue: opt(3, quantity, 'Average over the pods.'),
    type: req(1, string, 'Utilization, Value or AverageValue.'),
    value: opt(2, quantity, 'The value.'),
  },
  { doc: 'What to aim for.' },
)
export type MetricTarget = Static<typeof MetricTarget>

export const ContainerResourceMetricSource = message(
  'autoscaling.v2.ContainerResourceMetricSource',
  {
    container: req(3, string, 'Name of the container.'),
    name: req(1, string, 'Name of the resource.'),
    target: req(2, MetricTarget, 'The target.'),
  },
  { doc: 'A resource of one container.' },
)
export type ContainerResourceMetricSource = Static<typeof ContainerResourceMetricSource>

export const MetricIdentifier = message(
  'autoscaling.v2.MetricIdentifier',
  {
    name: req(1, string, 'Name of the measure.'),
    selector: opt(2, LabelSelector, 'Narrows it down by labels.'),
  },
  { doc: 'Names a measure.' },
)
export type MetricIdentifier = Static<typeof MetricIdentifier>

export const ExternalMetricSource = message(
  'autoscaling.v2.ExternalMetricSource',
  {
    metric: req(1, MetricIdentifier, 'The measure.'),
    target: req(2, MetricTarget, 'The target.'),
  },
  { doc: 'A measure from elsewhere.' },
)
export type ExternalMetricSource = Static<typeof ExternalMetricSource>

export const CrossVersionObjectReference = message(
  'autoscaling.v2.CrossVersionObjectReference',
  {
    apiVersion: opt(3, string, 'Group and version of the object.'),
    kind: req(1, string, 'Kind of the object.'),
    name: req(2, string, 'Name of the object.'),
  },
  { doc: 'Names an object by kind.' },
)
export type CrossVersionObjectReference = Static<typeof CrossVersionObjectReference>

export const ObjectMetricSource = message(
  'autoscaling.v2.ObjectMetricSource',
  {
    describedObject: req(1, CrossVersionObjectReference, 'The object.'),
    metric: req(3, MetricIdentifier, 'The measure.'),
    target: req(2, MetricTarget, 'The target.'),
  },
  { doc: 'A measure of another object.' },
)
export type ObjectMetricSource = Static<typeof ObjectMetricSource>

export const PodsMetricSource = message(
  'autoscaling.v2.PodsMetricSource',
  {
    metric: req(1, MetricIdentifier, 'The measure.'),
    target: req(2, MetricTarget, 'The target.'),
  },
  { doc: 'A measure of the pods.' },
)
export type PodsMetricSource = Static<typeof PodsMetricSource>

export const ResourceMetricSource = message(
  'autoscaling.v2.ResourceMetricSource',
  {
    name: req(1, string, 'Name of the resource.'),
    target: req(2, MetricTarget, 'The target.'),
  },
  { doc: 'A resource of the pods.' },
)
export type ResourceMetricSource = Static<typeof ResourceMetricSource>

export const MetricSpec = message(
  'autoscaling.v2.MetricSpec',
  {
    containerResource: opt(7, ContainerResourceMetricSource, 'A resource of one container.'),
    external: opt(5, ExternalMetricSource, 'A measure from elsewhere.'),
    object: opt(2, ObjectMetricSource, 'A measure of another object.'),
    pods: opt(3, PodsMetricSource, 'A measure of the pods.'),
    resource: opt(4, ResourceMetricSource, 'A resource of the pods.'),
    type: req(1, string, 'Which of the others is given.'),
  },
  { doc: 'One measure and its target.' },
)
export type MetricSpec = Static<typeof MetricSpec>

export const HorizontalPodAutoscalerSpec = message(
  'autoscaling.v2.HorizontalPodAutoscalerSpec',
  {
    behavior: opt(5, HorizontalPodAutoscalerBehavior, 'How fast it may go up and down.'),
    maxReplicas: req(3, int32, 'The most pods.'),
    metrics: opt(4, list(MetricSpec, { list: 'atomic' }), 'The measures; the largest answer counts.'),
    minReplicas: opt(2, withDefault(explicit(int32), 1), 'The fewest pods.'),
    scaleTargetRef: req(1, CrossVersionObjectReference, 'What is scaled.'),
  },
  { doc: 'What is scaled, by which measures, between which bounds.' },
)
export type HorizontalPodAutoscalerSpec = Static<typeof HorizontalPodAutoscalerSpec>

export const HorizontalPodAutoscalerCondition = message(
  'autoscaling.v2.HorizontalPodAutoscalerCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of an autoscaler's state." },
)
export type HorizontalPodAutoscalerCondition = Static<typeof HorizontalPodAutoscalerCondition>

export const MetricValueStatus = message(
  'autoscaling.v2.MetricValueStatus',
  {
    averageUtilization: opt(3, explicit(int32), 'Average in percent of what is requested.'),
    averageValue: opt(2, quantity, 'Average over the pods.'),
    value: opt(1, quantity, 'The value.'),
  },
  { doc: 'What was seen.' },
)
export type MetricValueStatus = Static<typeof MetricValueStatus>

export const ContainerResourceMetricStatus = message(
  'autoscaling.v2.ContainerResourceMetricStatus',
  {
    container: req(3, string, 'Name of the container.'),
    current: req(2, MetricValueStatus, 'What was seen.'),
    name: req(1, string, 'Name of the resource.'),
  },
  { doc: 'A resource of one container as last seen.' },
)
export type ContainerResourceMetricStatus = Static<typeof ContainerResourceMetricStatus>

export const ExternalMetricStatus = message(
  'autoscaling.v2.ExternalMetricStatus',
  {
    current: req(2, MetricValueStatus, 'What was seen.'),
    metric: req(1, MetricIdentifier, 'The measure.'),
  },
  { doc: 'A measure from elsewhere as last seen.' },
)
export type ExternalMetricStatus = Static<typeof ExternalMetricStatus>

export const ObjectMetricStatus = message(
  'autoscaling.v2.ObjectMetricStatus',
  {
    current: req(2, MetricValueStatus, 'What was seen.'),
    describedObject: req(3, CrossVersionObjectReference, 'The object.'),
    metric: req(1, MetricIdentifier, 'The measure.'),
  },
  { doc: 'A measure of another object as last seen.' },
)
export type ObjectMetricStatus = Static<typeof ObjectMetricStatus>

export const PodsMetricStatus = message(
  'autoscaling.v2.PodsMetricStatus',
  {
    current: req(2, MetricValueStatus, 'What was seen.'),
    metric: req(1, MetricIdentifier, 'The measure.'),
  },
  { doc: 'A measure of the pods as last seen.' },
)
export type PodsMetricStatus = Static<typeof PodsMetricStatus>

export const ResourceMetricStatus = message(
  'autoscaling.v2.ResourceMetricStatus',
  {
    current: req(2, MetricValueStatus, 'What was seen.'),
    name: req(1, string, 'Name of the resource.'),
  },
  { doc: 'A resource of the pods as last seen.' },
)
export type ResourceMetricStatus = Static<typeof ResourceMetricStatus>

export const MetricStatus = message(
  'autoscaling.v2.MetricStatus',
  {
    containerResource: opt(7, ContainerResourceMetricStatus, 'A resource of one container.'),
    external: opt(5, ExternalMetricStatus, 'A measure from elsewhere.'),
    object: opt(2, ObjectMetricStatus, 'A measure of another object.'),
    pods: opt(3, PodsMetricStatus, 'A measure of the pods.'),
    resource: opt(4, ResourceMetricStatus, 'A resource of the pods.'),
    type: req(1, string, 'Which of the others is given.'),
  },
  { doc: 'One measure as last seen.' },
)
export type MetricStatus = Static<typeof MetricStatus>

export const HorizontalPodAutoscalerStatus = message(
  'autoscaling.v2.HorizontalPodAutoscalerStatus',
  {
    conditions: opt(
      6,
      list(HorizontalPodAutoscalerCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }),
      'Present conditions of the autoscaler.',
    ),
    currentMetrics: opt(5, list(MetricStatus, { list: 'atomic' }), 'Measures last seen.'),
    currentReplicas: opt(3, int32, 'Pods last seen.'),
    desiredReplicas: req(4, int32, 'Pods last asked for.'),
    lastScaleTime: opt(2, time, 'When the number last changed.'),
    observedGeneration: opt(1, explicit(int64), 'Generation of the spec that the status speaks of.'),
  },
  { doc: 'What an autoscaler last did.' },
)
export type HorizontalPodAutoscalerStatus = Static<typeof HorizontalPodAutoscalerStatus>

export const HorizontalPodAutoscaler = message(
  'autoscaling.v2.HorizontalPodAutoscaler',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, HorizontalPodAutoscalerSpec, 'What is wanted.'),
    status: opt(3, HorizontalPodAutoscalerStatus, 'What was last done.'),
  },
  { kind: true, doc: 'Changes the number of pods by what is measured.' },
)
export type HorizontalPodAutoscaler = ObjectOf<Static<typeof HorizontalPodAutoscaler>>
