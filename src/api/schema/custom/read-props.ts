import { setOwn } from '../plain.ts'
import { type Form, MEMBERS } from './check-types.ts'
import { isFields } from './props.ts'

/** Members that a schema may not have in a definition, but that are known: their refusal says more than that they are not. */
const REFUSED: Readonly<Record<string, Form>> = {
  id: 'text',
  $schema: 'text',
  $ref: 'text',
  additionalItems: 'schema or flag',
  patternProperties: 'properties',
  definitions: 'properties',
  dependencies: 'any',
  externalDocs: 'any',
}
const KNOWN: Readonly<Record<string, Form>> = { ...REFUSED, ...MEMBERS }
const RULE: ReadonlySet<string> = new Set(['rule', 'message', 'messageExpression', 'reason', 'fieldPath', 'optionalOldSelf'])

type Path = readonly (string | number)[]

/**
 * The schema in a definition as it is kept: `null` says nothing, among the properties or in a list it is an empty schema, and
 * what no schema has is left out, `unknown` being told where it stood. Of what has the wrong type validation speaks.
 */
export function readProps(value: unknown, unknown: (path: Path) => void, path: Path = []): unknown {
  if (!isFields(value)) return value
  const out: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, name]
    const form = Object.hasOwn(KNOWN, name) ? KNOWN[name]! : undefined
    if (form === undefined) unknown(at)
    else if (member !== null && member !== undefined) out[name] = readMember(form, member, unknown, at)
  }
  return out
}

function readMember(form: Form, value: unknown, unknown: (path: Path) => void, path: Path): unknown {
  const schema = (one: unknown, at: Path) => readProps(one ?? {}, unknown, at)
  const each = (read: (one: unknown, at: Path) => unknown) => (Array.isArray(value) ? value.map((one, i) => read(one, [...path, i])) : value)
  switch (form) {
    case 'schema':
    case 'schema or flag':
      return readProps(value, unknown, path)
    case 'schemas':
      return each(schema)
    case 'schema or schemas':
      return Array.isArray(value) ? each(schema) : readProps(value, unknown, path)
    case 'properties': {
      if (!isFields(value)) return value
      const out: Record<string, unknown> = {}
      for (const [name, property] of Object.entries(value)) setOwn(out, name, schema(property, [...path, name]))
      return out
    }
    case 'rules':
      return each((rule, at) => readRule(rule ?? {}, unknown, at))
    default:
      return value
  }
}

function readRule(rule: unknown, unknown: (path: Path) => void, path: Path): unknown {
  if (!isFields(rule)) return rule
  const out: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(rule)) {
    if (!RULE.has(name)) unknown([...path, name])
    else if (member !== null && member !== undefined) out[name] = member
  }
  return out
}
