import type { JsonSchema, Message } from '../../schema/build.ts'
import { isFields, itemsOf, type JsonSchemaProps, propertyOf, valuesOf } from '../../schema/custom/props.ts'

/** How server-side apply sees the values of a place in the schema. */
export type Place = Leaf | Struct | Values | Items | Members | Open
/** A place that is taken apart. */
export type Parted = Exclude<Place, Leaf | Open>

/** Owned and replaced as one: scalars, atomic lists, atomic maps and structs, JSON of any form in a kind of the server's own. */
export interface Leaf {
  readonly kind: 'leaf'
}
/** An object whose fields are owned one by one. */
export interface Struct {
  readonly kind: 'struct'
  readonly fields: (name: string) => Place
}
/** A map whose values are owned one by one. */
export interface Values {
  readonly kind: 'map'
  readonly value: Place
}
/** A list whose items are known by keys. */
export interface Items {
  readonly kind: 'list'
  readonly item: Place
  /** In the order of their names, with what stands for a key that an item leaves out. */
  readonly keys: readonly { readonly name: string; readonly fallback: unknown }[]
  /** Elements of the first few items that were met, where one key alone tells them apart: of conditions, all there are. */
  readonly common: Map<unknown, string>
}
/** A list whose items are known by their value. */
export interface Members {
  readonly kind: 'set'
}

/** JSON that the schema of a custom kind leaves open: an object is a map of such, anything else is owned as one. */
export interface Open {
  readonly kind: 'open'
  /** Whether the schema names the place at least. */
  readonly declared: boolean
}

const LEAF: Leaf = { kind: 'leaf' }
const OPEN: Open = { kind: 'open', declared: false }
const DECLARED: Open = { kind: 'open', declared: true }
const OPEN_MAP: Values = { kind: 'map', value: OPEN }
const MEMBERS: Members = { kind: 'set' }

const structs = new WeakMap<Message, Struct>()
const places = new WeakMap<JsonSchema, Place>()

/** The place of a whole object. */
export function placeOfMessage(message: Message): Struct {
  const known = structs.get(message)
  if (known) return known
  const fields = new Map<string, Place>()
  const { structural } = message
  const struct: Struct = {
    kind: 'struct',
    fields(name) {
      const found = fields.get(name)
      if (found) return found
      const schema = message.properties[name]
      const custom = structural && propertyOf(structural, name)
      const place = schema ? placeOf(schema) : custom ? placeOfProps(custom) : structural && isOpen(structural) && !TYPE.has(name) ? OPEN : LEAF
      if (schema) fields.set(name, place)
      return place
    },
  }
  structs.set(message, struct)
  return struct
}

function placeOf(schema: JsonSchema): Place {
  const known = places.get(schema)
  if (known) return known
  const place = readPlace(schema)
  places.set(schema, place)
  return place
}

function readPlace(schema: JsonSchema): Place {
  if (schema.ref) {
    const type = schema['x-kubernetes-map-type'] ?? schema.ref['x-kubernetes-map-type']
    return type === 'atomic' ? LEAF : placeOfMessage(schema.ref)
  }
  if (schema.additionalProperties) {
    return schema['x-kubernetes-map-type'] === 'atomic' ? LEAF : { kind: 'map', value: placeOf(schema.additionalProperties) }
  }
  if (schema['x-kubernetes-list-type'] === 'set') return MEMBERS
  const keys = schema['x-kubernetes-list-map-keys']
  const item = schema.items
  if (schema['x-kubernetes-list-type'] === 'map' && keys && item) {
    const fallbacks = [...keys].sort().map(name => ({ name, fallback: item.ref?.properties[name]?.default }))
    return { kind: 'list', item: placeOf(item), keys: fallbacks, common: new Map() }
  }
  return LEAF
}

const customs = new WeakMap<JsonSchemaProps, Place>()

const TYPE: ReadonlySet<string> = new Set(['apiVersion', 'kind'])

/** The place of a value in a custom object. */
function placeOfProps(schema: JsonSchemaProps): Place {
  const known = customs.get(schema)
  if (known) return known
  const place = readProps(schema)
  customs.set(schema, place)
  return place
}

const isOpen = (schema: JsonSchemaProps): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true

function readProps(schema: JsonSchemaProps): Place {
  if (schema['x-kubernetes-map-type'] === 'atomic') return LEAF
  const open = isOpen(schema)
  if (schema.type === undefined && !schema.properties) return open ? DECLARED : LEAF
  if (schema.type === 'object') {
    const values = valuesOf(schema)
    if (values) return { kind: 'map', value: placeOfProps(values) }
    const fields = (name: string): Place => {
      const property = propertyOf(schema, name)
      return property ? placeOfProps(property) : open ? OPEN : LEAF
    }
    return schema.properties ? { kind: 'struct', fields } : open ? DECLARED : LEAF
  }
  const item = itemsOf(schema)
  const keys = schema['x-kubernetes-list-map-keys']
  if (schema['x-kubernetes-list-type'] === 'set') return MEMBERS
  if (schema['x-kubernetes-list-type'] !== 'map' || !item || !keys) return LEAF
  return {
    kind: 'list',
    item: placeOfProps(item),
    keys: [...keys].sort().map(name => ({ name, fallback: propertyOf(item, name)?.default })),
    common: new Map(),
  }
}

/** The place as the values that stand in it need it. */
export function settled(place: Place, one: unknown, other: unknown = one): Exclude<Place, Open> {
  if (place.kind !== 'open') return place
  return isFields(one) && isFields(other) ? OPEN_MAP : LEAF
}

const elements = new Map<string, string>()
const MOST_ELEMENTS = 4096

/** `f:name`; the same string each time for the names that are met first, since what is looked up often should not be made anew. */
export function fieldElement(name: string): string {
  let element = elements.get(name)
  if (element === undefined) {
    element = `f:${name}`
    if (elements.size < MOST_ELEMENTS) elements.set(name, element)
  }
  return element
}

/** `k:{"containerPort":80,"protocol":"TCP"}`; undefined if the item leaves a key out that nothing stands for. */
export function elementOf(place: Items | Members, item: unknown): string | undefined {
  if (place.kind === 'set') return `v:${JSON.stringify(item)}`
  if (typeof item !== 'object' || item === null) return undefined
  return commonElement(place, item) ?? elementByKeys(place, item as Readonly<Record<string, unknown>>)
}

const MOST_COMMON = 64

/** The element of an item, the same string each time; undefined of one that is met too late, or told apart by several keys. */
export function commonElement(place: Items, item: unknown): string | undefined {
  if (place.keys.length !== 1 || typeof item !== 'object' || item === null) return undefined
  const value = (item as Readonly<Record<string, unknown>>)[place.keys[0]!.name]
  if (typeof value !== 'string') return undefined
  let element = place.common.get(value)
  if (element === undefined && place.common.size < MOST_COMMON) {
    element = elementByKeys(place, item as Readonly<Record<string, unknown>>)!
    place.common.set(value, element)
  }
  return element
}

function elementByKeys(place: Items, item: Readonly<Record<string, unknown>>): string | undefined {
  let text = 'k:{'
  for (const { name, fallback } of place.keys) {
    const value = item[name] ?? fallback
    if (value === undefined) return undefined
    text += `${text.length > 3 ? ',' : ''}"${name}":${JSON.stringify(value)}`
  }
  return `${text}}`
}

/** The items of a list by element, first come; items without a key go by their place. */
export function byElement(place: Items | Members, list: readonly unknown[]): Map<string, unknown> {
  const map = new Map<string, unknown>()
  for (let i = 0; i < list.length; i++) {
    const element = elementOf(place, list[i]) ?? `i:${i}`
    if (!map.has(element)) map.set(element, list[i])
  }
  return map
}
