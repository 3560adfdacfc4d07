import type { ObjectOf } from '../../meta/object.ts'
import { list, message, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'

export const NamespaceSpec = message(
  'core.v1.NamespaceSpec',
  {
    finalizers: opt(1, list(string, { list: 'atomic' }), 'Names of those who must act before the namespace can go.'),
  },
  { doc: 'What is wanted of a namespace.' },
)
export type NamespaceSpec = Static<typeof NamespaceSpec>

export const NamespaceCondition = message(
  'core.v1.NamespaceCondition',
  {
    lastTransitionTime: opt(4, time, 'When the status last changed.'),
    message: opt(6, string, 'What a person should know about it.'),
    reason: opt(5, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a namespace's state." },
)
export type NamespaceCondition = Static<typeof NamespaceCondition>

export const NamespaceStatus = message(
  'core.v1.NamespaceStatus',
  {
    conditions: opt(2, list(NamespaceCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'What holds up the deletion.'),
    phase: opt(1, withDefault(string, 'Active'), 'Active or Terminating.'),
  },
  { doc: 'State of a namespace.' },
)
export type NamespaceStatus = Static<typeof NamespaceStatus>

export const Namespace = message(
  'core.v1.Namespace',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, NamespaceSpec, 'What is wanted.'),
    status: opt(3, NamespaceStatus, 'State of the namespace.'),
  },
  { kind: true, doc: 'A space for names; most objects are in one.' },
)
export type Namespace = ObjectOf<Static<typeof Namespace>>
