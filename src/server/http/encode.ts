import type { List } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import { jsonText, passingText } from '../../base/json-text.ts'
import type { LongMember } from '../registry/long-member.ts'
import type { Served } from '../registry/request.ts'
import { asServed } from '../registry/served.ts'
import { type Columned, type IncludeObject, metaVersion, partial, tableHead, tableRow } from '../table/table.ts'
import type { Form } from './accept.ts'

/** How answers are to be written: the form that was negotiated, and what a Table wants. */
export interface Encoding {
  readonly form: Form
  readonly include: IncludeObject
  readonly kind: Columned
  readonly now: number
}

export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}; it may be None, Metadata or Object`)
}

export const isList = (body: KubeObject | Status | List<KubeObject>): body is List<KubeObject> => 'items' in body && Array.isArray(body.items)
export const isStatus = (body: KubeObject | Status | List<KubeObject>): body is Status => body.kind === 'Status' && body.apiVersion === 'v1'

/** An object as JSON text in the form asked for. */
export function encodeObject(object: KubeObject, { form, include, kind, now }: Encoding): string {
  if (form.as === 'object') return jsonText(object)
  if (form.as === 'metadata') return JSON.stringify(partial(object, form.version))
  const head = tableHead(form.version, { resourceVersion: object.metadata.resourceVersion }, kind.columns)
  return JSON.stringify({ ...head, rows: [tableRow(object, kind, { version: form.version, include }, now)] })
}

/** The text of a list before its items, how each item is written, and what comes after. */
export interface ListText<T = KubeObject> {
  readonly before: string
  readonly item: (object: T) => string
  readonly after: string
}

/** The same text indented for people. */
export function prettyList<T>({ before, item, after }: ListText<T>, items: number): ListText<T> {
  const indented = (json: string) => JSON.stringify(JSON.parse(json), null, 2)
  const empty = indented(before + after)
  if (items === 0) return { before: empty, item, after: '' }
  const head = empty.slice(0, empty.lastIndexOf('[]') + 1)
  return { before: head, item: object => `\n    ${indented(item(object)).replaceAll('\n', '\n    ')}`, after: '\n  ]\n}' }
}

export function encodeList(list: List<KubeObject>, served: Served, { form, include, kind, now }: Encoding): ListText {
  if (form.as === 'table') {
    const table = { version: form.version, include }
    return {
      before: `${JSON.stringify(tableHead(form.version, list.metadata, kind.columns)).slice(0, -1)},"rows":[`,
      item: object => JSON.stringify(tableRow(object, kind, table, now)),
      after: ']}',
    }
  }
  if (form.as === 'metadata') {
    const { version } = form
    const top = { kind: 'PartialObjectMetadataList', apiVersion: metaVersion(version), metadata: list.metadata }
    return { before: `${JSON.stringify(top).slice(0, -1)},"items":[`, item: object => JSON.stringify(partial(object, version)), after: ']}' }
  }
  const head = { kind: list.kind, apiVersion: apiVersionOf(served.at), metadata: list.metadata }
  const unrepeated = served.kind.schema.structural ? NOTHING : KIND
  return { before: `${JSON.stringify(head).slice(0, -1)},"items":[`, item: object => passingText(asServed(served, object), unrepeated), after: ']}' }
}

/** An object with a long array as its last member, written like a list. */
export const encodeLong = (object: KubeObject, { member }: LongMember): ListText<LongMember['elements'][number]> => ({
  before: `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(member)}:[`,
  item: make => JSON.stringify(make()),
  after: ']}',
})

/** Items of a list do not repeat their kind, but those of custom kinds. */
const KIND = ['apiVersion', 'kind']
const NOTHING: readonly string[] = []
