import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../../../test/support/registry-rig.ts'
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts'
import type { AdmissionRequest, AdmissionView } from '../admission/plugin.ts'
import { definitionPatterns } from './admission.ts'

const admit = (size: object): Promise<void> => {
  const schema = { openAPIV3Schema: { type: 'object', properties: { size } } }
  const object = { metadata: { name: 'w' }, spec: { versions: [{ name: 'v1', schema }] } }
  return definitionPatterns.check?.({ kind: CustomResourceDefinitions, object } as unknown as AdmissionRequest, {} as AdmissionView) ?? Promise.resolve()
}

test('a definition with a pattern or a rule that is none is refused by its path', async () => {
  const at = 'spec.versions[0].schema.openAPIV3Schema.properties[size]'
  const refused = (why: string): string => `422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "w" is invalid: ${at}.${why}`
  await admit({ type: 'string', pattern: '^a+$', 'x-kubernetes-validations': [{ rule: 'self != ""' }] })
  assert.equal(
    await refusal(admit({ type: 'string', pattern: '(' })),
    refused('pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`'),
  )
  assert.equal(
    await refusal(admit({ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self != ""' }] })),
    refused(
      `x-kubernetes-validations[0].rule: Invalid value: {"rule":"self != \\"\\""}: compilation failed: ERROR: <input>:1:6: found no matching overload for '_!=_' applied to '(int, string)'\n | self != ""\n | .....^`,
    ),
  )
})
