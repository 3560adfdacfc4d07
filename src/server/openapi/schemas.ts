import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { JsonSchema, Message } from '../../api/schema/build.ts'

/** A schema as OpenAPI writes it. `REF` is where names are defined: `#/components/schemas/` or `#/definitions/`. */
export type OpenApiSchema = Readonly<Record<string, unknown>>
export interface Dialect {
  readonly ref: string
  /** OpenAPI 3 can say that a value is one of several types; Swagger 2 cannot. */
  readonly oneOf: boolean
}
export const V3: Dialect = { ref: '#/components/schemas/', oneOf: true }
export const V2: Dialect = { ref: '#/definitions/', oneOf: false }

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
/** The name under which clients look for a message. */
export const schemaName = ({ name, structural }: { readonly name: string; readonly structural?: unknown }): string => {
  if (structural) return name
  if (name.startsWith('apis.meta.v1.')) return `io.k8s.apimachinery.pkg.${name}`
  return name.startsWith('apiextensions.') ? `io.k8s.apiextensions-apiserver.pkg.apis.${name}` : `io.k8s.api.${name}`
}

const SCALARS: Readonly<Record<string, { readonly name: string; readonly description: string; readonly types: readonly string[]; readonly format?: string }>> =
  {
    'date-time': { name: `${META}Time`, description: 'A point in time, RFC 3339 with seconds.', types: ['string'], format: 'date-time' },
    'micro-time': { name: `${META}MicroTime`, description: 'A point in time, RFC 3339 with microseconds.', types: ['string'], format: 'date-time' },
    quantity: {
      name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
      description: 'An amount as a decimal number with an optional suffix: m, k, M, G, T, P, E, or Ki, Mi, Gi, Ti, Pi, Ei.',
      types: ['string', 'number'],
    },
    'int-or-string': {
      name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
      description: 'A whole number, or a string such as a percentage.',
      types: ['integer', 'string'],
      format: 'int-or-string',
    },
  }

/** Collects the schemas of messages and of all that they refer to. */
export class SchemaSet {
  readonly #dialect: Dialect
  readonly #schemas = new Map<string, OpenApiSchema>()

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  /** By name, sorted. */
  get schemas(): Readonly<Record<string, OpenApiSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A kind with its list; both say which kinds they are. */
  addKind(message: Message, at: { readonly group: string; readonly version: string; readonly kind: string }, listed: boolean): void {
    const { group, version, kind } = at
    const name = schemaName(message)
    this.#message(message, {
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
      properties: {
        apiVersion: { type: 'string', description: `The version of the API that this object is written for: ${apiVersionOf(at)}.` },
        kind: { type: 'string', description: `What this object is: ${kind}.` },
      },
    })
    if (!listed) return
    this.#schemas.set(`${name}List`, {
      type: 'object',
      description: `A list of ${kind} objects.`,
      required: ['items'],
      properties: {
        apiVersion: { type: 'string', description: 'The version of the API that the list is written for.' },
        items: { type: 'array', description: 'The objects.', items: this.#ref(name) },
        kind: { type: 'string', description: `What this is: ${kind}List.` },
        metadata: this.#ref(this.#listMeta(), 'The revision of the list, and how it goes on.'),
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind: `${kind}List` }],
    })
  }

  /** A message that is no kind of a group; `kinds` are those it is known as. */
  addMessage(message: Message, kinds: readonly { readonly group: string; readonly version: string; readonly kind: string }[] = []): void {
    this.#message(message, kinds.length ? { 'x-kubernetes-group-version-kind': kinds } : {})
  }

  #listMeta(): string {
    const name = `${META}ListMeta`
    if (!this.#schemas.has(name)) {
      const string = (description: string) => ({ type: 'string', description })
      this.#schemas.set(name, {
        type: 'object',
        description: 'What a list says of itself.',
        properties: {
          continue: string('Where the list goes on; empty at its end.'),
          remainingItemCount: { type: 'integer', format: 'int64', description: 'How many objects are still to come.' },
          resourceVersion: string('The revision that the list shows.'),
          selfLink: string('No longer used.'),
        },
      })
    }
    return name
  }

  #ref(name: string, description?: string): OpenApiSchema {
    const ref = { $ref: this.#dialect.ref + name }
    // Swagger 2 knows nothing beside a reference, yet its readers take a description there.
    return description === undefined ? ref : this.#dialect.oneOf ? { description, allOf: [ref] } : { description, ...ref }
  }

  #message(message: Message, more: OpenApiSchema = {}): string {
    const name = schemaName(message)
    if (this.#schemas.has(name)) return name
    // Taken before its properties are: messages may refer to themselves.
    this.#schemas.set(name, {})
    const properties: Record<string, OpenApiSchema> = {}
    for (const [key, property] of Object.entries(message.properties)) properties[key] = this.#property(property)
    const { properties: own = {}, ...open } = (message.structural ?? {}) as OpenApiSchema & { properties?: Record<string, OpenApiSchema> }
    for (const [key, property] of Object.entries(own)) properties[key] ??= property
    const { properties: extra = {}, ...rest } = more as { properties?: Record<string, OpenApiSchema> }
    this.#schemas.set(name, {
      ...open,
      type: 'object',
      description:
        message.description ?? `${message.name.slice(message.name.lastIndexOf('.') + 1)} of ${message.name.slice(0, message.name.lastIndexOf('.'))}.`,
      properties: Object.fromEntries(Object.entries({ ...properties, ...extra }).sort(([a], [b]) => (a < b ? -1 : 1))),
      ...(message.required.length > 0 && { required: [...message.required].sort() }),
      ...(message['x-kubernetes-map-type'] && { 'x-kubernetes-map-type': message['x-kubernetes-map-type'] }),
      ...rest,
    })
    return name
  }

  #property(schema: JsonSchema): OpenApiSchema {
    const marks: Record<string, unknown> = {}
    for (const key of MARKS) if (schema[key] !== undefined) marks[key] = schema[key]
    const described = schema.description === undefined ? {} : { description: schema.description }
    const withDefault = schema.default === undefined ? {} : { default: schema.default }
    if (schema.ref) return { ...this.#ref(this.#message(schema.ref), schema.description), ...withDefault, ...marks }
    const scalar = schema.format === undefined ? undefined : SCALARS[schema.format]
    if (scalar) return { ...this.#ref(this.#scalar(scalar), schema.description), ...withDefault, ...marks }
    return {
      ...(schema.type !== undefined && { type: schema.type }),
      ...(schema.format !== undefined && { format: schema.format }),
      ...described,
      ...withDefault,
      ...(schema.items && { items: this.#property(schema.items) }),
      ...(schema.additionalProperties && { additionalProperties: this.#property(schema.additionalProperties) }),
      ...marks,
    }
  }

  #scalar({ name, description, types, format }: (typeof SCALARS)[string]): string {
    if (this.#schemas.has(name)) return name
    const several = types.length > 1 && this.#dialect.oneOf
    this.#schemas.set(name, {
      description,
      ...(several ? { oneOf: types.map(type => ({ type })) } : { type: types.length > 1 ? 'string' : types[0] }),
      ...(format !== undefined && { format }),
    })
    return name
  }
}

const MARKS = [
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
] as const
