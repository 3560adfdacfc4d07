import type { Draft } from '../../api/meta/object.ts'
import { NOT_READY } from '../../api/meta/taints.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { AdmissionPlugin } from './plugin.ts'

/** A new node takes no pods until node lifecycle has seen it ready. */
export const taintNewNodes: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  on: ['nodes'],
  operations: ['create'],
  mutate({ object }) {
    const { spec } = object as Draft<Node>
    const taints = spec.taints ?? []
    if (taints.some(taint => taint.key === NOT_READY && taint.effect === 'NoSchedule')) return
    spec.taints = [...taints, { key: NOT_READY, effect: 'NoSchedule' }]
  },
}
