import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServedVersion } from '../src/api/kinds/kind.ts'
import { validateCreate } from '../src/api/kinds/validate.ts'
import type { FieldError } from '../src/api/meta/field-error.ts'
import type { Draft, KubeObject } from '../src/api/meta/object.ts'
import { StatusError } from '../src/api/meta/status.ts'
import type { MessageOf } from '../src/api/schema/build.ts'
import type { JsonSchemaProps } from '../src/api/schema/custom/props.ts'
import { compileRules } from '../src/api/schema/custom/rules/compile-rules.ts'
import { decode } from '../src/api/schema/decode.ts'
import { fill } from '../src/api/schema/fill.ts'
import { type CollectedDocument, collectedDocuments, isFixture, lostFields, noManifests, REFUSED, UNKNOWN } from './support/collected.ts'

function write({ json, at: { kind, at } }: CollectedDocument): { readonly problems: readonly string[]; readonly fields: readonly string[] } {
  try {
    const { value, problems } = decode(at.schema as MessageOf<KubeObject>, json, { unknown: 'warn' })
    fill(at.schema as MessageOf<KubeObject>, value)
    at.defaults?.(value)
    let draft = value as Draft<KubeObject>
    if (at !== kind) {
      draft = (at as ServedVersion<KubeObject>).toStored(draft)
      fill(kind.schema as MessageOf<KubeObject>, draft)
      kind.defaults?.(draft)
    }
    if (kind.namespaced) draft.metadata.namespace ??= 'default'
    else delete draft.metadata.namespace
    draft.metadata.uid = 'u'
    kind.prepareForCreate?.(draft)
    return { problems, fields: validateCreate(kind, draft as KubeObject, { now: 0 }).map(error => error.field) }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { problems: [], fields: [/of type|field (?:\w+\.)([\w.[\]]+)/.exec(error.message)?.[1] ?? error.message] }
  }
}

test('every collected document of a served kind is accepted, or refused for the fields that upstream names', { skip: noManifests }, async () => {
  const accepted: string[] = []
  for (const document of await collectedDocuments()) {
    if (isFixture(document.file)) continue
    const { problems, fields } = write(document)
    assert.deepEqual(fields, REFUSED[document.id] ?? [], document.id)
    assert.deepEqual(problems, UNKNOWN[document.id] ?? [], document.id)
    accepted.push(document.id)
  }
  assert.ok(accepted.length > 700, `only ${accepted.length} documents`)
})

test('decoding a collected document loses no field, also of the fixtures that set every field', { skip: noManifests }, async () => {
  for (const document of await collectedDocuments()) {
    const { id, json, at } = document
    if (REFUSED[id]?.includes('spec.updateStrategy')) continue
    const { value, problems } = decode(at.at.schema as MessageOf<KubeObject>, json, { unknown: 'warn' })
    const known = isFixture(document.file) ? problems : (UNKNOWN[id] ?? [])
    assert.deepEqual(lostFields(json, value, known), [], id)
  }
})

test('the rules of all collected definitions fit their schemas', { skip: noManifests }, async () => {
  let schemas = 0
  for (const { id, json } of await collectedDocuments()) {
    if (json['kind'] !== 'CustomResourceDefinition') continue
    const { versions = [] } = json['spec'] as { readonly versions?: readonly { readonly schema?: { readonly openAPIV3Schema: JsonSchemaProps } }[] }
    for (const { schema } of versions) {
      const errors: FieldError[] = []
      if (schema && (await compileRules(schema.openAPIV3Schema, '', errors))) schemas++
      assert.deepEqual(errors, [], id)
    }
  }
  assert.ok(schemas > 10, `only ${schemas} schemas with rules`)
})
