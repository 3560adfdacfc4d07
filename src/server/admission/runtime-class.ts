import type { Draft } from '../../api/meta/object.ts'
import { compareQuantities } from '../../api/meta/quantity.ts'
import { forbidden } from '../../api/meta/status.ts'
import type { Toleration } from '../../api/types/core/affinity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { RuntimeClass } from '../../api/types/node.ts'
import { equal } from '../../base/equal.ts'
import type { AdmissionPlugin, AdmissionRequest, AdmissionView } from './plugin.ts'

type Amounts = Readonly<Record<string, string>>

/** A pod takes from its RuntimeClass what the sandbox costs and which nodes have it; it may say neither otherwise. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  on: ['pods'],
  operations: ['create'],
  mutate(request, view) {
    const found = classOf(request, view)
    const { spec } = request.object as Draft<Pod>
    if (found?.overhead) {
      const overhead = found.overhead.podFixed ?? {}
      if (spec.overhead && !sameAmounts(spec.overhead, overhead)) throw mismatch(request)
      spec.overhead = { ...overhead }
    }
    if (!found?.scheduling) return
    const { nodeSelector = {}, tolerations = [] } = found.scheduling
    for (const [key, wanted] of Object.entries(nodeSelector)) {
      const own = spec.nodeSelector?.[key]
      if (own !== undefined && own !== wanted)
        throw refusal(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted}; pod.spec.nodeSelector[${key}] = ${own}`)
    }
    if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
    const more = tolerations.filter(toleration => !spec.tolerations?.some((own: Toleration) => equal(own, toleration)))
    if (more.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...more]
  },
  check(request, view) {
    const { overhead } = (request.object as Pod).spec
    const fixed = classOf(request, view)?.overhead
    if (fixed && !sameAmounts(overhead ?? {}, fixed.podFixed ?? {})) throw mismatch(request)
    if (!fixed && overhead) throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  },
}

function classOf(request: AdmissionRequest, view: AdmissionView): RuntimeClass | undefined {
  const { runtimeClassName: name } = (request.object as Pod).spec
  if (!name) return undefined
  const found = view.get<RuntimeClass>({ group: 'node.k8s.io', resource: 'runtimeclasses' }, undefined, name)
  if (!found) throw refusal(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

const refusal = ({ kind, name }: AdmissionRequest, why: string) => forbidden(kind, name, why)
const mismatch = (request: AdmissionRequest) => refusal(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")

const sameAmounts = (a: Amounts, b: Amounts): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every(name => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
