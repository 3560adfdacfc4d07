const RESERVED = new Set('true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '))
const SIGNS: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }

/** The names by which expressions call a property: one that is a word of theirs by itself, too (`self.namespace`). */
export function namesOf(name: string): readonly string[] {
  const escaped = escapeName(name)
  return escaped === undefined ? [] : RESERVED.has(name) ? [escaped, name] : [escaped]
}

/** The name by which an expression calls a property (`x-y` is `x__dash__y`); undefined where it cannot. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][\w.\-/]*$/.test(name)) return undefined
  if (RESERVED.has(name)) return `__${name}__`
  return name.replace(/__|[-./]/g, sign => SIGNS[sign]!)
}
