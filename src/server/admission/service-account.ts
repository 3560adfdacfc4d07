import { createHash } from 'node:crypto'
import type { Draft } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import { forbidden } from '../../api/meta/status.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { ServiceAccount } from '../../api/types/core/service-account.ts'
import { sleep } from '../../base/clock.ts'
import { deepFreeze } from '../../base/freeze.ts'
import type { AdmissionPlugin, AdmissionRequest, AdmissionView } from './plugin.ts'

const ACCOUNTS = { group: '', resource: 'serviceaccounts' }
const MIRROR = 'kubernetes.io/config.mirror'
const VOLUME_PREFIX = 'kube-api-access-'
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const TOKEN_SECONDS = 3607
/** A new namespace has its default account in a moment. */
const TRIES = 10
const TRY_AGAIN_MS = 100

/** Every pod runs as an account of its namespace, finds that account's token mounted, and pulls with the account's secrets. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  on: ['pods'],
  operations: ['create'],
  mutate(request, view) {
    const pod = request.object as Draft<Pod>
    if (pod.metadata.annotations?.[MIRROR] !== undefined) return checkMirror(request, pod)
    const { spec } = pod
    const name = spec.serviceAccountName || spec.serviceAccount || 'default'
    spec.serviceAccountName = name
    spec.serviceAccount = name
    const account = view.get<ServiceAccount>(ACCOUNTS, request.namespace, name)
    if (account) return runAs(pod, account)
    if (name !== 'default') throw missing(request, name)
    return waitForDefault(request, view, pod)
  },
}

/** A mirror shows what a node runs by itself: it has no account and no secrets of the API. */
function checkMirror({ kind, name }: AdmissionRequest, { spec }: Draft<Pod>): undefined {
  if (spec.serviceAccountName || spec.serviceAccount) throw forbidden(kind, name, 'a mirror pod may not reference service accounts')
  for (const volume of spec.volumes ?? []) {
    if (volume.secret) throw forbidden(kind, name, 'a mirror pod may not reference secrets')
    if (volume.projected?.sources?.some(source => source.serviceAccountToken)) {
      throw forbidden(kind, name, 'a mirror pod may not use ServiceAccountToken volume projections')
    }
  }
}

const missing = ({ kind, name, namespace }: AdmissionRequest, account: string) =>
  forbidden(kind, name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`)

async function waitForDefault(request: AdmissionRequest, view: AdmissionView, pod: Draft<Pod>): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    await sleep(view.clock, TRY_AGAIN_MS)
    const account = view.get<ServiceAccount>(ACCOUNTS, request.namespace, 'default')
    if (account) return runAs(pod, account)
  }
  throw missing(request, 'default')
}

function runAs(pod: Draft<Pod>, account: ServiceAccount): undefined {
  const { spec } = pod
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, account)
  if ((spec.imagePullSecrets?.length ?? 0) === 0 && (account.imagePullSecrets?.length ?? 0) > 0) {
    spec.imagePullSecrets = account.imagePullSecrets!.map(secret => ({ ...secret }))
  }
}

function mountToken(pod: Draft<Pod>, account: ServiceAccount): void {
  const { spec } = pod
  const present = spec.volumes?.find(volume => volume.name.startsWith(VOLUME_PREFIX))
  const name = present?.name ?? volumeName(pod, account)
  let used = false
  for (const part of ['initContainers', 'containers'] as const) {
    const containers = spec[part]
    if (!containers?.some(needsToken)) continue
    spec[part] = containers.map(container => (needsToken(container) ? withToken(container, name) : container))
    used = true
  }
  if (used && !present) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

const needsToken = ({ volumeMounts }: Draft<Container>): boolean => !volumeMounts?.some(mount => mount.mountPath === MOUNT_PATH)

/** Of containers that many pods share, what they become: they go on sharing it. */
const mounted = new WeakMap<Draft<Container>, { readonly name: string; readonly container: Draft<Container> }>()

function withToken(container: Draft<Container>, name: string): Draft<Container> {
  const known = mounted.get(container)
  if (known?.name === name) return known.container
  const mount = { name, readOnly: true, mountPath: MOUNT_PATH }
  const changed = { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] }
  if (Object.isFrozen(container)) mounted.set(container, { name, container: deepFreeze(changed) })
  return changed
}

const MOST_VOLUMES = 256
const volumes = new Map<string, ReturnType<typeof newTokenVolume>>()

/** The same one for all pods of one owner, as its name is. */
function tokenVolume(name: string) {
  let volume = volumes.get(name)
  if (volume === undefined) {
    if (volumes.size >= MOST_VOLUMES) volumes.clear()
    volume = deepFreeze(newTokenVolume(name))
    volumes.set(name, volume)
  }
  return volume
}

const newTokenVolume = (name: string) => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 0o644,
  },
})

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const names = new Map<string, string>()
const MOST_NAMES = 10_000

/**
 * `kube-api-access-` and five characters: the same ones for all pods of one owner, and for all that have none, so that what the cache
 * holds of them can be shared. No volume of the pod begins so.
 */
function volumeName(pod: Draft<Pod>, account: ServiceAccount): string {
  const owner = controllerOf(pod as Pod)?.uid ?? ''
  const key = `${account.metadata.uid}/${owner}`
  let name = names.get(key)
  if (name === undefined) {
    const hash = createHash('sha256').update(key).digest()
    name = VOLUME_PREFIX + Array.from({ length: 5 }, (_, i) => LETTERS[hash[i]! % LETTERS.length]).join('')
    if (names.size >= MOST_NAMES) names.clear()
    names.set(key, name)
  }
  return name
}
