import { apiVersionOf, type Kind } from '../../api/kinds/kind.ts'
import { badRequest } from '../../api/meta/status.ts'
import type { Body, Served } from '../registry/request.ts'
import { bodyType, unsupportedMediaType } from './accept.ts'
import type { Exchange } from './exchange.ts'
import { readJsonBody } from './json-body.ts'

export const MAX_BODY_BYTES = 3 * 1024 * 1024

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'
const OBJECT_TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]

/** Reads bytes of one media type as a JSON value. The readers of the rarer ones are loaded with their first body. */
async function decode(type: string, body: Buffer, served: Served | undefined, expected: TypeMeta): Promise<Body> {
  if (type === JSON_TYPE) return { ...readJsonBody(body), json: true }
  if (type === YAML_TYPE) return (await import('./yaml-body.ts')).readYamlBody(body)
  if (type === PROTOBUF_TYPE) return (await import('./protobuf-body.ts')).readProtobufBody(body, served, expected)
  throw unsupportedMediaType(OBJECT_TYPES)
}

interface TypeMeta {
  readonly apiVersion: string
  readonly kind: string
}
const DELETE_OPTIONS: TypeMeta = { apiVersion: 'v1', kind: 'DeleteOptions' }
const NO_KIND: TypeMeta = { apiVersion: '', kind: '' }

/** The kind that a body is taken for when it does not say: that of the path. */
function expectedKind({ at, kind }: Served, subresource: string | undefined): TypeMeta {
  if (subresource === 'scale') return { apiVersion: 'autoscaling/v1', kind: 'Scale' }
  const other = subresource === undefined ? undefined : (kind as Kind).subresources?.other?.[subresource]?.kind
  return other ? { apiVersion: apiVersionOf(other), kind: other.kind } : { apiVersion: apiVersionOf(at), kind: at.kind }
}

/** The object in the body of a POST or PUT; what it does not say of its kind is taken from the path. */
export async function readObject(exchange: Exchange, served: Served, subresource: string | undefined): Promise<Body> {
  const type = bodyType(exchange.headers['content-type'])
  if (!OBJECT_TYPES.includes(type)) throw unsupportedMediaType(OBJECT_TYPES)
  const bytes = await exchange.readBody(MAX_BODY_BYTES)
  if (bytes.length === 0) throw badRequest('the body of the request is empty: an object is needed')
  const expected = expectedKind(served, subresource)
  const body = await decode(type, bytes, served, expected)
  const { value } = body
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('the body of the request must be an object')
  const object = value as Record<string, unknown>
  if (!object['apiVersion']) object['apiVersion'] = expected.apiVersion
  if (!object['kind']) object['kind'] = expected.kind
  return body
}

/** DeleteOptions in the body of a DELETE; undefined when it is empty, as it is with most clients that say JSON and send nothing. */
export async function readDeleteOptions(exchange: Exchange): Promise<unknown> {
  const bytes = await exchange.readBody(MAX_BODY_BYTES)
  if (bytes.length === 0) return undefined
  return (await decode(bodyType(exchange.headers['content-type']), bytes, undefined, DELETE_OPTIONS)).value
}

const PATCH_TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const
export type PatchType = (typeof PATCH_TYPES)[keyof typeof PATCH_TYPES]

export async function readPatch(exchange: Exchange): Promise<{ readonly type: PatchType; readonly body: Body }> {
  const media = bodyType(exchange.headers['content-type'])
  const type = Object.hasOwn(PATCH_TYPES, media) ? PATCH_TYPES[media as keyof typeof PATCH_TYPES] : undefined
  if (!type) throw unsupportedMediaType(Object.keys(PATCH_TYPES))
  const bytes = await exchange.readBody(MAX_BODY_BYTES)
  if (bytes.length === 0) throw badRequest('the body of the request is empty: a patch is needed')
  return { type, body: await decode(type === 'apply' ? YAML_TYPE : JSON_TYPE, bytes, undefined, NO_KIND) }
}
