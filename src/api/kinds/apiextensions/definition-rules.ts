import { addAll } from '../../../base/add-all.ts'
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dns1035Label, dnsSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import { type JsonSchemaProps, propertyOf } from '../../schema/custom/props.ts'
import { checkStructural } from '../../schema/custom/structural.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../types/apiextensions.ts'
import { compileJsonPath } from '../custom/json-path.ts'
import type { ValidationContext } from '../kind.ts'

type Spec = CustomResourceDefinition['spec']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const LONGEST_WARNING = 256
const COLUMN_TYPES = ['integer', 'number', 'string', 'boolean', 'date']
/** Patterns and defaults that must match one are judged where the engine is loaded (server/custom/admission.ts). */
const UNCOMPILED = { matches: () => true, bad: [] }

/** Upstream's rules for a definition, as far as they need no regular expressions. */
export function validateDefinition({ metadata, spec }: CustomResourceDefinition, { old }: Pick<ValidationContext, 'old'>): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!old && metadata.name !== `${spec.names.plural}.${spec.group}`)
    errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'))
  if (!spec.group) errors.push(required('spec.group'))
  else if (dnsSubdomain(spec.group).length > 0) report(errors, 'spec.group', spec.group, dnsSubdomain(spec.group))
  else if (!spec.group.includes('.')) errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'))
  if (!spec.scope) errors.push(required('spec.scope'))
  else if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']))
  for (const found of [checkNames(spec), checkVersions(spec), checkConversion(spec)]) addAll(errors, found)
  if (spec.preserveUnknownFields) {
    const member = old ? 'x-kubernetes-preserve-unknown-fields' : 'x-preserve-unknown-fields'
    errors.push(invalid('spec.preserveUnknownFields', true, `cannot set to true, set ${member} to true in spec.versions[*].schema instead`))
  }
  return errors
}

export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): readonly FieldError[] {
  const errors: FieldError[] = []
  const fixed = (field: string, value: unknown, before: unknown) => {
    if (value !== before) errors.push(invalid(field, value, 'field is immutable'))
  }
  fixed('spec.group', definition.spec.group, old.spec.group)
  fixed('spec.names.plural', definition.spec.names.plural, old.spec.names.plural)
  if (old.status.conditions?.some(condition => condition.type === 'Established' && condition.status === 'True')) {
    fixed('spec.scope', definition.spec.scope, old.spec.scope)
    fixed('spec.names.kind', definition.spec.names.kind, old.spec.names.kind)
  }
  const stored = definition.status.storedVersions ?? []
  for (const [i, name] of stored.entries()) {
    if (!definition.spec.versions.some(version => version.name === name))
      errors.push(invalid(`status.storedVersions[${i}]`, name, 'must appear in spec.versions'))
  }
  return errors
}

function checkNames({ names }: Spec): readonly FieldError[] {
  const errors: FieldError[] = []
  const label = (field: string, value: string | undefined, needed: boolean) => {
    if (!value) {
      if (needed) errors.push(required(`spec.names.${field}`))
    } else report(errors, `spec.names.${field}`, value, dns1035Label(value))
  }
  const kind = (field: string, value: string | undefined, needed: boolean) => {
    if (!value) {
      if (needed) errors.push(required(`spec.names.${field}`))
    } else {
      const whys = dns1035Label(value.toLowerCase())
      for (const why of whys) errors.push(invalid(`spec.names.${field}`, value, `may have mixed case, but should otherwise match: ${why}`))
    }
  }
  label('plural', names.plural, true)
  label('singular', names.singular, true)
  kind('kind', names.kind, true)
  kind('listKind', names.listKind, true)
  if (names.kind && names.kind === names.listKind) errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  for (const [i, name] of (names.shortNames ?? []).entries()) label(`shortNames[${i}]`, name, true)
  for (const [i, name] of (names.categories ?? []).entries()) label(`categories[${i}]`, name, true)
  return errors
}

function checkConversion({ conversion }: Spec): readonly FieldError[] {
  const strategy = conversion?.strategy ?? 'None'
  const errors: FieldError[] = []
  if (!strategy) errors.push(required('spec.conversion.strategy'))
  else if (strategy !== 'None' && strategy !== 'Webhook') errors.push(notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']))
  if (strategy === 'Webhook') return errors
  const why = 'should not be set when strategy is not set to Webhook'
  if (conversion?.webhook?.clientConfig) errors.push(forbiddenField('spec.conversion.webhookClientConfig', why))
  if (conversion?.webhook?.conversionReviewVersions?.length) errors.push(forbiddenField('spec.conversion.conversionReviewVersions', why))
  return errors
}

function checkVersions({ versions }: Spec): readonly FieldError[] {
  if (versions.length === 0) return [required('spec.versions', 'must have at least one version')]
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, version] of versions.entries()) {
    const at = `spec.versions[${i}]`
    report(errors, `${at}.name`, version.name, dns1035Label(version.name))
    if (seen.has(version.name)) errors.push(duplicate(`${at}.name`, version.name))
    seen.add(version.name)
    addAll(errors, checkVersion(version, at))
  }
  if (versions.filter(version => version.storage).length !== 1) {
    errors.push(
      invalid(
        'spec.versions',
        versions.map(version => version.name),
        'must have exactly one version marked as storage version',
      ),
    )
  }
  return errors
}

/** Whether `.spec.a.b` names a field of the schema, one property after the other. */
function hasField(schema: JsonSchemaProps, path: string): boolean {
  let at: JsonSchemaProps | undefined = schema
  for (const name of path.split('.').slice(1)) at = at && propertyOf(at, name)
  return at !== undefined
}

function checkDeprecation({ deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion, at: string, errors: FieldError[]): void {
  if (warning == null) return
  const path = `${at}.deprecationWarning`
  if (!deprecated) errors.push(invalid(path, warning, 'can only be set for deprecated versions'))
  if (warning.length > LONGEST_WARNING) errors.push(invalid(path, warning, `must be <= ${LONGEST_WARNING} characters long`))
}

function checkVersion(version: CustomResourceDefinitionVersion, at: string): readonly FieldError[] {
  const errors: FieldError[] = []
  checkDeprecation(version, at, errors)
  const schema = version.schema?.openAPIV3Schema
  if (!schema) errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'))
  else addAll(errors, checkStructural(schema, `${at}.schema.openAPIV3Schema`, UNCOMPILED))
  for (const [i, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const path = `${at}.additionalPrinterColumns[${i}]`
    if (!column.name) errors.push(required(`${path}.name`))
    if (!COLUMN_TYPES.includes(column.type)) errors.push(notSupported(`${path}.type`, column.type, COLUMN_TYPES))
    if (column.format && !COLUMN_FORMATS.includes(column.format)) {
      errors.push(invalid(`${path}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`))
    }
    if (!column.jsonPath) errors.push(required(`${path}.jsonPath`))
    else if (!compileJsonPath(column.jsonPath)) errors.push(invalid(`${path}.jsonPath`, column.jsonPath, 'is an invalid path'))
  }
  for (const [i, { jsonPath }] of (version.selectableFields ?? []).entries()) {
    const path = `${at}.selectableFields[${i}].jsonPath`
    if (!compileJsonPath(jsonPath)) errors.push(invalid(path, jsonPath, 'is an invalid path'))
    else if (schema && !hasField(schema, jsonPath)) errors.push(invalid(path, jsonPath, 'is an invalid path: does not refer to a valid field'))
  }
  const scale = version.subresources?.scale
  if (scale) {
    const path = `${at}.subresources.scale`
    if (!/^\.spec(?:\.[A-Za-z_][\w-]*)+$/.test(scale.specReplicasPath)) {
      errors.push(invalid(`${path}.specReplicasPath`, scale.specReplicasPath, 'should be a json path under .spec'))
    }
    if (!/^\.status(?:\.[A-Za-z_][\w-]*)+$/.test(scale.statusReplicasPath)) {
      errors.push(invalid(`${path}.statusReplicasPath`, scale.statusReplicasPath, 'should be a json path under .status'))
    }
  }
  return errors
}
