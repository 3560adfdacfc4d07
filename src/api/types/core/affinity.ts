import { explicit, int32, int64, list, message, opt, req, type Static, string, time } from '../../schema/build.ts'
import { LabelSelector } from '../meta.ts'

export const NodeSelectorRequirement = message(
  'core.v1.NodeSelectorRequirement',
  {
    key: req(1, string, 'Label key or field.'),
    operator: req(2, string, 'In, NotIn, Exists, DoesNotExist, Gt or Lt.'),
    values: opt(3, list(string, { list: 'atomic' }), 'Values for the operator; one integer for Gt and Lt.'),
  },
  { doc: 'One requirement.' },
)
export type NodeSelectorRequirement = Static<typeof NodeSelectorRequirement>

export const NodeSelectorTerm = message(
  'core.v1.NodeSelectorTerm',
  {
    matchExpressions: opt(1, list(NodeSelectorRequirement, { list: 'atomic' }), 'Requirements on labels of the node.'),
    matchFields: opt(2, list(NodeSelectorRequirement, { list: 'atomic' }), 'Requirements on fields of the node; only metadata.name.'),
  },
  { map: 'atomic', doc: 'Requirements that must all hold; an empty term matches nothing.' },
)
export type NodeSelectorTerm = Static<typeof NodeSelectorTerm>

export const PreferredSchedulingTerm = message(
  'core.v1.PreferredSchedulingTerm',
  {
    preference: req(2, NodeSelectorTerm, 'What the node is like.'),
    weight: req(1, int32, 'How much it counts, from 1 to 100.'),
  },
  { doc: 'A preference with a weight.' },
)
export type PreferredSchedulingTerm = Static<typeof PreferredSchedulingTerm>

export const NodeSelector = message(
  'core.v1.NodeSelector',
  {
    nodeSelectorTerms: req(1, list(NodeSelectorTerm, { list: 'atomic' }), 'The terms; none matches nothing.'),
  },
  { map: 'atomic', doc: 'Terms of which one must hold.' },
)
export type NodeSelector = Static<typeof NodeSelector>

export const NodeAffinity = message(
  'core.v1.NodeAffinity',
  {
    preferredDuringSchedulingIgnoredDuringExecution: opt(
      2,
      list(PreferredSchedulingTerm, { list: 'atomic' }),
      'Terms by which nodes are preferred, with weights.',
    ),
    requiredDuringSchedulingIgnoredDuringExecution: opt(1, NodeSelector, 'What a node must be like; judged when the pod is placed.'),
  },
  { doc: 'Rules about the nodes of a pod.' },
)
export type NodeAffinity = Static<typeof NodeAffinity>

export const PodAffinityTerm = message(
  'core.v1.PodAffinityTerm',
  {
    labelSelector: opt(1, LabelSelector, 'Selects the other pods.'),
    matchLabelKeys: opt(5, list(string, { list: 'atomic' }), 'Label keys whose values the other pods must share with this one.'),
    mismatchLabelKeys: opt(6, list(string, { list: 'atomic' }), 'Label keys whose values the other pods must not share with this one.'),
    namespaceSelector: opt(4, LabelSelector, 'Selects the namespaces of the other pods.'),
    namespaces: opt(2, list(string, { list: 'atomic' }), "Namespaces of the other pods; this pod's own when neither is given."),
    topologyKey: req(3, string, 'Node label whose equal value makes two nodes the same place.'),
  },
  { doc: 'Other pods, and how near is near.' },
)
export type PodAffinityTerm = Static<typeof PodAffinityTerm>

export const WeightedPodAffinityTerm = message(
  'core.v1.WeightedPodAffinityTerm',
  {
    podAffinityTerm: req(2, PodAffinityTerm, 'The term.'),
    weight: req(1, int32, 'How much it counts, from 1 to 100.'),
  },
  { doc: 'A term with a weight.' },
)
export type WeightedPodAffinityTerm = Static<typeof WeightedPodAffinityTerm>

export const PodAffinity = message(
  'core.v1.PodAffinity',
  {
    preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm, { list: 'atomic' }), 'Terms that are preferred, with weights.'),
    requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm, { list: 'atomic' }), 'Terms that must all hold when the pod is placed.'),
  },
  { doc: 'Rules that draw a pod to others.' },
)
export type PodAffinity = Static<typeof PodAffinity>

export const PodAntiAffinity = message(
  'core.v1.PodAntiAffinity',
  {
    preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm, { list: 'atomic' }), 'Terms that are avoided, with weights.'),
    requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm, { list: 'atomic' }), 'Terms none of which may hold when the pod is placed.'),
  },
  { doc: 'Rules that keep a pod from others.' },
)
export type PodAntiAffinity = Static<typeof PodAntiAffinity>

export const Affinity = message(
  'core.v1.Affinity',
  {
    nodeAffinity: opt(1, NodeAffinity, 'Rules about nodes.'),
    podAffinity: opt(2, PodAffinity, 'Rules that draw the pod to other pods.'),
    podAntiAffinity: opt(3, PodAntiAffinity, 'Rules that keep the pod from other pods.'),
  },
  { doc: 'Rules about where a pod may or should run.' },
)
export type Affinity = Static<typeof Affinity>

export const Toleration = message(
  'core.v1.Toleration',
  {
    effect: opt(4, string, 'Effect tolerated: NoSchedule, PreferNoSchedule or NoExecute; all when empty.'),
    key: opt(1, string, 'Key of the taint; with operator Exists and no key, every taint.'),
    operator: opt(2, string, 'Equal (the default), Exists, Lt or Gt.'),
    tolerationSeconds: opt(5, explicit(int64), 'Seconds a NoExecute taint is tolerated; for ever when not given.'),
    value: opt(3, string, 'Value of the taint, for Equal.'),
  },
  { doc: 'A taint that does not keep the pod away.' },
)
export type Toleration = Static<typeof Toleration>

export const TopologySpreadConstraint = message(
  'core.v1.TopologySpreadConstraint',
  {
    labelSelector: opt(4, LabelSelector, 'Selects the pods that are counted.'),
    matchLabelKeys: opt(8, list(string, { list: 'atomic' }), 'Label keys whose values counted pods must share with this one.'),
    maxSkew: req(1, int32, 'Largest difference in number between two places.'),
    minDomains: opt(5, explicit(int32), 'Fewest places there should be.'),
    nodeAffinityPolicy: opt(6, explicit(string), 'Whether nodes the pod cannot go to count: Honor or Ignore.'),
    nodeTaintsPolicy: opt(7, explicit(string), 'Whether tainted nodes count: Honor or Ignore.'),
    topologyKey: req(2, string, 'Node label whose value names the place.'),
    whenUnsatisfiable: req(3, string, 'DoNotSchedule waits, ScheduleAnyway prefers the better place.'),
  },
  { doc: 'How evenly pods are spread.' },
)
export type TopologySpreadConstraint = Static<typeof TopologySpreadConstraint>

export const Taint = message(
  'core.v1.Taint',
  {
    effect: req(3, string, 'NoSchedule, PreferNoSchedule or NoExecute.'),
    key: req(1, string, 'Key of the taint.'),
    timeAdded: opt(4, time, 'When the taint was added.'),
    value: opt(2, string, 'Value of the taint.'),
  },
  { doc: 'Keeps pods away that do not tolerate it.' },
)
export type Taint = Static<typeof Taint>

export const VolumeNodeAffinity = message(
  'core.v1.VolumeNodeAffinity',
  {
    required: opt(1, NodeSelector, 'Terms of which one must hold.'),
  },
  { doc: 'Nodes a volume can be reached from.' },
)
export type VolumeNodeAffinity = Static<typeof VolumeNodeAffinity>

export const TopologySelectorLabelRequirement = message(
  'core.v1.TopologySelectorLabelRequirement',
  {
    key: req(1, string, 'Label key.'),
    values: req(2, list(string, { list: 'atomic' }), 'Values, one of which must hold.'),
  },
  { doc: 'One requirement.' },
)
export type TopologySelectorLabelRequirement = Static<typeof TopologySelectorLabelRequirement>

export const TopologySelectorTerm = message(
  'core.v1.TopologySelectorTerm',
  {
    matchLabelExpressions: opt(1, list(TopologySelectorLabelRequirement, { list: 'atomic' }), 'Requirements, all of which must hold.'),
  },
  { map: 'atomic', doc: 'Where a volume may be.' },
)
export type TopologySelectorTerm = Static<typeof TopologySelectorTerm>
