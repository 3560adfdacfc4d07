import type { Draft, KubeObject } from '../../meta/object.ts'
import { isQualified } from '../../meta/object-meta.ts'
import type { MessageOf } from '../../schema/build.ts'
import type { CompiledSchema } from '../../schema/custom/compiled.ts'
import type { JsonSchemaProps } from '../../schema/custom/props.ts'
import { prune } from '../../schema/custom/prune.ts'
import { fill } from '../../schema/fill.ts'
import { setOwn } from '../../schema/plain.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../types/apiextensions.ts'
import { customObject } from '../../types/custom-object.ts'
import type { FieldOf, Kind, ScaleMapping, ServedVersion, VersionRules } from '../kind.ts'
import { customColumns } from './columns.ts'
import { compileJsonPath } from './json-path.ts'

type Version = CustomResourceDefinitionVersion
type Fields = Record<string, unknown>

/** A schema for versions that have none: everything is kept. */
const OPEN: JsonSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
export const schemaOf = (version: Version): JsonSchemaProps => version.schema?.openAPIV3Schema ?? OPEN

/**
 * The kind that a definition describes, as the registry serves any other. `schemas` holds the compiled schema of each
 * version by the version's name.
 */
export function customKind(definition: CustomResourceDefinition, schemas: ReadonlyMap<string, CompiledSchema>): Kind {
  const { group, names, scope, versions } = definition.spec
  const stored = versions.find(version => version.storage) ?? versions[0]!
  // Nobody is asked to convert: a definition that wants it is served at the version its objects are stored at.
  const others = convertsByName(definition) ? versions.filter(version => version !== stored && version.served) : []
  const schema = customObject(messageName(group, stored.name, names.kind), schemaOf(stored))
  const selectableFields = selectable(stored)
  return {
    group,
    version: stored.name,
    kind: names.kind,
    resource: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    ...(names.shortNames && { shortNames: names.shortNames }),
    ...(names.categories && { categories: names.categories }),
    namespaced: scope === 'Namespaced',
    schema,
    requiresRevisionOnUpdate: true,
    ...(selectableFields && { selectableFields }),
    ...rulesOf(stored, schemas.get(stored.name)),
    warnings: finalizerWarnings,
    ...(stored.deprecated && { deprecation: deprecationOf(definition, stored) }),
    ...(others.length > 0 && { alsoServed: others.map(version => served(definition, stored, version, schemas.get(version.name))) }),
  }
}

/** New finalizers whose names another writer might take too. */
function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): readonly string[] {
  const before = new Set(old?.metadata.finalizers)
  return (metadata.finalizers ?? []).flatMap(name => {
    if (isQualified(name) || before.has(name)) return []
    const how = name.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name'
    return [`metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified ${how} to avoid accidental conflicts with other finalizer writers`]
  })
}

/** Each version has rules of its own: its subresources, and the schema that it judges by. */
function rulesOf(version: Version, compiled: CompiledSchema | undefined): VersionRules<KubeObject> & Pick<Kind, 'columns'> {
  const faults = (object: KubeObject, old: KubeObject | undefined) => compiled?.validate(object, old) ?? []
  const subresources = subresourcesOf(version)
  return {
    columns: customColumns(version),
    validate: (object, { old }) => faults(object, old),
    ...(subresources && { subresources }),
    ...(subresources?.status && {
      prepareForCreate(draft: Draft<KubeObject>) {
        delete (draft as Fields)['status']
      },
      prepareForUpdate(draft: Draft<KubeObject>, old: KubeObject) {
        keepStatus(draft as Fields, old as unknown as Readonly<Fields>)
      },
      validateStatusUpdate: faults,
    }),
  }
}

/** Whether objects differ between versions in nothing but the version's name. */
export const convertsByName = ({ spec }: CustomResourceDefinition): boolean => spec.conversion?.strategy !== 'Webhook'

const messageName = (group: string, version: string, kind: string): string => `${group.split('.').reverse().join('.')}.${version}.${kind}`

const deprecationOf = (definition: CustomResourceDefinition, version: Version): string =>
  version.deprecationWarning ?? `${definition.spec.group}/${version.name} ${definition.spec.names.kind} is deprecated`

function keepStatus(draft: Fields, old: Readonly<Fields>): void {
  if (old['status'] === undefined) delete draft['status']
  else draft['status'] = old['status']
}

/** Without a conversion of its own, another version differs in its name and in what its schema knows. */
function served(definition: CustomResourceDefinition, stored: Version, version: Version, compiled: CompiledSchema | undefined): ServedVersion<KubeObject> {
  const { group, names, scope } = definition.spec
  const schema = customObject(messageName(group, version.name, names.kind), schemaOf(version))
  return {
    group,
    version: version.name,
    kind: names.kind,
    resource: names.plural,
    namespaced: scope === 'Namespaced',
    schema,
    rules: rulesOf(version, compiled),
    toStored(draft) {
      const known = prune(schemaOf(stored), draft, undefined) as Draft<KubeObject>
      return { ...known, apiVersion: `${group}/${stored.name}` }
    },
    fromStored(object) {
      const known = prune(schemaOf(version), object, undefined) as Draft<KubeObject>
      known.apiVersion = `${group}/${version.name}`
      fill(schema as MessageOf<KubeObject>, known)
      return known as KubeObject
    },
    ...(version.deprecated && { deprecation: deprecationOf(definition, version) }),
  }
}

function selectable(version: Version): Readonly<Record<string, FieldOf<KubeObject>>> | undefined {
  if (!version.selectableFields?.length) return undefined
  return Object.fromEntries(
    version.selectableFields.map(({ jsonPath }) => {
      const path = compileJsonPath(jsonPath)
      return [jsonPath.replace(/^\./, ''), (object: KubeObject) => String(path?.(object)[0] ?? '')]
    }),
  )
}

function subresourcesOf(version: Version): { readonly status?: true; readonly scale?: ScaleMapping<KubeObject> } | undefined {
  const { status, scale } = version.subresources ?? {}
  if (!status && !scale) return undefined
  return { ...(status && { status: true as const }), ...(scale && { scale: scaleMapping(scale) }) }
}

function scaleMapping(scale: NonNullable<NonNullable<Version['subresources']>['scale']>): ScaleMapping<KubeObject> {
  const number = (path: string) => {
    const compiled = compileJsonPath(path)
    return (object: KubeObject): number => {
      const value = compiled?.(object)[0]
      return typeof value === 'number' ? value : 0
    }
  }
  const selector = scale.labelSelectorPath ? compileJsonPath(scale.labelSelectorPath) : undefined
  const keys = scale.specReplicasPath.split('.').slice(1)
  return {
    replicas: number(scale.specReplicasPath),
    statusReplicas: number(scale.statusReplicasPath),
    selector: object => {
      const value = selector?.(object)[0]
      return typeof value === 'string' ? value : ''
    },
    setReplicas(draft, replicas) {
      let at = draft as unknown as Fields
      for (const key of keys.slice(0, -1)) {
        if (typeof at[key] !== 'object' || at[key] === null) setOwn(at, key, {})
        at = at[key] as Fields
      }
      setOwn(at, keys.at(-1)!, replicas)
    },
  }
}
