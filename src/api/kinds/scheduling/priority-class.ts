import { PriorityClass } from '../../types/scheduling.ts'
import { AGE, integer, NAME, text } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class-rules.ts'

const globalDefault: Column<PriorityClass> = {
  ...text('Global-Default', 'Whether pods without a class get this one.', priority => priority.globalDefault ?? false),
  type: 'boolean',
}

export const PriorityClasses: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema: PriorityClass,
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  columns: [
    NAME,
    integer('Value', 'The priority; pods of a higher one go first.', priority => priority.value ?? 0),
    globalDefault,
    AGE,
    text('PreemptionPolicy', 'Whether pods of the class may displace others.', priority => priority.preemptionPolicy ?? ''),
  ],
}
