import { type Signature, signature } from '../signature.ts'
import { CelFailure, Opaque } from '../values.ts'

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly before: readonly string[]
}

const SYNTAX =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/

function read(text: string, normalize: boolean): Version | undefined {
  const match = SYNTAX.exec(normalize ? normal(text) : text)
  if (!match) return undefined
  return { numbers: [BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], before: match[4]?.split('.') ?? [] }
}

/** Without a leading `v` and leading zeros, and with three numbers. */
function normal(text: string): string {
  const [major = '', minor, ...rest] = text.replace(/^v/, '').split('.')
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length > 0 ? [rest.join('.')] : [])].map(part => part.replace(/^0+(?=\d)/, ''))
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) return ''
  return [...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.')
}

function compare(a: Version, b: Version): -1 | 0 | 1 {
  for (const [i, number] of a.numbers.entries()) if (number !== b.numbers[i]) return number < b.numbers[i]! ? -1 : 1
  if (a.before.length === 0 || b.before.length === 0) return a.before.length === b.before.length ? 0 : a.before.length === 0 ? 1 : -1
  for (const [i, part] of a.before.entries()) {
    const other = b.before[i]
    if (other === undefined) return 1
    if (part === other) continue
    const numeric = [part, other].map(one => /^\d+$/.test(one))
    if (numeric[0] && numeric[1]) return BigInt(part) < BigInt(other) ? -1 : 1
    return numeric[0] ? -1 : numeric[1] ? 1 : part < other ? -1 : 1
  }
  return a.before.length < b.before.length ? -1 : 0
}

function semver(text: string, normalize = false): Opaque {
  const version = read(text, normalize)
  if (!version) throw new CelFailure(`No Major.Minor.Patch elements found`)
  return new Opaque('kubernetes.Semver', [version.numbers.join('.'), ...version.before].join('-'), version)
}

const versionOf = (value: Opaque): Version => value.data as Version

export const semvers: readonly Signature[] = [
  signature<[string]>('semver(string): kubernetes.Semver', text => semver(text)),
  signature<[string, boolean]>('semver(string, bool): kubernetes.Semver', semver),
  signature<[string]>('isSemver(string): bool', text => read(text, false) !== undefined),
  signature<[string, boolean]>('isSemver(string, bool): bool', (text, normalize) => read(text, normalize) !== undefined),
  signature<[Opaque]>('kubernetes.Semver::major(): int', value => versionOf(value).numbers[0]),
  signature<[Opaque]>('kubernetes.Semver::minor(): int', value => versionOf(value).numbers[1]),
  signature<[Opaque]>('kubernetes.Semver::patch(): int', value => versionOf(value).numbers[2]),
  signature<[Opaque, Opaque]>('kubernetes.Semver::isGreaterThan(kubernetes.Semver): bool', (a, b) => compare(versionOf(a), versionOf(b)) > 0),
  signature<[Opaque, Opaque]>('kubernetes.Semver::isLessThan(kubernetes.Semver): bool', (a, b) => compare(versionOf(a), versionOf(b)) < 0),
  signature<[Opaque, Opaque]>('kubernetes.Semver::compareTo(kubernetes.Semver): int', (a, b) => BigInt(compare(versionOf(a), versionOf(b)))),
]
