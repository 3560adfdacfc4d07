import type { Draft } from '../../api/meta/object.ts'
import { forbidden } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { PriorityClass } from '../../api/types/scheduling.ts'
import type { AdmissionPlugin, AdmissionRequest, AdmissionView } from './plugin.ts'

const CLASSES = { group: 'scheduling.k8s.io', resource: 'priorityclasses' }
const PREEMPT = 'PreemptLowerPriority'

/** A pod's priority is that of its PriorityClass, or of the one that is the default for all; only one class may be that. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  on: ['pods', 'priorityclasses'],
  operations: ['create', 'update'],
  mutate(request, view) {
    if (request.kind.resource !== 'pods') return
    if (request.operation === 'create') setPriority(request, view)
    else keepPriority(request)
  },
  check({ kind, object, name }, view) {
    if (kind.resource !== 'priorityclasses') return
    if (!(object as PriorityClass).globalDefault) return
    const other = view.list<PriorityClass>(CLASSES).find(one => one.globalDefault && one.metadata.name !== object.metadata.name)
    if (other)
      throw forbidden(
        CLASSES,
        name,
        `PriorityClass ${other.metadata.name} is already marked as globalDefault. Only one global default PriorityClass is allowed`,
      )
  },
}

function setPriority({ object, kind, name }: AdmissionRequest, view: AdmissionView): void {
  const { spec } = object as Draft<Pod>
  const refuse = (why: string) => forbidden(kind, name, why)
  const found = spec.priorityClassName ? view.get<PriorityClass>(CLASSES, undefined, spec.priorityClassName) : globalDefault(view)
  if (spec.priorityClassName && !found) throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`)
  if (found) spec.priorityClassName = found.metadata.name
  const value = found?.value ?? 0
  const policy = found?.preemptionPolicy ?? PREEMPT
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  }
  spec.priority = value
  spec.preemptionPolicy = policy
}

/** Of several defaults (made so by hand in the store) the lowest counts. */
function globalDefault(view: AdmissionView): PriorityClass | undefined {
  let lowest: PriorityClass | undefined
  for (const one of view.list<PriorityClass>(CLASSES)) if (one.globalDefault && (!lowest || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one
  return lowest
}

/** An update that leaves out what admission once computed means to keep it. */
function keepPriority({ object, old }: AdmissionRequest): void {
  const { spec } = object as Draft<Pod>
  const before = (old as Pod).spec
  if (spec.priority === undefined && before.priority !== undefined) spec.priority = before.priority
  if (spec.preemptionPolicy === undefined && before.preemptionPolicy !== undefined) spec.preemptionPolicy = before.preemptionPolicy
}
