import type { Draft } from '../../api/meta/object.ts'
import { NOT_READY, UNREACHABLE } from '../../api/meta/taints.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { AdmissionPlugin } from './plugin.ts'

const KEYS = [NOT_READY, UNREACHABLE]
const SECONDS = 300
/** Tolerations that pods share and to which nothing is to be added. */
const complete = new WeakSet<object>()

/** A pod that says nothing about dead nodes stays bound to one for five minutes. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  on: ['pods'],
  operations: ['create', 'update'],
  mutate({ object }) {
    const { spec } = object as Draft<Pod>
    const given = spec.tolerations ?? []
    if (complete.has(given)) return
    const missing = KEYS.filter(key => !given.some(t => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')))
    if (missing.length === 0) {
      if (Object.isFrozen(given)) complete.add(given)
      return
    }
    spec.tolerations = [...given, ...missing.map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }))]
  },
}
