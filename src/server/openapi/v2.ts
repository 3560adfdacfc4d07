import type { GroupVersion, ServedKind } from '../discovery/resources.ts'
import { collectSchemas } from './documents.ts'
import { encodeSwagger } from './gnostic.ts'
import { SchemaSet, V2 } from './schemas.ts'
import { openApiPathsOf } from './v3.ts'

type Values = Readonly<Record<string, unknown>>
const METHODS = ['get', 'put', 'post', 'patch', 'delete']

/** One document for everything served, in the protobuf form that clients up to 1.28 insist on. */
export async function swaggerOf(versions: readonly GroupVersion[], served: readonly ServedKind[], version: string): Promise<Buffer> {
  const set = new SchemaSet(V2)
  const { names } = collectSchemas(set, versions, served)
  const paths: Record<string, Values> = {}
  for (const at of versions) for (const [path, item] of Object.entries(openApiPathsOf(at, names))) paths[path] = asSwagger(item as Values)
  return Buffer.from(encodeSwagger({ info: { title: 'Kubernetes', version }, paths, definitions: set.schemas as Readonly<Record<string, Values>> }))
}

/** A path item of OpenAPI 3 as Swagger 2 says it. */
function asSwagger(item: Values): Values {
  const out: Record<string, unknown> = {}
  for (const method of METHODS) {
    const operation = item[method] as Values | undefined
    if (operation) out[method] = operationOf(operation)
  }
  const parameters = item['parameters'] as readonly Values[] | undefined
  return { ...out, ...(parameters && { parameters: parameters.map(parameterOf) }) }
}

function operationOf({ requestBody, parameters, ...operation }: Values): Values {
  const content = (requestBody as { readonly content?: Readonly<Record<string, Values>> } | undefined)?.content
  const body = content && Object.values(content)[0]
  const schema = body && ((body['schema'] ?? {}) as Values)
  const ref = schema?.['$ref']
  return {
    ...operation,
    ...(content && { consumes: Object.keys(content) }),
    parameters: [
      ...(schema ? [{ name: 'body', in: 'body', required: true, schema: ref ? { $ref: String(ref).replace('#/components/schemas/', V2.ref) } : schema }] : []),
      ...((parameters as readonly Values[] | undefined) ?? []).map(parameterOf),
    ],
  }
}

const parameterOf = ({ schema, ...parameter }: Values): Values => ({ ...parameter, type: (schema as Values)['type'] })
