import type { GroupVersion, ResourceEntry, SubresourceEntry } from '../discovery/resources.ts'

type Json = Readonly<Record<string, unknown>>
interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

const gvkOf = ({ group, version, kind }: Gvk): Gvk => ({ group, version, kind })
const query = (name: string, type: 'string' | 'boolean' | 'integer', description: string): Json => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
})
const inPath = (name: string, description: string): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', uniqueItems: true },
})

const DRY_RUN = query('dryRun', 'string', 'All: do everything but store it.')
const FIELD_MANAGER = query('fieldManager', 'string', 'Who makes the change.')
const FIELD_VALIDATION = query('fieldValidation', 'string', 'What becomes of unknown and repeated fields: Strict, Warn or Ignore.')
const FORCE = query('force', 'boolean', 'Take over fields that somebody else applied.')
const WRITE = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION]
const LIST = [
  query('labelSelector', 'string', 'Only objects with these labels.'),
  query('fieldSelector', 'string', 'Only objects with these fields.'),
  query('limit', 'integer', 'At most this many objects in one answer.'),
  query('continue', 'string', 'Where the list goes on, from the answer before.'),
  query('resourceVersion', 'string', 'How fresh the answer must be.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'A watch begins with the present state.'),
  query('timeoutSeconds', 'integer', 'A watch ends after so long.'),
  query('watch', 'boolean', 'Tell what changes instead of listing.'),
  query('allowWatchBookmarks', 'boolean', 'A watch also tells how far it has come.'),
]
const DELETE = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'How long the object may take to end.'),
  query('orphanDependents', 'boolean', 'Superseded by propagationPolicy.'),
  query('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
]
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']

/** Custom kinds know no patch strategies; where this is not listed kubectl sends merge patches. */
const CUSTOM_PATCHES = PATCHES.filter(type => !type.includes('strategic'))

/** How a schema is referred to; undefined when the kind has none here. */
export type SchemaNames = (kind: Gvk) => string | undefined

/** The paths of one group and version. `served` patch types and schemas as clients read them. */
export function openApiPathsOf({ group, version, resources }: GroupVersion, names: SchemaNames): Json {
  const base = group ? `/apis/${group}/${version}` : `/api/${version}`
  const paths: Record<string, Json> = { [`${base}/`]: { get: operation('get', undefined, `get ${base}`, [], { 200: 'OK' }, undefined, names) } }
  for (const resource of resources) {
    const at = resource.namespaced ? `${base}/namespaces/{namespace}/${resource.name}` : `${base}/${resource.name}`
    const scope = resource.namespaced ? [inPath('namespace', 'The namespace of the object.')] : []
    const kind = { group, version, kind: resource.kind }
    const collection = collectionOperations(resource, kind, names)
    if (Object.keys(collection).length > 0) paths[at] = { ...collection, parameters: scope }
    if (resource.namespaced && resource.verbs.includes('list')) paths[`${base}/${resource.name}`] = { get: collection['get'] }
    const name = [inPath('name', 'The name of the object.'), ...scope]
    const item = itemOperations(resource.verbs, kind, names)
    if (Object.keys(item).length > 0) paths[`${at}/{name}`] = { ...item, parameters: name }
    for (const sub of resource.subresources) paths[`${at}/{name}/${sub.name}`] = { ...subresourceOperations(sub, names), parameters: name }
  }
  return paths
}

function collectionOperations({ verbs }: ResourceEntry, kind: Gvk, names: SchemaNames): Record<string, unknown> {
  const list = { ...kind, kind: `${kind.kind}List` }
  return {
    ...(verbs.includes('list') && { get: operation('list', kind, `list ${kind.kind}`, LIST, { 200: 'OK' }, undefined, names, list) }),
    ...(verbs.includes('create') && {
      post: operation('post', kind, `create ${kind.kind}`, WRITE, { 200: 'OK', 201: 'Created', 202: 'Accepted' }, 'object', names),
    }),
    ...(verbs.includes('deletecollection') && {
      delete: operation('deletecollection', kind, `delete a collection of ${kind.kind}`, [...DELETE, ...LIST], { 200: 'OK' }, 'delete', names),
    }),
  }
}

function itemOperations(verbs: readonly string[], kind: Gvk, names: SchemaNames): Record<string, unknown> {
  return {
    ...(verbs.includes('get') && { get: operation('get', kind, `read ${kind.kind}`, [], { 200: 'OK' }, undefined, names) }),
    ...(verbs.includes('update') && { put: operation('put', kind, `replace ${kind.kind}`, WRITE, { 200: 'OK', 201: 'Created' }, 'object', names) }),
    ...(verbs.includes('patch') && {
      patch: operation('patch', kind, `change ${kind.kind}`, [...WRITE, FORCE], { 200: 'OK', 201: 'Created' }, 'patch', names),
    }),
    ...(verbs.includes('delete') && { delete: operation('delete', kind, `delete ${kind.kind}`, DELETE, { 200: 'OK', 202: 'Accepted' }, 'delete', names) }),
  }
}

const subresourceOperations = ({ kind, verbs, name }: SubresourceEntry, names: SchemaNames): Record<string, unknown> => ({
  ...itemOperations(verbs, kind, names),
  ...(verbs.includes('create') && { post: operation('post', kind, `create ${name}`, WRITE, { 200: 'OK', 201: 'Created' }, 'object', names) }),
})

function operation(
  action: string,
  kind: Gvk | undefined,
  description: string,
  parameters: readonly Json[],
  codes: Readonly<Record<number, string>>,
  body: 'object' | 'patch' | 'delete' | undefined,
  names: SchemaNames,
  answer = kind,
): Json {
  const schema = (of: Gvk | undefined): Json => {
    const name = of && names(of)
    return name ? { schema: { $ref: `#/components/schemas/${name}` } } : {}
  }
  const content = schema(answer)
  const responses = Object.fromEntries(
    Object.entries(codes).map(([code, text]) => [code, { description: text, content: { 'application/json': content, 'application/yaml': content } }]),
  )
  const custom = kind !== undefined && names(kind)?.startsWith('io.k8s.') === false
  const patches = custom ? CUSTOM_PATCHES : PATCHES
  const bodies = { object: { '*/*': schema(kind) }, delete: { '*/*': schema(DELETE_OPTIONS) }, patch: Object.fromEntries(patches.map(type => [type, {}])) }
  return {
    description,
    operationId: description.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_all, next: string = '') => next.toUpperCase()),
    parameters,
    ...(body && { requestBody: { content: bodies[body] } }),
    responses: { ...responses, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    ...(kind && { 'x-kubernetes-group-version-kind': gvkOf(kind) }),
  }
}

const DELETE_OPTIONS: Gvk = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' }
