/** How far the packages of the lockfile are behind what is published: a fix that nobody has published cannot be taken. */

/** As `package-lock.json` has them, by their paths. */
export type Locked = Readonly<Record<string, { readonly version?: string; readonly name?: string; readonly link?: boolean }>>

export interface Behind {
  /** `NAME VERSION: NEWER is out`, one for each package of which its own major version has a newer release. */
  readonly outdated: readonly string[]
  /** The same for those that are the newest of a major version that has a successor. */
  readonly elder: readonly string[]
  /** How many are the newest there is. */
  readonly newest: number
}

/** The names and versions of all packages, each once. */
export function packagesOf(locked: Locked): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const [path, { version, name, link }] of Object.entries(locked)) {
    const place = path.lastIndexOf('node_modules/')
    if (place < 0 || link || version === undefined) continue
    const own = name ?? path.slice(place + 'node_modules/'.length)
    found.set(own, (found.get(own) ?? new Set()).add(version))
  }
  return found
}

/** `published`: the versions of each package, in any order. Prereleases are no releases. */
export function compareWithPublished(packages: ReadonlyMap<string, ReadonlySet<string>>, published: (name: string) => readonly string[]): Behind {
  const outdated: string[] = []
  const elder: string[] = []
  let newest = 0
  for (const [name, versions] of packages) {
    const releases = published(name).filter(version => /^\d+\.\d+\.\d+$/.test(version))
    for (const version of versions) {
      const newer = releases.filter(other => byVersion(other, version) > 0).sort(byVersion)
      const major = `${version.split('.')[0]}.`
      const same = newer.filter(other => other.startsWith(major)).at(-1)
      if (same !== undefined) outdated.push(`${name} ${version}: ${same} is out`)
      else if (newer.length > 0) elder.push(`${name} ${version}: ${newer.at(-1)} is out`)
      else newest++
    }
  }
  return { outdated, elder, newest }
}

const byVersion = (a: string, b: string): number => {
  const [left, right] = [a, b].map(version => version.split('.').map(Number))
  const at = left!.findIndex((part, n) => part !== right![n])
  return at < 0 ? 0 : left![at]! - right![at]!
}
