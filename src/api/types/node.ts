import type { ObjectOf } from '../meta/object.ts'
import { list, map, message, opt, quantity, req, type Static, string } from '../schema/build.ts'
import { Toleration } from './core/affinity.ts'
import { ObjectMeta } from './meta.ts'

export const Overhead = message('node.v1.Overhead', {
  podFixed: opt(1, map(quantity)),
})
export type Overhead = Static<typeof Overhead>

export const Scheduling = message('node.v1.Scheduling', {
  nodeSelector: opt(1, map(string, { map: 'atomic' })),
  tolerations: opt(2, list(Toleration, { list: 'atomic' })),
})
export type Scheduling = Static<typeof Scheduling>

export const RuntimeClass = message(
  'node.v1.RuntimeClass',
  {
    handler: req(2, string),
    metadata: opt(1, ObjectMeta),
    overhead: opt(3, Overhead),
    scheduling: opt(4, Scheduling),
  },
  { kind: true },
)
export type RuntimeClass = ObjectOf<Static<typeof RuntimeClass>>
