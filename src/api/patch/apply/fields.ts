/**
 * A set of fields in the form the API carries it (FieldsV1): a tree whose keys are path elements (`f:name`, `k:{"name":"c"}`,
 * `v:"x"`). A node without members, or with a member `.`, is itself in the set; the root never is, so an empty root is the
 * empty set. Sets are never changed once made.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet
}
type Building = Record<string, FieldSet>

export const LEAF: FieldSet = Object.freeze({})
export const NONE: FieldSet = LEAF

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** Whether the place a node stands for is itself in the set. */
export const isMember = (node: FieldSet): boolean => '.' in node || isEmpty(node)

/** A node from what is below it, and whether it is itself in the set; undefined when neither says anything. */
function node(member: boolean, children: Building): FieldSet | undefined {
  if (isEmpty(children)) return member ? LEAF : undefined
  return member ? { '.': LEAF, ...children } : children
}

export const union = (a: FieldSet, b: FieldSet): FieldSet => (a === b || isEmpty(b) ? a : isEmpty(a) ? b : united(a, b, false))

function united(a: FieldSet, b: FieldSet, member: boolean): FieldSet {
  const children: Building = {}
  for (const key in a) if (key !== '.') children[key] = key in b ? unitedNodes(a[key]!, b[key]!) : a[key]!
  for (const key in b) if (key !== '.' && !(key in a)) children[key] = b[key]!
  return node(member, children) ?? NONE
}
const unitedNodes = (a: FieldSet, b: FieldSet): FieldSet => (a === b ? a : united(a, b, isMember(a) || isMember(b)))

/** Whether everything in `b` is in `a`: their union is `a`. */
export function covers(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  for (const key in b) {
    if (key === '.') continue
    if (!(key in a)) return false
    const [inner, other] = [a[key]!, b[key]!]
    if (inner !== other && ((isMember(other) && !isMember(inner)) || !covers(inner, other))) return false
  }
  return true
}

/** What is in `a` and not in `b`; a place in `b` takes only itself out, not what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return NONE
  if (isEmpty(a) || isEmpty(b)) return a
  return differ(a, b, false) ?? NONE
}

function differ(a: FieldSet, b: FieldSet, member: boolean): FieldSet | undefined {
  const children: Building = {}
  let changed = false
  for (const key in a) {
    if (key === '.') continue
    const inner = a[key]!
    if (!(key in b)) {
      children[key] = inner
      continue
    }
    const other = b[key]!
    const rest = inner === other ? undefined : differ(inner, other, isMember(inner) && !isMember(other))
    if (rest !== inner) changed = true
    if (rest) children[key] = rest
  }
  return changed || member !== isMember(a) ? node(member, children) : a
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return NONE
  return a === b ? a : (intersect(a, b, false) ?? NONE)
}

function intersect(a: FieldSet, b: FieldSet, member: boolean): FieldSet | undefined {
  const children: Building = {}
  for (const key in a) {
    if (key === '.' || !(key in b)) continue
    const inner = a[key]!
    const other = b[key]!
    const both = inner === other ? inner : intersect(inner, other, isMember(inner) && isMember(other))
    if (both) children[key] = both
  }
  return node(member, children)
}

/** Without these elements of the root, and all below them. */
export function without(set: FieldSet, elements: readonly string[]): FieldSet {
  if (!elements.some(element => element in set)) return set
  const rest: Building = {}
  for (const key in set) if (!elements.includes(key)) rest[key] = set[key]!
  return rest
}

/** The same set, in which every named field that holds something of the set is in it too. */
export function withNamedFields(set: FieldSet): FieldSet {
  const out: Building = {}
  for (const key in set) {
    if (key === '.') continue
    const inner = set[key]!
    if (isEmpty(inner)) out[key] = inner
    else {
      const named = withNamedFields(inner)
      out[key] = key.startsWith('f:') || '.' in inner ? { '.': LEAF, ...named } : named
    }
  }
  return out
}

/** The paths in a set as upstream writes them: `.spec.containers[name="c"].image`; those of each level, in order, before what lies deeper. */
export function pathsOf(set: FieldSet): readonly string[] {
  const paths: string[] = []
  collect(set, '', paths)
  return paths
}

function collect(set: FieldSet, prefix: string, paths: string[]): void {
  const keys = Object.keys(set)
    .filter(key => key !== '.')
    .sort()
  for (const key of keys) if (isMember(set[key]!)) paths.push(prefix + shownElement(key))
  for (const key of keys) collect(set[key]!, prefix + shownElement(key), paths)
}

function shownElement(element: string): string {
  const text = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${text}`
    case 'k': {
      const key = JSON.parse(text) as Record<string, unknown>
      return `[${Object.keys(key)
        .map(name => `${name}=${JSON.stringify(key[name])}`)
        .join(',')}]`
    }
    case 'v':
      return `[=${text}]`
    default:
      return `[${text}]`
  }
}

const ELEMENT = /^(?:\.$|f:.|k:\{.*\}$|v:.|i:-?\d+$)/s

/** Whether a value is a set of fields that a client may have sent. */
export function isFieldSet(value: unknown, depth = 0): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > 500) return false
  for (const key of Object.keys(value)) {
    if (!ELEMENT.test(key) || !isFieldSet((value as Record<string, unknown>)[key], depth + 1)) return false
    if ((key.startsWith('k:') || key.startsWith('v:')) && !isJson(key.slice(2))) return false
  }
  return true
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
