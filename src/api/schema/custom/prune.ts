import { badRequest } from '../../meta/status.ts'
import { setOwn, shownPath } from '../plain.ts'
import { isFields, itemsOf, type JsonSchemaProps, propertyOf, valuesOf } from './props.ts'

const MAX_DEPTH = 500
const MAX_PROBLEMS = 100
/** What every object has, whatever its schema says. */
const OBJECT = ['apiVersion', 'kind', 'metadata']

/**
 * A copy of a value without the fields that its schema does not know; `problems` takes their names (`unknown field
 * "spec.foo"`). `root` is the object itself or an embedded one, of which apiVersion, kind and metadata stay as they are.
 */
export function prune(schema: JsonSchemaProps, value: unknown, problems: string[] | undefined): unknown {
  return pruned(schema, value, [], problems, true)
}

type Path = (string | number)[]

function pruned(schema: JsonSchemaProps | undefined, value: unknown, path: Path, problems: string[] | undefined, object: boolean): unknown {
  if (path.length > MAX_DEPTH) throw badRequest(`json: exceeded max depth of ${MAX_DEPTH}`)
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    const open = !schema || (schema['x-kubernetes-preserve-unknown-fields'] && !items)
    return value.map((item, i) =>
      pruned(open ? undefined : (items ?? {}), item ?? null, [...path, i], problems, items?.['x-kubernetes-embedded-resource'] ?? false),
    )
  }
  if (!isFields(value)) return value
  const out: Record<string, unknown> = {}
  const values = schema && valuesOf(schema)
  for (const key of Object.keys(value)) {
    const member = value[key]
    if (member === undefined) continue
    const at = [...path, key]
    if (!schema) setOwn(out, key, pruned(undefined, member, at, problems, false))
    else if (object && OBJECT.includes(key)) setOwn(out, key, pruned(undefined, member, at, problems, false))
    else {
      const inner = propertyOf(schema, key) ?? values
      if (inner) setOwn(out, key, pruned(inner, member, at, problems, inner['x-kubernetes-embedded-resource'] ?? false))
      else if (schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties === true) {
        setOwn(out, key, pruned(undefined, member, at, problems, false))
      } else if (problems && problems.length < MAX_PROBLEMS) problems.push(`unknown field ${JSON.stringify(shownPath(at))}`)
    }
  }
  return out
}
