import type { ObjectOf } from '../../meta/object.ts'
import { message, opt, req, type Static } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { ObjectReference } from './reference.ts'

export const Binding = message(
  'core.v1.Binding',
  {
    metadata: opt(1, ObjectMeta),
    target: req(2, ObjectReference),
  },
  { kind: true },
)
export type Binding = ObjectOf<Static<typeof Binding>>
