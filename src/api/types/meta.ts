import { anyObject, boolean, explicit, int32, int64, list, map, message, opt, req, type Static, string, time } from '../schema/build.ts'

export const ManagedFieldsEntry = message(
  'apis.meta.v1.ManagedFieldsEntry',
  {
    apiVersion: opt(3, string, 'Version at which the fields are named.'),
    fieldsType: opt(6, string, 'Form of the field set; always FieldsV1.'),
    fieldsV1: opt(7, anyObject, 'The set of fields, as a tree of path elements.'),
    manager: opt(1, string, 'Who wrote: the field manager of the request.'),
    operation: opt(2, string, 'Apply for server-side apply, Update for every other write.'),
    subresource: opt(8, string, 'The subresource written through, if any.'),
    time: opt(4, time, 'When the entry last changed.'),
  },
  { doc: 'The fields that one manager set through one kind of write.' },
)
export type ManagedFieldsEntry = Static<typeof ManagedFieldsEntry>

export const OwnerReference = message(
  'apis.meta.v1.OwnerReference',
  {
    apiVersion: req(5, string, 'Group and version of the owner.'),
    blockOwnerDeletion: opt(7, explicit(boolean), 'Whether a foreground deletion of the owner waits for this object.'),
    controller: opt(6, explicit(boolean), 'Whether the owner manages this object; at most one owner does.'),
    kind: req(1, string, 'Kind of the owner.'),
    name: req(3, string, 'Name of the owner.'),
    uid: req(4, string, 'Uid of the owner; an owner of the same name and another uid does not count.'),
  },
  { map: 'atomic', doc: 'Names an object that this one belongs to.' },
)
export type OwnerReference = Static<typeof OwnerReference>

export const ObjectMeta = message(
  'apis.meta.v1.ObjectMeta',
  {
    annotations: opt(12, map(string), 'Free text by key, for tools and people; never used to select objects.'),
    creationTimestamp: opt(8, time, 'When the server stored the object first.'),
    deletionGracePeriodSeconds: opt(10, explicit(int64), 'Seconds the object has to end gracefully; set when its deletion begins.'),
    deletionTimestamp: opt(9, time, 'When the object is to be gone; set by the server when its deletion is asked for.'),
    finalizers: opt(
      14,
      list(string, { list: 'set', patch: 'merge' }),
      'Names of those who must act before the object can go; it stays until the list is empty.',
    ),
    generateName: opt(2, string, 'Prefix for a name that the server completes with five characters, where no name is given.'),
    generation: opt(7, int64, 'Counts the changes of what is wanted (the spec).'),
    labels: opt(11, map(string), 'Short values by key, by which selectors find the object.'),
    managedFields: opt(17, list(ManagedFieldsEntry, { list: 'atomic' }), 'Which manager set which field, and when; kept by the server.'),
    name: opt(1, string, 'Identifies the object within its kind and namespace; cannot be changed.'),
    namespace: opt(3, string, 'The namespace the object is in; empty for kinds that have none.'),
    ownerReferences: opt(
      13,
      list(OwnerReference, { list: 'map', keys: ['uid'], patch: 'merge', mergeKey: 'uid' }),
      'Objects this one belongs to; when all of them are gone it is collected too.',
    ),
    resourceVersion: opt(6, string, 'Opaque mark of the stored state, to detect that somebody else wrote in between.'),
    selfLink: opt(4, string, 'No longer filled in.'),
    uid: opt(5, string, 'Identifies the object for all time, also after another takes its name.'),
  },
  { doc: 'What every stored object has: its name, its labels, and what the server knows of its life.' },
)
export type ObjectMeta = Static<typeof ObjectMeta>

export const LabelSelectorRequirement = message(
  'apis.meta.v1.LabelSelectorRequirement',
  {
    key: req(1, string, 'Label key.'),
    operator: req(2, string, 'In, NotIn, Exists or DoesNotExist.'),
    values: opt(3, list(string, { list: 'atomic' }), 'Values for In and NotIn; must be empty for the other operators.'),
  },
  { doc: 'One term of a selector.' },
)
export type LabelSelectorRequirement = Static<typeof LabelSelectorRequirement>

export const LabelSelector = message(
  'apis.meta.v1.LabelSelector',
  {
    matchExpressions: opt(2, list(LabelSelectorRequirement, { list: 'atomic' }), 'Terms with an operator.'),
    matchLabels: opt(1, map(string), 'Labels that must have exactly these values.'),
  },
  { map: 'atomic', doc: 'Selects objects by their labels; all terms must hold, and an empty selector selects everything.' },
)
export type LabelSelector = Static<typeof LabelSelector>

export const FieldSelectorRequirement = message('apis.meta.v1.FieldSelectorRequirement', {
  key: req(1, string),
  operator: req(2, string),
  values: opt(3, list(string, { list: 'atomic' })),
})
export type FieldSelectorRequirement = Static<typeof FieldSelectorRequirement>

export const Condition = message(
  'apis.meta.v1.Condition',
  {
    lastTransitionTime: req(4, time, 'When the status last changed.'),
    message: req(6, string, 'What a person should know about it.'),
    observedGeneration: opt(3, int64, 'Generation of the spec that the condition was judged by.'),
    reason: req(5, string, 'One word in CamelCase for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of an object's state." },
)
export type Condition = Static<typeof Condition>

export const Preconditions = message('apis.meta.v1.Preconditions', {
  resourceVersion: opt(2, explicit(string)),
  uid: opt(1, explicit(string)),
})
export type Preconditions = Static<typeof Preconditions>

export const DeleteOptions = message('apis.meta.v1.DeleteOptions', {
  apiVersion: opt(0, string),
  dryRun: opt(5, list(string, { list: 'atomic' })),
  gracePeriodSeconds: opt(1, explicit(int64)),
  ignoreStoreReadErrorWithClusterBreakingPotential: opt(6, explicit(boolean)),
  kind: opt(0, string),
  orphanDependents: opt(3, explicit(boolean)),
  preconditions: opt(2, Preconditions),
  propagationPolicy: opt(4, explicit(string)),
})
export type DeleteOptions = Static<typeof DeleteOptions>

export const StatusCause = message('apis.meta.v1.StatusCause', {
  field: opt(3, string),
  message: opt(2, string),
  reason: opt(1, string),
})
export type StatusCause = Static<typeof StatusCause>

export const StatusDetails = message('apis.meta.v1.StatusDetails', {
  causes: opt(4, list(StatusCause, { list: 'atomic' })),
  group: opt(2, string),
  kind: opt(3, string),
  name: opt(1, string),
  retryAfterSeconds: opt(5, int32),
  uid: opt(6, string),
})
export type StatusDetails = Static<typeof StatusDetails>

export const ShardInfo = message('apis.meta.v1.ShardInfo', {
  selector: req(1, string),
})
export type ShardInfo = Static<typeof ShardInfo>

export const ListMeta = message('apis.meta.v1.ListMeta', {
  continue: opt(3, string),
  remainingItemCount: opt(4, explicit(int64)),
  resourceVersion: opt(2, string),
  selfLink: opt(1, string),
  shardInfo: opt(5, ShardInfo),
})
export type ListMeta = Static<typeof ListMeta>

export const Status = message('apis.meta.v1.Status', {
  apiVersion: opt(0, string),
  code: opt(6, int32),
  details: opt(5, StatusDetails),
  kind: opt(0, string),
  message: opt(3, string),
  metadata: opt(1, ListMeta),
  reason: opt(4, string),
  status: opt(2, string),
})
export type Status = Static<typeof Status>
