import { compareKeys } from '../../../base/sorted-keys.ts'
import type { Volume } from '../../types/core/volume.ts'

type Items = readonly { readonly path: string }[] | undefined
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number]

interface Placed {
  readonly path: string
  /** Where it comes from, if there are several sources. */
  readonly source: string
}

const placed = (items: Items, source = ''): readonly Placed[] => (items ?? []).map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }))
const named = (kind: string, name: string | undefined): string => `${kind} ${JSON.stringify(name ?? '')}`

function pathsOf({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }: Projection): readonly Placed[] {
  if (configMap) return placed(configMap.items, named('ConfigMap', configMap.name))
  if (secret) return placed(secret.items, named('Secret', secret.name))
  if (downwardAPI) return placed(downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken) return placed([serviceAccountToken], 'ServiceAccountToken')
  if (clusterTrustBundle) return placed([clusterTrustBundle], named('ClusterTrustBundle', clusterTrustBundle.name ?? clusterTrustBundle.signerName))
  return [
    ...fileOf(podCertificate?.certificateChainPath, 'PodCertificate chain'),
    ...fileOf(podCertificate?.keyPath, 'PodCertificate key'),
    ...fileOf(podCertificate?.credentialBundlePath, 'PodCertificate credential bundle'),
  ]
}
const fileOf = (path: string | undefined, source: string): readonly Placed[] => (path ? placed([{ path }], source) : [])

const shown = ({ path, source }: Placed): string => (source ? `${JSON.stringify(path)} (${source})` : JSON.stringify(path))
const holds = (outer: string, inner: string): boolean => `${inner}/`.startsWith(`${outer}/`)

/** Of one volume; who has this many wrong needs no more of them. */
const MOST_TOLD = 100

/** Each path with those before it that are the same, hold it, or lie in it. In order of name, what a path holds follows it at once. */
function overlaps(paths: readonly Placed[]): readonly string[] {
  const sorted = paths.flatMap(({ path }, at) => (path === '' ? [] : [{ path, at }])).sort((a, b) => compareKeys(`${a.path}/`, `${b.path}/`) || a.at - b.at)
  const pairs: (readonly [number, number])[] = []
  const around: typeof sorted = []
  for (const one of sorted) {
    while (around.length > 0 && !holds(around.at(-1)!.path, one.path)) around.pop()
    for (const { at } of around) if (pairs.length < MOST_TOLD) pairs.push(at < one.at ? [one.at, at] : [at, one.at])
    around.push(one)
    if (pairs.length >= MOST_TOLD) break
  }
  pairs.sort(([a, b], [c, d]) => a - c || b - d)
  return pairs.map(([one, other]) => `${shown(paths[one]!)} with ${shown(paths[other]!)}`)
}

/** Files of a volume of which one hides another, or cannot be made. */
export function overlappingPaths({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const found: string[] = []
  const tell = (what: string, paths: readonly Placed[]) => {
    for (const text of overlaps(paths)) found.push(`volume ${JSON.stringify(name)} (${what}): overlapping paths: ${text}`)
  }
  if (configMap) tell(named('ConfigMap', configMap.name), placed(configMap.items))
  if (secret) tell(named('Secret', secret.secretName), placed(secret.items))
  if (downwardAPI) tell('DownwardAPI', placed(downwardAPI.items))
  for (const source of projected?.sources ?? []) {
    if (Object.keys(source).length === 0) found.push(`volume ${JSON.stringify(name)} (Projected) has no sources provided`)
  }
  if (projected) tell('Projected', (projected.sources ?? []).flatMap(pathsOf))
  return found
}
