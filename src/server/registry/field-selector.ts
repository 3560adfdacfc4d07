import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'

/** One term of a field selector: `spec.nodeName=n1`, `status.phase!=Failed`. */
export interface FieldTerm {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

/** Reads `a=b,c!=d,e==f`; a backslash escapes `,`, `=` and itself in values. Throws a `BadRequest`. */
export function parseFieldSelector(text: string): readonly FieldTerm[] {
  const terms: FieldTerm[] = []
  for (const part of splitTerms(text)) {
    if (part === '') continue
    const found = /^([^=!]*)(==|!=|=)(.*)$/s.exec(part)
    if (!found) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = '', operator, value = ''] = found
    terms.push({ field, equal: operator !== '!=', value: unescaped(value, text) })
  }
  return terms
}

function splitTerms(text: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  parts.push(text.slice(from))
  return parts
}

function unescaped(value: string, whole: string): string {
  if (!/[\\=]/.test(value)) return value
  let out = ''
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '=') throw badRequest(`invalid field selector: unescaped character in value: '='`)
    if (value[i] !== '\\') {
      out += value[i]
      continue
    }
    const next = value[++i]
    if (next !== '\\' && next !== ',' && next !== '=') throw badRequest(`invalid field selector: invalid escape sequence in '${whole}'`)
    out += next
  }
  return out
}

const META: Readonly<Record<string, (object: KubeObject) => string>> = {
  'metadata.name': object => object.metadata.name,
  'metadata.namespace': object => object.metadata.namespace ?? '',
}

/** A value as it stands in a field selector. */
export const escapedFieldValue = (value: string): string => value.replace(/[\\,=]/g, '\\$&')

/** A field selector of one kind, ready to be asked. */
export interface FieldSelector {
  readonly terms: readonly FieldTerm[]
  readonly matches: (object: KubeObject) => boolean
  /** Value that `metadata.name` must have, if a term says so: the request's name for authorization, and one lookup for a list. */
  readonly name?: string
  /** Value that `spec.nodeName` must have: agents ask so, and an index answers. */
  readonly nodeName?: string
  readonly namespace?: string
  /** Values, not '', that fields must have. */
  readonly texts: readonly string[]
}

/** Throws a `BadRequest` for a field that the kind does not select by. */
export function compileFieldSelector(kind: Kind, text: string): FieldSelector | undefined {
  const terms = parseFieldSelector(text)
  if (terms.length === 0) return undefined
  const tests = terms.map(term => {
    const read = readerOf(kind, term.field)
    if (!read) throw badRequest(`field label not supported: ${term.field}`)
    return { ...term, read }
  })
  const only = (field: string) => tests.find(test => test.field === field && test.equal)?.value
  const name = only('metadata.name')
  const nodeName = only('spec.nodeName')
  const namespace = only('metadata.namespace')
  return {
    terms,
    texts: terms.filter(({ equal, value }) => equal && value !== '').map(({ value }) => value),
    matches: object => tests.every(({ read, equal, value }) => (read(object) === value) === equal),
    ...(name !== undefined && { name }),
    ...(nodeName !== undefined && { nodeName }),
    ...(namespace !== undefined && { namespace }),
  }
}

function readerOf(kind: Kind, field: string): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.namespace' && !kind.namespaced) return undefined
  if (Object.hasOwn(META, field)) return META[field]
  const fields = kind.selectableFields
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined
}
