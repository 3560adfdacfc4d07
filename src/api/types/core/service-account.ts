import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, list, message, opt, type Static } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { LocalObjectReference, ObjectReference } from './reference.ts'

export const ServiceAccount = message(
  'core.v1.ServiceAccount',
  {
    automountServiceAccountToken: opt(4, explicit(boolean), 'Whether pods get the token mounted, unless they say otherwise.'),
    imagePullSecrets: opt(3, list(LocalObjectReference, { list: 'atomic' }), 'Secrets for pulling images, for every pod of the account.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    secrets: opt(
      2,
      list(ObjectReference, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }),
      "Secrets the account's pods may use; hardly used any more.",
    ),
  },
  { kind: true, doc: 'An identity for pods.' },
)
export type ServiceAccount = ObjectOf<Static<typeof ServiceAccount>>
