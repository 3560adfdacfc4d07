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

/** Each path with each one before it that is the same, holds it, or lies in it. */
function overlaps(paths: readonly Placed[]): readonly string[] {
  return paths.flatMap((one, i) =>
    paths
      .slice(0, i)
      .filter(other => one.path !== '' && other.path !== '' && (holds(one.path, other.path) || holds(other.path, one.path)))
      .map(other => `${shown(one)} with ${shown(other)}`),
  )
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
