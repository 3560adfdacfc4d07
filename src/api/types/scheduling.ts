import type { ObjectOf } from '../meta/object.ts'
import { boolean, explicit, int32, message, opt, type Static, string, withDefault } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

export const PriorityClass = message(
  'scheduling.v1.PriorityClass',
  {
    description: opt(4, string, 'What the class is for.'),
    globalDefault: opt(3, boolean, 'Whether pods without a class get this one.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    preemptionPolicy: opt(5, withDefault(explicit(string), 'PreemptLowerPriority'), 'PreemptLowerPriority or Never.'),
    value: opt(2, withDefault(int32, 0), 'The priority; higher is more important.'),
  },
  { kind: true, doc: 'Gives pods that name it their priority.' },
)
export type PriorityClass = ObjectOf<Static<typeof PriorityClass>>
