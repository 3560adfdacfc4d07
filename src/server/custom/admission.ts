import { type FieldError, invalidObject } from '../../api/meta/field-error.ts'
import { checkStructural } from '../../api/schema/custom/structural.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions.ts'
import { addAll } from '../../base/add-all.ts'
import type { AdmissionPlugin } from '../admission/plugin.ts'

/** Refuses definitions whose patterns or rules are none, or whose defaults do not match them; loads the engine that can tell. */
export const definitionPatterns: AdmissionPlugin = {
  name: 'CustomResourceDefinitionPatterns',
  on: ['customresourcedefinitions'],
  operations: ['create', 'update'],
  async check({ kind, object }) {
    const { spec } = object as unknown as CustomResourceDefinition
    const errors: FieldError[] = []
    const [{ compilePatterns }, { compileRules }] = await Promise.all([
      import('../../api/schema/custom/patterns.ts'),
      import('../../api/schema/custom/rules/compile-rules.ts'),
    ])
    for (const [i, version] of spec.versions.entries()) {
      const schema = version.schema?.openAPIV3Schema
      if (!schema) continue
      const path = `spec.versions[${i}].schema.openAPIV3Schema`
      const structural = checkStructural(schema, path, await compilePatterns(schema))
      addAll(errors, structural)
      if (structural.length === 0) await compileRules(schema, path, errors)
    }
    if (errors.length > 0) throw invalidObject(kind, object.metadata.name ?? '', errors)
  },
}
