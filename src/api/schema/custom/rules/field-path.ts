import { type JsonSchemaProps, propertyOf, valuesOf } from '../props.ts'

const STEP = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y
const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' }

/** A rule's `fieldPath` as it is shown behind the path of its schema (`.a['x.y']` is `a.x.y`); undefined if it leads nowhere. */
export function readFieldPath(schema: JsonSchemaProps, path: string): string | undefined {
  let at: JsonSchemaProps | undefined = schema
  let shown = ''
  STEP.lastIndex = 0
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path)
    if (!step || !at) return undefined
    const name = step[1] ?? step[2]!.replace(/\\(.)/g, (whole, one: string) => ESCAPES[one] ?? whole)
    const inner: JsonSchemaProps | undefined = at.properties ? propertyOf(at, name) : valuesOf(at)
    if (!inner) return undefined
    shown += at.properties ? `${shown && '.'}${name}` : `[${name}]`
    at = inner
  }
  return shown || undefined
}
