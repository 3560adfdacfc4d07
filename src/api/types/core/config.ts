import type { ObjectOf } from '../../meta/object.ts'
import { boolean, bytes, explicit, map, message, opt, type Static, string, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'

export const ConfigMap = message(
  'core.v1.ConfigMap',
  {
    binaryData: opt(3, map(bytes), 'Bytes by key, base64.'),
    data: opt(2, map(string), 'Text by key.'),
    immutable: opt(4, explicit(boolean), 'Set to true to forbid all further changes of the data.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
  },
  { kind: true, doc: 'Settings that pods read as files or variables.' },
)
export type ConfigMap = ObjectOf<Static<typeof ConfigMap>>

export const Secret = message(
  'core.v1.Secret',
  {
    data: opt(2, map(bytes), 'Bytes by key, base64.'),
    immutable: opt(5, explicit(boolean), 'Set to true to forbid all further changes of the data.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    stringData: opt(4, map(string), 'Text by key, put into data on write and never returned.'),
    type: opt(3, withDefault(string, 'Opaque'), 'What the data is for; decides which keys it must have.'),
  },
  { kind: true, doc: 'Confidential data that pods read as files or variables.' },
)
export type Secret = ObjectOf<Static<typeof Secret>>
