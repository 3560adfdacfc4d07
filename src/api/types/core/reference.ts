import { explicit, message, opt, req, type Static, string } from '../../schema/build.ts'

export const LocalObjectReference = message(
  'core.v1.LocalObjectReference',
  {
    name: opt(1, string, 'Its name.'),
  },
  { map: 'atomic', doc: 'An object in the same namespace.' },
)
export type LocalObjectReference = Static<typeof LocalObjectReference>

export const TypedLocalObjectReference = message(
  'core.v1.TypedLocalObjectReference',
  {
    apiGroup: opt(1, explicit(string), 'Group of the object; empty for the core group.'),
    kind: req(2, string, 'Kind of the object.'),
    name: req(3, string, 'Name of the object.'),
  },
  { map: 'atomic', doc: 'An object of a given kind in the same namespace.' },
)
export type TypedLocalObjectReference = Static<typeof TypedLocalObjectReference>

export const TypedObjectReference = message(
  'core.v1.TypedObjectReference',
  {
    apiGroup: opt(1, explicit(string), 'Group of the object; empty for the core group.'),
    kind: req(2, string, 'Kind of the object.'),
    name: req(3, string, 'Name of the object.'),
    namespace: opt(4, explicit(string), 'Namespace of the object.'),
  },
  { doc: 'An object of a given kind.' },
)
export type TypedObjectReference = Static<typeof TypedObjectReference>

export const ObjectReference = message(
  'core.v1.ObjectReference',
  {
    apiVersion: opt(5, string, 'Group and version of the object.'),
    fieldPath: opt(7, string, 'A part of the object, such as spec.containers{name}.'),
    kind: opt(1, string, 'Kind of the object.'),
    name: opt(3, string, 'Name of the object.'),
    namespace: opt(2, string, 'Namespace of the object.'),
    resourceVersion: opt(6, string, 'State of the object that is meant.'),
    uid: opt(4, string, 'Uid of the object.'),
  },
  { map: 'atomic', doc: 'Names an object.' },
)
export type ObjectReference = Static<typeof ObjectReference>

export const SecretReference = message(
  'core.v1.SecretReference',
  {
    name: opt(1, string, 'Name of the Secret.'),
    namespace: opt(2, string, 'Namespace of the Secret.'),
  },
  { map: 'atomic', doc: 'A Secret in a namespace.' },
)
export type SecretReference = Static<typeof SecretReference>
