/** What a JSONPath of a definition names; compiled once. */
export type JsonPath = (object: unknown) => readonly unknown[]

type Step = (value: unknown) => readonly unknown[]

const own = (value: unknown, key: string): readonly unknown[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : []
const all: Step = value => (Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : [])
const at =
  (index: number): Step =>
  value =>
    Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []

const TOKEN =
  /\.([A-Za-z_][\w-]*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|(\[\*\]|\.\*)|\[\?\(\s*@\.([\w.-]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|(true|false|-?\d+))\s*\)\]/y

/**
 * The JSONPaths that definitions use: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `[0]`, `[*]`,
 * `['a.b']`. Undefined for anything else.
 */
export function compileJsonPath(path: string): JsonPath | undefined {
  const text = path.startsWith('$') ? path.slice(1) : path
  if (!text.startsWith('.') && !text.startsWith('[')) return undefined
  const steps: Step[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text)
    if (!token) return undefined
    const [, name, single, double, index, star, field, operator, text1, text2, bare] = token
    const key = name ?? (single ?? double)?.replace(/\\(.)/g, '$1')
    if (key !== undefined) steps.push(value => own(value, key))
    else if (index !== undefined) steps.push(at(Number(index)))
    else if (star !== undefined) steps.push(all)
    else {
      const parts = field!.split('.')
      const wanted = text1 ?? text2 ?? bare
      const holds = (item: unknown): boolean => {
        const found = parts.reduce<readonly unknown[]>((values, part) => values.flatMap(value => own(value, part)), [item])[0]
        return found !== undefined && (String(found) === wanted) === (operator === '==')
      }
      steps.push(value => (Array.isArray(value) ? value.filter(holds) : []))
    }
  }
  return object => steps.reduce<readonly unknown[]>((values, step) => values.flatMap(value => step(value)), [object])
}
