/**
 * The rules for names. Each check returns what is wrong in upstream's words, and the same frozen empty list when nothing is:
 * validation runs on every write, so nothing is allocated for what is right.
 */

export type Problems = readonly string[]
export const FINE: Problems = Object.freeze([])

const isLower = (c: number): boolean => c >= 97 && c <= 122
const isUpper = (c: number): boolean => c >= 65 && c <= 90
const isDigit = (c: number): boolean => c >= 48 && c <= 57
const isLowerAlnum = (c: number): boolean => isLower(c) || isDigit(c)
const isAlnum = (c: number): boolean => isLower(c) || isDigit(c) || isUpper(c)
const DASH = 45
const DOT = 46
const UNDERSCORE = 95

const rule = (what: string, regex: string, ...examples: readonly string[]): string =>
  `${what} (${examples.length > 0 ? `e.g. ${examples.map(e => `'${e}', `).join(' or ')}` : ''}regex used for validation is '${regex}')`
const atMostBytes = (bytes: number): string => `must be no more than ${bytes} bytes`
export const atMost = (characters: number): string => `must be no more than ${characters} characters`
const EMPTY = 'must be non-empty'

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const DNS_LABEL = rule(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
)
const DNS_SUBDOMAIN = rule(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  `${LABEL}(\\.${LABEL})*`,
  'example.com',
)
const SEARCHED = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SEARCH_DOMAIN = rule(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${SEARCHED}(\\.${SEARCHED})*`,
  'example.com',
)
const DNS_1035 = rule(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
)
const WILDCARD = rule(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${LABEL}(\\.${LABEL})*`,
  '*.example.com',
)
const QUALIFIED = rule(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  'MyName',
  'my.name',
  '123-abc',
)
const LABEL_VALUE = rule(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  'MyValue',
  'my_value',
  '12345',
)
const CONFIG_KEY = rule("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name')
const HEADER = rule("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')
const PERCENT = rule("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')

/** Whether `text[from, to)` is letters and digits, with `-` allowed between. */
function isLabelAt(text: string, from: number, to: number): boolean {
  if (from >= to || !isLowerAlnum(text.charCodeAt(from)) || !isLowerAlnum(text.charCodeAt(to - 1))) return false
  for (let i = from + 1; i < to - 1; i++) {
    const c = text.charCodeAt(i)
    if (!isLowerAlnum(c) && c !== DASH) return false
  }
  return true
}

function isSubdomain(text: string): boolean {
  let from = 0
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && text.charCodeAt(i) !== DOT) continue
    if (!isLabelAt(text, from, i)) return false
    from = i + 1
  }
  return true
}

/** Letters, digits, `-`, `_`, `.`; the ends must be letters or digits. */
function isName(text: string, from: number): boolean {
  const last = text.length - 1
  if (from > last || !isAlnum(text.charCodeAt(from)) || !isAlnum(text.charCodeAt(last))) return false
  for (let i = from + 1; i < last; i++) {
    const c = text.charCodeAt(i)
    if (!isAlnum(c) && c !== DASH && c !== UNDERSCORE && c !== DOT) return false
  }
  return true
}

/** A problem list of those that apply, in order. */
function problems(...found: readonly (string | false)[]): Problems {
  const wrong = found.filter(p => p !== false)
  return wrong.length === 0 ? FINE : wrong
}

export function dnsLabel(text: string): Problems {
  const fits = text.length <= 63
  if (fits && isLabelAt(text, 0, text.length)) return FINE
  return problems(!fits && atMost(63), !isLabelAt(text, 0, text.length) && DNS_LABEL)
}

export function dnsSubdomain(text: string): Problems {
  const fits = text.length <= 253
  if (fits && isSubdomain(text)) return FINE
  return problems(!fits && atMost(253), !isSubdomain(text) && DNS_SUBDOMAIN)
}

/** A domain that resolvers search: a subdomain whose labels may hold underscores, except at their end. */
export function searchDomain(text: string): Problems {
  const fits = text.length <= 253
  const right = text.split('.').every(label => {
    const plain = (label.startsWith('_') ? label.slice(1) : label).replaceAll('_', '-')
    return isLabelAt(plain, 0, plain.length)
  })
  return fits && right ? FINE : problems(!fits && atMost(253), !right && SEARCH_DOMAIN)
}

/** A label that starts with a letter: names of Services before 1.35 and of their ports' DNS records. */
export function dns1035Label(text: string): Problems {
  const fits = text.length <= 63
  const right = isLabelAt(text, 0, text.length) && isLower(text.charCodeAt(0))
  return fits && right ? FINE : problems(!fits && atMost(63), !right && DNS_1035)
}

/** `*.` and a subdomain. */
export function wildcardSubdomain(text: string): Problems {
  const fits = text.length <= 253
  const right = text.startsWith('*.') && isSubdomain(text.slice(2))
  return fits && right ? FINE : problems(!fits && atMost(253), !right && WILDCARD)
}

/** `name` or `dns.subdomain/name`: keys of labels and annotations, finalizers, condition types. */
export function qualifiedName(text: string): Problems {
  const slash = text.indexOf('/')
  if (slash >= 0 && text.indexOf('/', slash + 1) >= 0) {
    return [`a valid label key ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const nameAt = slash + 1
  const nameFits = text.length - nameAt <= 63
  const right = nameFits && isName(text, nameAt)
  if (slash < 0 && right) return FINE
  const prefix = slash < 0 ? undefined : text.slice(0, slash)
  const prefixProblems = prefix === undefined ? FINE : prefix === '' ? [EMPTY] : dnsSubdomain(prefix)
  if (right && prefixProblems.length === 0) return FINE
  return [
    ...prefixProblems.map(p => `prefix part ${p === atMost(253) ? atMostBytes(253) : p}`),
    ...(nameAt === text.length ? [`name part ${EMPTY}`] : []),
    ...(nameFits ? [] : [`name part ${atMostBytes(63)}`]),
    ...(isName(text, nameAt) ? [] : [`name part ${QUALIFIED}`]),
  ]
}

export function labelValue(text: string): Problems {
  const fits = text.length <= 63
  const right = text.length === 0 || isName(text, 0)
  return fits && right ? FINE : problems(!fits && atMostBytes(63), !right && LABEL_VALUE)
}

/** What a name needs to be one segment of a URL path: names of RBAC objects. */
export function pathSegment(text: string, prefix = false): Problems {
  if (!prefix && text === '.') return ["may not be '.'"]
  if (!prefix && text === '..') return ["may not be '..'"]
  if (!text.includes('/') && !text.includes('%')) return FINE
  return problems(text.includes('/') && "may not contain '/'", text.includes('%') && "may not contain '%'")
}

const isConfigChar = (c: number): boolean => isAlnum(c) || c === DASH || c === UNDERSCORE || c === DOT

/** A key of a ConfigMap or Secret, which becomes a file name. */
export function configMapKey(text: string): Problems {
  let right = text.length > 0
  for (let i = 0; right && i < text.length; i++) right = isConfigChar(text.charCodeAt(i))
  if (right && text.length <= 253 && text.charCodeAt(0) !== DOT) return FINE
  return problems(
    text.length > 253 && atMost(253),
    !right && CONFIG_KEY,
    text === '.' && "must not be '.'",
    text === '..' && "must not be '..'",
    text.length > 2 && text.startsWith('..') && "must not start with '..'",
  )
}

/** Any printable ASCII without `=`. */
export function envVarName(text: string): Problems {
  if (text.length === 0) return [`environment variable name ${EMPTY}`]
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < 32 || c > 126 || c === 61) return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
  }
  return FINE
}

/** An IANA service name, as container ports have. */
export function portName(text: string): Problems {
  let plain = true
  let letter = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (isLower(c)) letter = true
    else if (!isDigit(c) && c !== DASH) plain = false
  }
  const ends = text.length > 0 && (text.startsWith('-') || text.endsWith('-'))
  if (plain && letter && !ends && text.length <= 15 && !text.includes('--')) return FINE
  return problems(
    text.length > 15 && atMost(15),
    (!plain || text.length === 0) && 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    !letter && 'must contain at least one letter (a-z)',
    text.includes('--') && 'must not contain consecutive hyphens',
    ends && 'must not begin or end with a hyphen',
  )
}

export const portNumber = (port: number): Problems => (port >= 1 && port <= 65535 ? FINE : ['must be between 1 and 65535, inclusive'])

export function headerName(text: string): Problems {
  let right = text.length > 0
  for (let i = 0; right && i < text.length; i++) right = isAlnum(text.charCodeAt(i)) || text.charCodeAt(i) === DASH
  return right ? FINE : [HEADER]
}

/** Digits and a `%`. */
export function percent(text: string): Problems {
  let right = text.length > 1 && text.endsWith('%')
  for (let i = 0; right && i < text.length - 1; i++) right = isDigit(text.charCodeAt(i))
  return right ? FINE : [PERCENT]
}

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789'
/** Room that a generated suffix needs in a name of 63 characters. */
const LONGEST_BASE = 58

/** A name made from a `generateName` prefix; `random` returns integers in [0, n). */
export function generatedName(prefix: string, random: (n: number) => number): string {
  let name = prefix.length > LONGEST_BASE ? prefix.slice(0, LONGEST_BASE) : prefix
  for (let i = 0; i < 5; i++) name += SUFFIX[random(SUFFIX.length)]
  return name
}
