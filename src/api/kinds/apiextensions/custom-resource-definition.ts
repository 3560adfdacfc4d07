import type { Draft } from '../../meta/object.ts'
import { CustomResourceDefinition } from '../../types/apiextensions.ts'
import { CREATED_AT, NAME } from '../columns.ts'
import { convertsByName } from '../custom/custom-kind.ts'
import type { Kind } from '../kind.ts'
import { validateDefinition, validateDefinitionUpdate } from './definition-rules.ts'
import { unknownFormatWarnings } from './unknown-formats.ts'

/** Keeps a definition until its objects are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

export const CustomResourceDefinitions: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: CustomResourceDefinition,
  requiresRevisionOnUpdate: true,
  finalizerOnDelete: CLEANUP,
  subresources: { status: true },
  defaults(draft) {
    const { names, versions = [] } = draft.spec
    if (!names.singular && names.kind) names.singular = names.kind.toLowerCase()
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`
    draft.spec.conversion ??= { strategy: 'None' }
    for (const version of versions) {
      if (version.deprecationWarning === '') delete version.deprecationWarning
    }
  },
  prepareForCreate(draft) {
    draft.status = {}
    rememberStored(draft)
  },
  prepareForUpdate(draft, old) {
    draft.status = structuredClone(old.status) as typeof draft.status
    rememberStored(draft)
  },
  validate: validateDefinition,
  validateUpdate: (definition, old) => validateDefinitionUpdate(definition, old),
  warnings: (definition, old) => [...unknownFormatWarnings(definition, old), ...conversionWarnings(definition)],
  columns: [NAME, CREATED_AT],
}

/** Objects may be stored at any version that ever was the storage version. */
function rememberStored(draft: Draft<CustomResourceDefinition>): void {
  const name = draft.spec.versions.find(version => version.storage)?.name
  if (name !== undefined && !draft.status.storedVersions?.includes(name)) draft.status.storedVersions = [...(draft.status.storedVersions ?? []), name]
}

function conversionWarnings(definition: CustomResourceDefinition): readonly string[] {
  const { versions } = definition.spec
  if (convertsByName(definition) || versions.filter(version => version.served).length < 2) return []
  const stored = versions.find(version => version.storage)?.name
  return [`spec.conversion.strategy: everynode asks no conversion webhooks; only the storage version ${stored} is served`]
}
