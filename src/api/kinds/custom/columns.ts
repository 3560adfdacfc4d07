import { formatAge } from '../../meta/age.ts'
import type { KubeObject } from '../../meta/object.ts'
import type { CustomResourceDefinitionVersion } from '../../types/apiextensions.ts'
import { AGE, NAME } from '../columns.ts'
import type { Cell, Column } from '../kind.ts'
import { compileJsonPath, type JsonPath } from './json-path.ts'

type Definition = NonNullable<CustomResourceDefinitionVersion['additionalPrinterColumns']>[number]

/** The columns of a version: the name, then those of the definition, or the age. */
export const customColumns = (version: CustomResourceDefinitionVersion): readonly Column<KubeObject>[] => [
  NAME,
  ...(version.additionalPrinterColumns?.length ? version.additionalPrinterColumns.map(column) : [AGE]),
]

const TYPES = ['integer', 'number', 'string', 'boolean', 'date'] as const
const MAX_CELL = 1024

function column(definition: Definition): Column<KubeObject> {
  const path = compileJsonPath(definition.jsonPath)
  const type = TYPES.find(one => one === definition.type) ?? 'string'
  return {
    name: definition.name,
    type,
    description: definition.description ?? `Custom resource definition column (in JSONPath format): ${definition.jsonPath}`,
    priority: (definition.priority ?? 0) > 0 ? 1 : 0,
    cell: (object, now) => cell(path, type, object, now),
  }
}

function cell(path: JsonPath | undefined, type: (typeof TYPES)[number], object: KubeObject, now: number): Cell {
  const found = path?.(object) ?? []
  const [value] = found
  if (value === undefined || value === null) return ''
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : ''
    case 'number':
      return typeof value === 'number' ? value : ''
    case 'boolean':
      return typeof value === 'boolean' ? value : ''
    case 'date':
      return typeof value === 'string' ? formatAge(value, now) : '<invalid>'
    case 'string': {
      const shown = found.map(one => (typeof one === 'string' ? one : (JSON.stringify(one) ?? ''))).join(' ')
      return shown.length > MAX_CELL ? `${shown.slice(0, MAX_CELL)}...` : shown
    }
    default:
      return type satisfies never
  }
}
