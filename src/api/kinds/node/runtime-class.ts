import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, required } from '../../meta/field-error.ts'
import { dnsLabel } from '../../meta/names.ts'
import { checkLabels, report } from '../../meta/object-meta.ts'
import { toleratedBy } from '../../meta/taints.ts'
import { RuntimeClass } from '../../types/node.ts'
import { AGE, NAME, text } from '../columns.ts'
import { oldLabel } from '../core/old-labels.ts'
import { checkAmount, checkContainerResourceName } from '../core/pod-spec/resources.ts'
import { checkTolerations } from '../core/pod-spec/tolerations.ts'
import type { Kind } from '../kind.ts'

export const RuntimeClasses: Kind<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  singular: 'runtimeclass',
  namespaced: false,
  schema: RuntimeClass,
  createOnUpdate: true,
  requiresRevisionOnUpdate: true,
  validate({ handler, overhead, scheduling }) {
    const errors: FieldError[] = []
    if (!handler) errors.push(required('handler'))
    else report(errors, 'handler', handler, dnsLabel(handler))
    for (const name in overhead?.podFixed) {
      checkContainerResourceName(name, `overhead.podFixed[${name}]`, errors)
      checkAmount(name, overhead.podFixed[name] as string, `overhead.podFixed[${name}]`, errors)
    }
    checkLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector', errors)
    checkTolerations(scheduling?.tolerations, 'scheduling.tolerations', errors)
    const tolerations = scheduling?.tolerations ?? []
    for (const i of repeats(tolerations, toleratedBy)) errors.push(duplicate(`scheduling.tolerations[${i}]`, tolerations[i]))
    return errors
  },
  validateUpdate: (now, old) => (now.handler === old.handler ? [] : [invalid('handler', now.handler, 'field is immutable')]),
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap(key => {
      const why = oldLabel(key)
      return why ? [`scheduling.nodeSelector: ${why}`] : []
    }),
  columns: [NAME, text('Handler', 'What the container engine calls it.', runtime => runtime.handler), AGE],
}
