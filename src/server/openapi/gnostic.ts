import { Writer } from '../../api/protobuf/wire.ts'

/** A Swagger 2 document, as values; what kubectl up to 1.28 reads of it is written as gnostic's protobuf. */
export interface Swagger {
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Values>>
  readonly definitions: Readonly<Record<string, Values>>
}
type Values = Readonly<Record<string, unknown>>

const METHODS: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 }

/** The bytes of gnostic's `Document`. */
export function encodeSwagger({ info, paths, definitions }: Swagger): Uint8Array {
  const out = new Writer().string(1, '2.0').message(2, one => one.string(1, info.title).string(2, info.version))
  out.message(8, all => {
    for (const [name, item] of Object.entries(paths)) all.message(2, named => named.string(1, name).message(2, to => pathItem(to, item)))
  })
  out.message(9, all => {
    for (const [name, schema] of Object.entries(definitions)) all.message(1, named => named.string(1, name).message(2, to => writeSchema(to, schema)))
  })
  return out.finish()
}

function pathItem(to: Writer, item: Values): void {
  for (const [method, number] of Object.entries(METHODS)) {
    const operation = item[method] as Values | undefined
    if (operation) to.message(number, inner => writeOperation(inner, operation))
  }
  for (const parameter of (item['parameters'] as readonly Values[] | undefined) ?? []) to.message(9, inner => writeParameter(inner, parameter))
}

function writeOperation(to: Writer, operation: Values): void {
  to.string(3, String(operation['description'] ?? '')).string(5, String(operation['operationId'] ?? ''))
  for (const type of (operation['consumes'] as readonly string[] | undefined) ?? []) to.string(7, type)
  for (const parameter of (operation['parameters'] as readonly Values[] | undefined) ?? []) to.message(8, inner => writeParameter(inner, parameter))
  to.message(9, responses => {
    for (const [code, response] of Object.entries((operation['responses'] as Values | undefined) ?? {})) {
      responses.message(1, named =>
        named.string(1, code).message(2, value => value.message(1, inner => inner.string(1, String((response as Values)['description'] ?? '')))),
      )
    }
  })
  writeExtensions(to, 13, operation)
}

/** ParametersItem → Parameter → body, or nonBody → query or path. */
function writeParameter(to: Writer, parameter: Values): void {
  const { name, in: where, description, required, type } = parameter as { name: string; in: string; description?: string; required?: boolean; type?: string }
  to.message(1, one => {
    if (where === 'body') {
      one.message(1, body => {
        body
          .string(1, description ?? '')
          .string(2, name)
          .string(3, 'body')
        if (required) body.bool(4, true)
        body.message(5, schema => writeSchema(schema, (parameter['schema'] ?? {}) as Values))
      })
      return
    }
    one.message(2, nonBody => {
      const path = where === 'path'
      nonBody.message(path ? 4 : 3, inner => {
        if (required) inner.bool(1, true)
        inner
          .string(2, where)
          .string(3, description ?? '')
          .string(4, name)
        inner.string(path ? 5 : 6, type ?? 'string')
      })
    })
  })
}

function writeSchema(to: Writer, schema: Values): void {
  if (schema['$ref'] !== undefined) to.string(1, String(schema['$ref']))
  if (schema['format'] !== undefined) to.string(2, String(schema['format']))
  if (schema['description'] !== undefined) to.string(4, String(schema['description']))
  if (schema['default'] !== undefined) to.message(5, any => any.string(2, JSON.stringify(schema['default'])))
  for (const name of (schema['required'] as readonly string[] | undefined) ?? []) to.string(19, name)
  const more = schema['additionalProperties'] as Values | undefined
  if (more) to.message(21, item => item.message(1, inner => writeSchema(inner, more)))
  if (schema['type'] !== undefined) to.message(22, item => item.string(1, String(schema['type'])))
  const items = schema['items'] as Values | undefined
  if (items) to.message(23, item => item.message(1, inner => writeSchema(inner, items)))
  const properties = schema['properties'] as Readonly<Record<string, Values>> | undefined
  if (properties) {
    to.message(25, all => {
      for (const [name, property] of Object.entries(properties))
        all.message(1, named => named.string(1, name).message(2, inner => writeSchema(inner, property)))
    })
  }
  writeExtensions(to, 31, schema)
}

/** Extensions travel as YAML text; JSON is YAML. */
function writeExtensions(to: Writer, number: number, of: Values): void {
  for (const [name, value] of Object.entries(of)) {
    if (name.startsWith('x-')) to.message(number, named => named.string(1, name).message(2, any => any.string(2, JSON.stringify(value))))
  }
}
